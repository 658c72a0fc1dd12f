#include "worker/training/cross_validation.h"

#include <algorithm>
#include <map>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "core/check.h"
#include "core/network_metrics.h"
#include "core/status_macros.h"

namespace attune {

CrossValidation::CrossValidation(std::vector<std::unique_ptr<TrialRun>> folds) {
  ATTUNE_CHECK(!folds.empty());
  for (std::unique_ptr<TrialRun>& run : folds) {
    folds_.push_back({.run = std::move(run)});
  }
}

absl::StatusOr<std::variant<Measurement, Outcome>> CrossValidation::Advance(
    std::stop_token stop) {
  bool is_finished = true;
  for (size_t i = 0; i < folds_.size(); ++i) {
    Fold& fold = folds_[i];
    if (fold.is_finished) continue;
    ATTUNE_ASSIGN_OR_RETURN(auto news, fold.run->Advance(stop));
    if (auto* measurement = std::get_if<Measurement>(&news)) {
      fold.last = std::move(*measurement);
      is_finished = false;
      continue;
    }
    auto& outcome = std::get<Outcome>(news);
    if (auto* diverged = std::get_if<Diverged>(&outcome)) {
      return Outcome(Diverged{
          .reason = absl::StrCat("in fold ", i, " ", diverged->reason)});
    }
    fold.is_finished = true;
  }
  if (is_finished) return Outcome(Finished{});
  return Mean();
}

Measurement CrossValidation::Mean() const {
  Measurement mean;
  std::map<std::string, int> counts;
  for (const Fold& fold : folds_) {
    mean.step = std::max(mean.step, fold.last.step);
    for (const auto& [metric, value] : fold.last.metrics) {
      mean.metrics[metric] += value;
      ++counts[metric];
    }
  }
  for (auto& [metric, value] : mean.metrics) {
    if (metric != kElapsedSeconds) value /= counts.at(metric);
  }
  return mean;
}

}  // namespace attune

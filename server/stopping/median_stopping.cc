#include "server/stopping/median_stopping.h"

#include <optional>
#include <vector>

#include "absl/strings/str_cat.h"
#include "core/ranking.h"

namespace attune {
namespace {

double Best(const Curve& curve, Goal goal) {
  double best = curve.begin()->second;
  for (const auto& [step, value] : curve) {
    if (Better(value, best, goal)) best = value;
  }
  return best;
}

// NaN if a value is: a curve that has one is as bad as its NaN.
std::optional<double> MeanUpTo(const Curve& curve, int64_t last_step) {
  double sum = 0.0;
  int64_t count = 0;
  for (const auto& [step, value] : curve) {
    if (step > last_step) break;
    sum += value;
    ++count;
  }
  if (count == 0) return std::nullopt;
  return sum / static_cast<double>(count);
}

}  // namespace

StopDecision DecideMedian(const RuleSettings& settings, const Objective& metric,
                          const StoppingView& view) {
  if (view.trial.empty() || view.completed < settings.Int("min_trials"))
    return {};
  const int64_t step = view.trial.rbegin()->first;
  if (step < settings.Int("warmup_steps")) return {};
  std::vector<double> means;
  means.reserve(view.finished.size());
  for (const auto& [number, curve] : view.finished) {
    const std::optional<double> mean = MeanUpTo(curve, step);
    if (mean.has_value()) means.push_back(*mean);
  }
  const size_t count = means.size();
  const std::optional<double> median = Median(std::move(means), metric.goal);
  const double best = Best(view.trial, metric.goal);
  if (!median.has_value() || !Better(*median, best, metric.goal)) return {};
  return {true, absl::StrCat("best ", metric.metric, " up to step ", step,
                             " is ", best, ", worse than ", *median,
                             ", the median of the averages of ", count,
                             " finished trials")};
}

}  // namespace attune

#include "server/trial_progress.h"

#include "absl/strings/str_cat.h"

namespace attune {

bool TrialProgress::Add(const Measurement& measurement) {
  if (!steps_.insert(measurement.step).second) return false;
  for (const auto& [name, value] : measurement.metrics) {
    const Value seen{.step = measurement.step, .value = value};
    auto [place, is_new] = latest_.try_emplace(name, seen);
    if (!is_new && seen.step > place->second.step) place->second = seen;
    if (name == curve_metric_) curve_.emplace(measurement.step, value);
  }
  return true;
}

const double* TrialProgress::Latest(absl::string_view metric) const {
  const auto found = latest_.find(std::string(metric));
  return found == latest_.end() ? nullptr : &found->second.value;
}

std::string TrialProgress::MetricNames() const {
  std::string names;
  for (const auto& [name, value] : latest_) {
    absl::StrAppend(&names, names.empty() ? "" : ", ", name);
  }
  return names;
}

}  // namespace attune

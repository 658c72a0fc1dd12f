#ifndef ATTUNE_SERVER_TRIAL_PROGRESS_H_
#define ATTUNE_SERVER_TRIAL_PROGRESS_H_

#include <cstdint>
#include <map>
#include <string>

#include "absl/container/flat_hash_set.h"
#include "absl/strings/string_view.h"
#include "core/trial.h"
#include "server/stopping/stopping_rule.h"

namespace attune {

// What a trial has reported, as far as decisions need it: which steps, the last
// value of each metric, and the curve of the metric that stops trials early.
class TrialProgress {
 public:
  TrialProgress() = default;  // keeps no curve
  explicit TrialProgress(absl::string_view curve_metric)
      : curve_metric_(curve_metric) {}

  bool HasStep(int64_t step) const { return steps_.contains(step); }

  // Returns whether the step is new. One that is there keeps its first values.
  bool Add(const Measurement& measurement);

  // The last value of `metric`; nullptr if it was never reported.
  const double* Latest(absl::string_view metric) const;
  // Names of the metrics that were reported, `a, b`; for messages.
  std::string MetricNames() const;

  const Curve& curve() const { return curve_; }

 private:
  struct Value {
    int64_t step = 0;
    double value = 0.0;
  };

  std::string curve_metric_;
  absl::flat_hash_set<int64_t> steps_;
  std::map<std::string, Value> latest_;
  Curve curve_;
};

}  // namespace attune

#endif  // ATTUNE_SERVER_TRIAL_PROGRESS_H_

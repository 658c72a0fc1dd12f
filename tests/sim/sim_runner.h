#ifndef ATTUNE_TESTS_SIM_SIM_RUNNER_H_
#define ATTUNE_TESTS_SIM_SIM_RUNNER_H_

#include <memory>

#include "absl/status/statusor.h"
#include "core/coordinator_api.h"
#include "worker/trial_runner.h"

namespace attune {

// Trials of a few steps whose values and ends depend on the trial's seed, and
// on the attempt whether it breaks and a part of the values, so that one
// attempt's are not taken for another's: most finish, some diverge, some report
// NaN, some never report the objective.
class SimRunner : public TrialRunner {
 public:
  absl::StatusOr<std::unique_ptr<TrialRun>> Start(
      const Assignment& assignment) override;
};

}  // namespace attune

#endif  // ATTUNE_TESTS_SIM_SIM_RUNNER_H_

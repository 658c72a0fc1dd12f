#ifndef ATTUNE_WORKER_FUNCTION_RUNNER_H_
#define ATTUNE_WORKER_FUNCTION_RUNNER_H_

#include <memory>

#include "absl/status/statusor.h"
#include "core/coordinator_api.h"
#include "worker/trial_runner.h"

namespace attune {

// Runs FunctionTasks: evaluates the function at the trial's parameters, taken
// in the order of the search space, and reports one measurement, `value`, at
// step 1. Parameters that are not active are left out. Start() evaluates, so
// that INVALID_ARGUMENT names what does not fit.
class FunctionRunner : public TrialRunner {
 public:
  absl::StatusOr<std::unique_ptr<TrialRun>> Start(
      const Assignment& assignment) override;
};

}  // namespace attune

#endif  // ATTUNE_WORKER_FUNCTION_RUNNER_H_

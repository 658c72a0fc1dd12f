#ifndef ATTUNE_WORKER_RUNNER_DISPATCH_H_
#define ATTUNE_WORKER_RUNNER_DISPATCH_H_

#include <memory>

#include "absl/status/statusor.h"
#include "core/coordinator_api.h"
#include "worker/trial_runner.h"

namespace attune {

// Gives each trial to the runner of its kind of task.
class RunnerDispatch : public TrialRunner {
 public:
  // Both must outlive it. Without `network` (nullptr) its trials are refused.
  RunnerDispatch(TrialRunner* network, TrialRunner* function)
      : network_(network), function_(function) {}

  // INVALID_ARGUMENT for a study whose trials are run by programs of their own.
  absl::StatusOr<std::unique_ptr<TrialRun>> Start(
      const Assignment& assignment) override;
  void Discard(const Assignment& assignment) override;

 private:
  TrialRunner* const network_;
  TrialRunner* const function_;
};

}  // namespace attune

#endif  // ATTUNE_WORKER_RUNNER_DISPATCH_H_

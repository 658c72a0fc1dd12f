#ifndef ATTUNE_WORKER_TRIAL_RUNNER_H_
#define ATTUNE_WORKER_TRIAL_RUNNER_H_

#include <memory>
#include <stop_token>
#include <variant>

#include "absl/status/statusor.h"
#include "core/coordinator_api.h"
#include "core/trial.h"

namespace attune {

// One trial while it runs, in one thread.
class TrialRun {
 public:
  virtual ~TrialRun() = default;

  // Goes on until there is something to report (an epoch, a step) or the trial
  // has ended. After an Outcome it is not called again. When `stop` is
  // requested it returns soon, with CANCELLED. Parameters that make training
  // diverge are an outcome (Diverged); a disk that fails is an error. Memory
  // that is not to be had throws std::bad_alloc, also in Start(): see
  // worker/within_memory.h.
  virtual absl::StatusOr<std::variant<Measurement, Outcome>> Advance(
      std::stop_token stop) = 0;
};

// Runs one kind of task. A run is pulled, step by step, by its caller, who
// reports, stops and retries: so the same loop serves a real worker and a
// simulated one. Thread-safe: slots share a runner.
class TrialRunner {
 public:
  virtual ~TrialRunner() = default;

  // INVALID_ARGUMENT for a task or parameters that cannot be run; anything else
  // is a failure of this attempt.
  virtual absl::StatusOr<std::unique_ptr<TrialRun>> Start(
      const Assignment& assignment) = 0;

  // The trial is over, and nobody will run it again: what was kept to go on
  // from may go. Not before its run is destroyed.
  virtual void Discard(const Assignment& /*assignment*/) {}
};

}  // namespace attune

#endif  // ATTUNE_WORKER_TRIAL_RUNNER_H_

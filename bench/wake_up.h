#ifndef ATTUNE_BENCH_WAKE_UP_H_
#define ATTUNE_BENCH_WAKE_UP_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"

namespace attune {

// How long a trial that has become free took to a worker that waited for one:
// from the call that made it free, the commit included, to the worker's answer.
struct WakeUps {
  std::vector<absl::Duration> created;   // by CreateTrials
  std::vector<absl::Duration> released;  // handed back by who held it
};

// So many of each, while `workers` wait for trials of a study `name`, which is
// created with the coordinator at `address`.
absl::StatusOr<WakeUps> MeasureWakeUps(const std::string& address,
                                       const std::string& name, int workers,
                                       int times);

// Creates a study whose trials people create, so that workers wait for them.
absl::Status CreateStudyToWaitFor(const std::string& address,
                                  const std::string& name);

// Asks the coordinator until so many calls of LeaseTrials wait.
absl::Status AwaitWaiting(const std::string& address, int count);

}  // namespace attune

#endif  // ATTUNE_BENCH_WAKE_UP_H_

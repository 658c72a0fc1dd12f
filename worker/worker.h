#ifndef ATTUNE_WORKER_WORKER_H_
#define ATTUNE_WORKER_WORKER_H_

#include <memory>
#include <stop_token>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "core/clock.h"
#include "core/coordinator_api.h"
#include "worker/lease_keeper.h"
#include "worker/slot.h"
#include "worker/trial_runner.h"

namespace attune {

struct WorkerOptions {
  // Names this process, differently from every other there is or was:
  // `host:pid.start`.
  std::string process;
  int slots = 1;
  SlotOptions slot;  // of each, without its worker's name
};

// A process of slots, each in a thread of its own, and one thread that renews
// their leases. Drain() and HandBack() are thread-safe.
class Worker {
 public:
  // All must outlive it.
  Worker(const WorkerOptions& options, CoordinatorApi* coordinator,
         TrialRunner* runner, Clock* clock);

  // Runs until every slot is done, because there are no more trials or it was
  // asked to leave. Not OK if something was left undone. To be called once.
  absl::Status Run();

  // No new trials: those that run end, then Run() returns.
  void Drain();
  // The trials that run stop and are handed back, then Run() returns.
  void HandBack();

 private:
  void RunSlot(Slot& slot);
  absl::Status Result() const;

  Clock* const clock_;
  LeaseKeeper keeper_;
  std::vector<std::unique_ptr<Slot>> slots_;
  // They wake the slots that sleep.
  std::stop_source draining_;
  std::stop_source handing_back_;
};

}  // namespace attune

#endif  // ATTUNE_WORKER_WORKER_H_

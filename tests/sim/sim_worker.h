#ifndef ATTUNE_TESTS_SIM_SIM_WORKER_H_
#define ATTUNE_TESTS_SIM_SIM_WORKER_H_

#include <memory>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "core/clock.h"
#include "core/random.h"
#include "tests/sim/flaky_network.h"
#include "tests/sim/sim_runner.h"
#include "worker/lease_keeper.h"
#include "worker/slot.h"

namespace attune {

// A worker process of real slots and a real lease keeper, which dies, stalls
// and leaves, and is started again after a while.
class SimWorker {
 public:
  // `network` and `clock` must outlive it.
  SimWorker(const std::string& host, FlakyNetwork* network, const Clock* clock,
            Rng rng);

  // When it has something to do.
  absl::Time NextStep() const;
  // Steps one of its parts that are due, or starts it again.
  void Step();

  void Kill(absl::Duration down_time);
  void Stall(absl::Duration duration);
  void Leave();

 private:
  struct SteppedSlot {
    std::unique_ptr<Slot> slot;
    absl::Time due;
  };

  void Start();
  void StepSlot(SteppedSlot& stepped);

  const std::string host_;
  FlakyCoordinator coordinator_;
  SimRunner runner_;
  const Clock* const clock_;
  Rng rng_;
  int start_ = 0;  // counts the processes
  bool is_up_ = false;
  absl::Time start_time_;  // of the next process
  absl::Time stalled_until_ = absl::InfinitePast();
  absl::Time keeper_due_;
  std::unique_ptr<LeaseKeeper> keeper_;
  std::vector<SteppedSlot> slots_;
};

}  // namespace attune

#endif  // ATTUNE_TESTS_SIM_SIM_WORKER_H_

#ifndef ATTUNE_TESTS_SIM_CLUSTER_H_
#define ATTUNE_TESTS_SIM_CLUSTER_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/random.h"
#include "storage/storage.h"
#include "tests/sim/coordinator_host.h"
#include "tests/sim/faults.h"
#include "tests/sim/flaky_network.h"
#include "tests/sim/invariants.h"
#include "tests/sim/sim_person.h"
#include "tests/sim/sim_worker.h"
#include "tests/sim/trace.h"
#include "tests/sim/watched_storage.h"
#include "tests/testing/failing_storage.h"
#include "tests/testing/fake_clock.h"

namespace attune {

// Wrong on purpose, to see that the invariants find it.
enum class PlantedBug {
  kNone,
  kAttemptIgnored,  // the coordinator takes every token for the current one
  kCommitLost,      // storage says that a commit is done, and forgets it
};

struct SimOptions {
  uint64_t seed = 1;
  bool verbose = false;
  PlantedBug bug = PlantedBug::kNone;
};

struct SimResult {
  // What was violated; absent if all was well.
  std::optional<std::string> violation;
  std::string trace;
};

// A whole cluster in one thread: a coordinator, workers of real slots, a person
// and a network, on a clock that stands still between events. Everything that
// happens, faults included, follows from the seed. For a while things go wrong;
// then they calm down, and every study must come to its end.
class Cluster {
 public:
  // `storage` must be empty and outlive it.
  Cluster(const SimOptions& options, Storage* storage);

  SimResult Run();

 private:
  using Action = std::function<void()>;

  void PlantBug(PlantedBug bug);
  void Step();
  // What each actor would do next, and when.
  std::vector<std::pair<absl::Time, Action>> NextActions();
  void MaybeBreakSomething();
  void CalmDown();
  void CheckEnd();
  bool AllStudiesCompleted() const;
  bool Happens(double probability);

  Rng rng_;
  Rng storage_rng_;
  FakeClock clock_;
  Trace trace_;
  Faults faults_;
  Storage* const inner_storage_;
  FailingStorage failing_storage_;
  WatchedStorage storage_;
  Invariants invariants_;
  CoordinatorHost host_;
  FlakyNetwork network_;
  const std::vector<PlannedStudy> planned_;
  SimPerson person_;
  std::vector<std::unique_ptr<SimWorker>> workers_;
  absl::Time calm_time_;
  bool calm_ = false;
  absl::Time restart_time_;  // of a coordinator that is down
};

// The same on storage in memory.
SimResult Simulate(const SimOptions& options);

}  // namespace attune

#endif  // ATTUNE_TESTS_SIM_CLUSTER_H_

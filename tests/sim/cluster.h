#ifndef ATTUNE_TESTS_SIM_CLUSTER_H_
#define ATTUNE_TESTS_SIM_CLUSTER_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/time/time.h"
#include "core/random.h"
#include "tests/sim/coordinator_host.h"
#include "tests/sim/faults.h"
#include "tests/sim/flaky_network.h"
#include "tests/sim/invariants.h"
#include "tests/sim/planted_bug.h"
#include "tests/sim/sim_person.h"
#include "tests/sim/sim_program.h"
#include "tests/sim/sim_storage.h"
#include "tests/sim/sim_store.h"
#include "tests/sim/sim_worker.h"
#include "tests/sim/trace.h"
#include "tests/testing/fake_clock.h"

namespace attune {

// Where the coordinator's storage keeps what it stores.
enum class StoreKind {
  kBySeed,  // every fourth on SQLite
  kMemory,
  kSqlite,
  kSqliteOnGoodDisk,  // which never fails, and loses nothing
};

struct SimOptions {
  uint64_t seed = 1;
  bool verbose = false;
  StoreKind store = StoreKind::kBySeed;
  PlantedBug bug = PlantedBug::kNone;
};

struct SimResult {
  // What was violated; absent if all was well.
  std::optional<std::string> violation;
  std::string trace;
  // How long all took to end once nothing went wrong any more, and the longest
  // that it may take.
  absl::Duration rest;
  absl::Duration longest_rest;
};

// A whole cluster in one thread: a coordinator, workers of real slots, a person
// and a network, on a clock that stands still between events. Everything that
// happens, faults included, follows from the seed. For a while things go wrong;
// then they calm down, and every study must come to its end in bounded time.
class Cluster {
 public:
  explicit Cluster(const SimOptions& options);

  SimResult Run();

 private:
  using Action = std::function<void()>;

  std::unique_ptr<SimStore> MakeStore(const SimOptions& options);
  void Step();
  // What each actor would do next, and when.
  std::vector<std::pair<absl::Time, Action>> NextActions();
  void MaybeBreakSomething();
  void MaybeBreakMachine();
  void CalmDown();
  absl::Duration LongestRest() const;
  void CheckEnd();
  bool AllStudiesCompleted() const;
  bool Happens(double probability);

  Rng rng_;
  FakeClock clock_;
  Trace trace_;
  Faults faults_;
  const std::unique_ptr<SimStore> store_;
  SimStorage storage_;
  Invariants invariants_;
  CoordinatorHost host_;
  FlakyNetwork network_;
  const std::vector<PlannedStudy> planned_;
  SimPerson person_;
  std::optional<SimProgram> program_;
  std::vector<std::unique_ptr<SimWorker>> workers_;
  absl::Time calm_time_;
  bool calm_ = false;
  absl::Time restart_time_;  // of a coordinator that is down
};

SimResult Simulate(const SimOptions& options);

}  // namespace attune

#endif  // ATTUNE_TESTS_SIM_CLUSTER_H_

#ifndef ATTUNE_TESTS_SIM_COORDINATOR_HOST_H_
#define ATTUNE_TESTS_SIM_COORDINATOR_HOST_H_

#include <memory>
#include <set>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "core/clock.h"
#include "server/command.h"
#include "server/coordinator.h"
#include "server/outbox.h"
#include "server/study_book.h"
#include "tests/sim/invariants.h"
#include "tests/sim/planted_bug.h"
#include "tests/sim/sim_storage.h"
#include "tests/sim/trace.h"

namespace attune {

// The machine that the coordinator runs on: it crashes, and starts again on
// what is stored. Everything the coordinator says is checked and traced.
class CoordinatorHost {
 public:
  struct Context {
    SimStorage* storage = nullptr;
    const Clock* clock = nullptr;
    Invariants* invariants = nullptr;
    Trace* trace = nullptr;
    PlantedBug bug = PlantedBug::kNone;
  };
  static constexpr absl::Duration kLeaseDuration = absl::Seconds(10);

  // All that `context` points to must outlive it.
  explicit CoordinatorHost(const Context& context)
      : storage_(context.storage),
        clock_(context.clock),
        invariants_(context.invariants),
        trace_(context.trace),
        bug_(context.bug) {}

  bool is_up() const { return coordinator_ != nullptr; }
  // Requests that wait get no answer, as their connections break.
  void Crash(bool cut_power);
  // May fail with the storage; then it is to be tried again.
  void Start();

  // REQUIRES: is_up(), here and below.
  void Process(std::vector<Request> batch);
  void Tick();
  absl::Time NextTick() const { return coordinator_->NextTick(); }

  // After each event of the simulation: what was touched. While it is down,
  // nothing can be looked at.
  void Check();
  void CheckAll(const std::set<StudyId>& studies);

 private:
  Done Observed(const Command& command, Done done);
  // After each call of the coordinator, which may have died in it.
  void BuryIfDead();
  void Tamper(Command& command);
  void IgnoreAttempt(LeaseToken& token) const;
  void StoreAgain(const ReportMeasurements& report);

  SimStorage* const storage_;
  const Clock* const clock_;
  Invariants* const invariants_;
  Trace* const trace_;
  const PlantedBug bug_;
  std::unique_ptr<Coordinator> coordinator_;
  absl::Time process_time_;  // of the call that it is in, or was in last
};

// One line for the trace.
std::string Describe(const Command& command);
std::string Describe(const absl::StatusOr<Reply>& answer);

}  // namespace attune

#endif  // ATTUNE_TESTS_SIM_COORDINATOR_HOST_H_

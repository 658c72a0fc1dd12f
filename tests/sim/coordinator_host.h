#ifndef ATTUNE_TESTS_SIM_COORDINATOR_HOST_H_
#define ATTUNE_TESTS_SIM_COORDINATOR_HOST_H_

#include <functional>
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
#include "tests/sim/trace.h"
#include "tests/sim/watched_storage.h"

namespace attune {

// The machine that the coordinator runs on: it crashes, and starts again on the
// same storage. Everything the coordinator says is checked and traced.
class CoordinatorHost {
 public:
  // All must outlive it.
  CoordinatorHost(WatchedStorage* storage, const Clock* clock,
                  Invariants* invariants, Trace* trace)
      : storage_(storage),
        clock_(clock),
        invariants_(invariants),
        trace_(trace) {}

  // For planted bugs: changes what the coordinator gets to hear.
  std::function<void(Command&, const StudyBook&)> tamper =
      [](Command&, const StudyBook&) {};

  bool is_up() const { return coordinator_ != nullptr; }
  // Requests that wait get no answer, as their connections break.
  void Crash();
  // May fail with the storage; then it is to be tried again.
  void Start();

  // REQUIRES: is_up(), here and below.
  void Process(std::vector<Request> batch);
  void Tick();
  absl::Time NextTick() const { return coordinator_->NextTick(); }

  // After each event of the simulation: what was touched.
  void Check() { CheckAll(storage_->TakeTouched()); }
  void CheckAll(const std::set<StudyId>& studies);

 private:
  Done Observed(const Command& command, Done done);

  WatchedStorage* const storage_;
  const Clock* const clock_;
  Invariants* const invariants_;
  Trace* const trace_;
  std::unique_ptr<Coordinator> coordinator_;
};

// One line for the trace.
std::string Describe(const Command& command);
std::string Describe(const absl::StatusOr<Reply>& answer);

}  // namespace attune

#endif  // ATTUNE_TESTS_SIM_COORDINATOR_HOST_H_

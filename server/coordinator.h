#ifndef ATTUNE_SERVER_COORDINATOR_H_
#define ATTUNE_SERVER_COORDINATOR_H_

#include <cstddef>
#include <functional>
#include <memory>
#include <set>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "core/ids.h"
#include "server/command.h"
#include "server/search/factory.h"
#include "server/search/search_algorithm.h"
#include "storage/storage.h"

namespace attune {

class StudyBook;

struct CoordinatorOptions {
  absl::Duration lease_duration = absl::Seconds(60);
  // Beyond these a caller gets RESOURCE_EXHAUSTED, reason LIMIT_REACHED:
  // studies that are active or paused, and calls that wait for a trial.
  size_t max_open_studies = 10'000;
  size_t max_waiting = 20'000;
  // Called on the coordinator's thread after each commit, with the studies in
  // which something changed; must not block. May be empty.
  std::function<void(const std::set<StudyId>&)> committed;
  // Tests pass algorithms that fail.
  std::unique_ptr<SearchAlgorithm> (*make_algorithm)(const Algorithm&) =
      &MakeSearchAlgorithm;
};

// The one place where studies advance: a sequential state machine, for use by
// one thread. It reads no clock and starts no thread, so a test drives it step
// by step.
class Coordinator {
 public:
  // Rebuilds the running studies from `storage`, which must outlive it, and
  // gives every running lease a full term from `now`.
  static absl::StatusOr<std::unique_ptr<Coordinator>> Open(
      Storage* storage, const CoordinatorOptions& options, absl::Time now);
  ~Coordinator();

  // Decides each request in order, commits all that they change at once, and
  // then calls each `done`. When the commit fails, every `done` that rests on
  // it gets UNAVAILABLE with reason STORAGE_UNAVAILABLE, and the touched
  // studies are read again. Requests to lease that must wait are answered by a
  // later Process() or Tick().
  void Process(std::vector<Request> batch, absl::Time now);

  // Ends the leases, waits and studies whose time is over.
  void Tick(absl::Time now);

  // When Tick() has something to do next; InfiniteFuture if nothing is due.
  absl::Time NextTick() const;

  // Answers all waiting requests to lease with "none yet". Call it before the
  // end.
  void AnswerWaiting();

  // What it holds in memory, for tests to compare with storage.
  const StudyBook& book() const;

 private:
  class State;
  explicit Coordinator(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace attune

#endif  // ATTUNE_SERVER_COORDINATOR_H_

#ifndef ATTUNE_SERVER_COORDINATOR_LOOP_H_
#define ATTUNE_SERVER_COORDINATOR_LOOP_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "core/clock.h"
#include "core/mutex.h"
#include "server/command.h"
#include "server/coordinator.h"

namespace attune {

// Runs a Coordinator on a thread of its own: takes what has come, up to
// kMaxBatch requests, and processes it at once. While one batch is written to
// disk the next one gathers, so batches grow with the load by themselves. Safe
// for concurrent use.
class CoordinatorLoop {
 public:
  static constexpr size_t kMaxBatch = 512;
  // With so many calls in the queue, those that bring new work are refused;
  // what workers say about the trials that they have is not.
  static constexpr size_t kMaxQueued = 20'000;

  // `clock` must outlive it.
  CoordinatorLoop(std::unique_ptr<Coordinator> coordinator, const Clock* clock);

  // As Close().
  ~CoordinatorLoop();

  // After Close() the request is answered UNAVAILABLE, SHUTTING_DOWN, at once;
  // beyond kMaxQueued RESOURCE_EXHAUSTED, OVERLOADED.
  void Post(Request request) ABSL_LOCKS_EXCLUDED(mutex_);
  // Likewise for each of several, with one waking of the thread.
  void Post(std::vector<Request> requests) ABSL_LOCKS_EXCLUDED(mutex_);

  // How many requests are in the queue.
  int64_t queued() const ABSL_LOCKS_EXCLUDED(mutex_);

  // Processes what was posted, answers waiting requests to lease with "none
  // yet", and joins the thread. May be called more than once.
  void Close() ABSL_LOCKS_EXCLUDED(mutex_);

 private:
  void Run();
  // Why the command is not taken; OK if it is.
  absl::Status Admit(const Command& command) const
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  // Waits for requests, for Close() and for the coordinator's next tick, which
  // ever comes first. Returns false if it was closed and nothing is left.
  bool AwaitWork(std::vector<Request>& batch) ABSL_LOCKS_EXCLUDED(mutex_);
  void TakeBatch(std::vector<Request>& batch)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  const std::unique_ptr<Coordinator> coordinator_;  // used by the thread only
  const Clock* const clock_;
  mutable Mutex mutex_;
  CondVar news_;
  std::vector<Request> inbox_ ABSL_GUARDED_BY(mutex_);
  bool closing_ ABSL_GUARDED_BY(mutex_) = false;
  std::thread thread_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace attune

#endif  // ATTUNE_SERVER_COORDINATOR_LOOP_H_

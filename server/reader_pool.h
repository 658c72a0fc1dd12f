#ifndef ATTUNE_SERVER_READER_POOL_H_
#define ATTUNE_SERVER_READER_POOL_H_

#include <deque>
#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/functional/any_invocable.h"
#include "absl/status/status.h"
#include "core/mutex.h"

namespace attune {

// Threads for calls that only read, so that they neither wait for the
// coordinator nor hold up the polling thread. Safe for concurrent use.
class ReaderPool {
 public:
  // Called with OK on a thread of the pool, or, after Close(), at once and with
  // UNAVAILABLE, SHUTTING_DOWN.
  using Task = absl::AnyInvocable<void(const absl::Status&)>;

  explicit ReaderPool(int threads);
  ~ReaderPool();  // as Close()

  void Run(Task task) ABSL_LOCKS_EXCLUDED(mutex_);

  // Runs what is waiting and joins the threads. May be called more than once.
  void Close() ABSL_LOCKS_EXCLUDED(mutex_);

 private:
  void Work() ABSL_LOCKS_EXCLUDED(mutex_);

  Mutex mutex_;
  CondVar changed_;
  std::deque<Task> tasks_ ABSL_GUARDED_BY(mutex_);
  bool closing_ ABSL_GUARDED_BY(mutex_) = false;
  std::vector<std::thread> threads_;
};

}  // namespace attune

#endif  // ATTUNE_SERVER_READER_POOL_H_

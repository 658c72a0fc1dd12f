#ifndef ATTUNE_CORE_MUTEX_H_
#define ATTUNE_CORE_MUTEX_H_

#include <chrono>
#include <condition_variable>
#include <mutex>

#include "absl/base/thread_annotations.h"
#include "absl/time/time.h"

namespace attune {

// A std::mutex that clang's thread-safety analysis understands. (absl::Mutex
// is understood too, but ThreadSanitizer cannot look into the one that a
// distribution ships compiled, and takes every use of it for a race.)
class ABSL_LOCKABLE Mutex {
 public:
  Mutex() = default;
  Mutex(const Mutex&) = delete;
  Mutex& operator=(const Mutex&) = delete;

  void Lock() ABSL_EXCLUSIVE_LOCK_FUNCTION() { mutex_.lock(); }
  void Unlock() ABSL_UNLOCK_FUNCTION() { mutex_.unlock(); }

 private:
  friend class CondVar;
  std::mutex mutex_;
};

// Holds a mutex while it lives.
class ABSL_SCOPED_LOCKABLE MutexLock {
 public:
  explicit MutexLock(Mutex* mutex) ABSL_EXCLUSIVE_LOCK_FUNCTION(mutex)
      : mutex_(mutex) {
    mutex_->Lock();
  }
  ~MutexLock() ABSL_UNLOCK_FUNCTION() { mutex_->Unlock(); }
  MutexLock(const MutexLock&) = delete;
  MutexLock& operator=(const MutexLock&) = delete;

 private:
  Mutex* const mutex_;
};

// A moment of the monotonic clock, which nobody sets: a wait until then is as
// long as it was meant to be, whatever becomes of the time of day meanwhile.
using SteadyTime = std::chrono::steady_clock::time_point;

// The moment `wait` from now; SteadyTime::max() if it is too far away.
inline SteadyTime SteadyTimeAfter(absl::Duration wait) {
  const SteadyTime now = std::chrono::steady_clock::now();
  if (wait >= absl::FromChrono(SteadyTime::max() - now)) {
    return SteadyTime::max();
  }
  if (wait <= absl::ZeroDuration()) return now;
  return now + absl::ToChronoNanoseconds(wait);
}

// Waits for news about what a mutex guards. A wait may end without any, so it
// belongs in a loop.
class CondVar {
 public:
  void Wait(Mutex* mutex) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex) {
    std::unique_lock<std::mutex> lock(mutex->mutex_, std::adopt_lock);
    condition_.wait(lock);
    lock.release();
  }

  // Returns false if it ended because `deadline` was reached.
  bool WaitUntil(Mutex* mutex, SteadyTime deadline)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex) {
    std::unique_lock<std::mutex> lock(mutex->mutex_, std::adopt_lock);
    const std::cv_status status = condition_.wait_until(lock, deadline);
    lock.release();
    return status == std::cv_status::no_timeout;
  }

  void NotifyOne() { condition_.notify_one(); }
  void NotifyAll() { condition_.notify_all(); }

 private:
  std::condition_variable condition_;
};

}  // namespace attune

#endif  // ATTUNE_CORE_MUTEX_H_

#ifndef ATTUNE_TESTS_TESTING_FAKE_CLOCK_H_
#define ATTUNE_TESTS_TESTING_FAKE_CLOCK_H_

#include <algorithm>
#include <condition_variable>
#include <mutex>
#include <stop_token>
#include <vector>

#include "absl/time/time.h"
#include "core/clock.h"

namespace attune {

// A clock that moves only when it is told to. Thread-safe: `mutex_` guards all
// members. (It is a std::mutex, as ThreadSanitizer cannot look into Debian's
// absl::Mutex.)
class FakeClock : public Clock {
 public:
  // What SleepUntil() does.
  enum class Sleep {
    // Moves the time to the deadline and returns at once: for tests of one
    // thread, which never hang and see the time pass that they slept.
    kAdvances,
    // Waits until SetTime() or Advance() reaches the deadline or the stop is
    // requested: for tests with threads, whose test thread moves the time.
    kWaits,
  };

  explicit FakeClock(Sleep sleep = Sleep::kAdvances,
                     absl::Time now = absl::FromUnixSeconds(1'700'000'000))
      : sleep_(sleep), now_(now) {}

  absl::Time Now() const override {
    std::lock_guard<std::mutex> lock(mutex_);
    return now_;
  }

  bool SleepUntil(absl::Time deadline, std::stop_token stop) override {
    std::unique_lock<std::mutex> lock(mutex_);
    if (stop.stop_requested()) return false;
    if (deadline > now_) sleeps_.push_back(deadline - now_);
    if (sleep_ == Sleep::kAdvances) {
      now_ = std::max(now_, deadline);
      return true;
    }
    ++sleepers_;
    changed_.notify_all();
    changed_.wait(lock, stop, [&] { return now_ >= deadline; });
    --sleepers_;
    return now_ >= deadline;
  }

  // The time may go back, as a machine's does.
  void SetTime(absl::Time now) {
    std::lock_guard<std::mutex> lock(mutex_);
    now_ = now;
    changed_.notify_all();
  }

  void Advance(absl::Duration duration) {
    std::lock_guard<std::mutex> lock(mutex_);
    now_ += duration;
    changed_.notify_all();
  }

  // Waits until at least `count` threads wait in SleepUntil(), so that moving
  // the time after it does what the test means.
  void AwaitSleepers(int count) {
    std::unique_lock<std::mutex> lock(mutex_);
    changed_.wait(lock, [&] { return sleepers_ >= count; });
  }

  // How long each sleep so far was meant to be, in their order.
  std::vector<absl::Duration> Sleeps() const {
    std::lock_guard<std::mutex> lock(mutex_);
    return sleeps_;
  }

 private:
  const Sleep sleep_;
  mutable std::mutex mutex_;
  std::condition_variable_any changed_;
  absl::Time now_;
  int sleepers_ = 0;
  std::vector<absl::Duration> sleeps_;
};

}  // namespace attune

#endif  // ATTUNE_TESTS_TESTING_FAKE_CLOCK_H_

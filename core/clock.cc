#include "core/clock.h"

#include <chrono>
#include <condition_variable>
#include <mutex>

#include "absl/time/clock.h"
#include "core/mutex.h"

namespace attune {
namespace {

absl::Duration SteadyNow() {
  return absl::FromChrono(std::chrono::steady_clock::now().time_since_epoch());
}

// Returns whether the time is over; not if `stop` ended the wait.
bool SleepFor(absl::Duration wait, const std::stop_token& stop) {
  const SteadyTime deadline = SteadyTimeAfter(wait);
  // Nobody else knows this mutex and this condition: only the stop wakes them.
  std::mutex mutex;
  std::condition_variable_any woken;
  std::unique_lock<std::mutex> lock(mutex);
  woken.wait_until(lock, stop, deadline, [] { return false; });
  return !stop.stop_requested() || std::chrono::steady_clock::now() >= deadline;
}

}  // namespace

absl::Time SystemClock::Now() const { return absl::Now(); }

bool SystemClock::SleepUntil(absl::Time deadline, std::stop_token stop) {
  return SleepFor(deadline - Now(), stop);
}

SteadyClock::SteadyClock() : ahead_(absl::Now() - SteadyNow()) {}

absl::Time SteadyClock::Now() const { return ahead_ + SteadyNow(); }

bool SteadyClock::SleepUntil(absl::Time deadline, std::stop_token stop) {
  return SleepFor(deadline - Now(), stop);
}

}  // namespace attune

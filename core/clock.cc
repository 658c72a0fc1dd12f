#include "core/clock.h"

#include <condition_variable>
#include <mutex>
#include <utility>

#include "absl/time/clock.h"

namespace attune {

absl::Time SystemClock::Now() const { return absl::Now(); }

bool SystemClock::SleepUntil(absl::Time deadline, std::stop_token stop) {
  // Nobody else knows this mutex and this condition: only the stop wakes them.
  std::mutex mutex;
  std::condition_variable_any woken;
  std::unique_lock<std::mutex> lock(mutex);
  woken.wait_until(lock, stop, absl::ToChronoTime(deadline),
                   [] { return false; });
  return !stop.stop_requested() || Now() >= deadline;
}

}  // namespace attune

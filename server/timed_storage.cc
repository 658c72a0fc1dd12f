#include "server/timed_storage.h"

#include <algorithm>
#include <chrono>

namespace attune {

absl::Status TimedStorage::Commit(const WriteBatch& batch) {
  const auto start = std::chrono::steady_clock::now();
  absl::Status status = storage_->Commit(batch);
  const absl::Duration taken =
      absl::FromChrono(std::chrono::steady_clock::now() - start);
  MutexLock lock(&mutex_);
  if (status.ok()) {
    durations_[static_cast<size_t>(times_.count) % kKept] = taken;
    ++times_.count;
  } else {
    ++times_.failures;
    times_.last_error = std::string(status.message());
    times_.last_error_time = clock_->Now();
  }
  return status;
}

CommitTimes TimedStorage::times() const {
  MutexLock lock(&mutex_);
  CommitTimes times = times_;
  const size_t kept = std::min(kKept, static_cast<size_t>(times.count));
  if (kept == 0) return times;
  std::vector<absl::Duration> sorted(
      durations_.begin(), durations_.begin() + static_cast<ptrdiff_t>(kept));
  std::sort(sorted.begin(), sorted.end());
  times.median = sorted[kept / 2];
  times.p99 = sorted[kept * 99 / 100];
  times.longest = sorted.back();
  return times;
}

}  // namespace attune

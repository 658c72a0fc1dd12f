#include "worker/reachability.h"

namespace attune {

Reachability::News Reachability::Note(const absl::Status& status,
                                      absl::Time now) {
  if (absl::IsCancelled(status)) return News::kNone;  // we hung up ourselves
  const MutexLock lock(&mutex_);
  if (!absl::IsUnavailable(status) && !absl::IsDeadlineExceeded(status)) {
    const bool first = !reached_;
    const bool back = away_since_.has_value();
    reached_ = true;
    away_since_.reset();
    if (back) return News::kBack;
    return first ? News::kReached : News::kNone;
  }
  if (!away_since_.has_value()) {
    away_since_ = now;
    told_ = now;
    return News::kAway;
  }
  if (now - told_ < kReminder) return News::kNone;
  told_ = now;
  return News::kStillAway;
}

std::optional<absl::Duration> Reachability::AwayFor(absl::Time now) const {
  const MutexLock lock(&mutex_);
  if (!away_since_.has_value()) return std::nullopt;
  return now - *away_since_;
}

}  // namespace attune

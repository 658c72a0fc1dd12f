#include "worker/retry.h"

#include <algorithm>

#include "core/check.h"
#include "core/error.h"

namespace attune {

bool IsRetryable(const absl::Status& status) {
  return absl::IsUnavailable(status) || absl::IsDeadlineExceeded(status) ||
         absl::IsAborted(status) || absl::IsCancelled(status) ||
         Reason(status) == reason::kOverloaded ||
         Reason(status) == reason::kLimitReached;
}

Backoff::Backoff(const RetryPolicy& policy, Rng rng)
    : policy_(policy), rng_(rng), full_(std::min(policy.initial, policy.max)) {
  ATTUNE_CHECK(policy.initial > absl::ZeroDuration());
  ATTUNE_CHECK(policy.max >= policy.initial);
  ATTUNE_CHECK(policy.multiplier >= 1.0);
  ATTUNE_CHECK(policy.jitter >= 0.0 && policy.jitter <= 1.0);
}

absl::Duration Backoff::Next() {
  const absl::Duration full = full_;
  full_ = std::min(policy_.max, full_ * policy_.multiplier);
  return full * (1.0 - policy_.jitter * rng_.Uniform());
}

void Backoff::Reset() { full_ = policy_.initial; }

}  // namespace attune

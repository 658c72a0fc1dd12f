#ifndef ATTUNE_WORKER_RETRY_H_
#define ATTUNE_WORKER_RETRY_H_

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "core/random.h"

namespace attune {

// How long to wait between tries of a call that nobody answered.
struct RetryPolicy {
  absl::Duration initial = absl::Milliseconds(200);
  absl::Duration max = absl::Seconds(5);
  double multiplier = 2.0;
  // Which share of a delay is left to chance, from 0 to 1. With 1 a delay lies
  // anywhere between nothing and its full length ("full jitter"), so that
  // workers that lost their coordinator together do not come back together.
  double jitter = 1.0;
};

// Whether `status` means that nobody answered, so that asking again is right:
// UNAVAILABLE, DEADLINE_EXCEEDED, ABORTED, and CANCELLED, which only this
// worker itself causes, when it hurries. Everything else is an answer.
bool IsRetryable(const absl::Status& status);

// The delays of capped exponential backoff, one after another.
class Backoff {
 public:
  Backoff(const RetryPolicy& policy, Rng rng);

  // min(max, initial * multiplier^n), n counting the calls since Reset(), less
  // the random share.
  absl::Duration Next();

  // To be called after a success.
  void Reset();

 private:
  RetryPolicy policy_;
  Rng rng_;
  absl::Duration full_;  // the next delay before jitter
};

}  // namespace attune

#endif  // ATTUNE_WORKER_RETRY_H_

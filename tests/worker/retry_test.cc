#include "worker/retry.h"

#include <vector>

#include "core/error.h"
#include "gtest/gtest.h"

namespace attune {
namespace {

constexpr RetryPolicy kExact = {.initial = absl::Milliseconds(100),
                                .max = absl::Seconds(1),
                                .multiplier = 3.0,
                                .jitter = 0.0};

TEST(BackoffTest, GrowsByTheMultiplierUpToTheMaximum) {
  Backoff backoff(kExact, Rng(1));
  std::vector<absl::Duration> delays(5);
  for (absl::Duration& delay : delays) delay = backoff.Next();
  EXPECT_EQ(delays,
            (std::vector<absl::Duration>{
                absl::Milliseconds(100), absl::Milliseconds(300),
                absl::Milliseconds(900), absl::Seconds(1), absl::Seconds(1)}));
}

TEST(BackoffTest, StartsAgainAfterReset) {
  Backoff backoff(kExact, Rng(1));
  backoff.Next();
  backoff.Next();
  backoff.Reset();
  EXPECT_EQ(backoff.Next(), absl::Milliseconds(100));
}

TEST(BackoffTest, TakesTheRandomShareFromItsGenerator) {
  RetryPolicy policy = kExact;
  policy.jitter = 1.0;
  Backoff backoff(policy, Rng(7));
  Rng same(7);
  const double share = same.Uniform();
  EXPECT_EQ(backoff.Next(), absl::Milliseconds(100) * (1.0 - share));
}

TEST(BackoffTest, FullJitterSpreadsOverTheWholeDelay) {
  RetryPolicy policy = kExact;
  policy.jitter = 1.0;
  policy.initial = policy.max;
  Backoff backoff(policy, Rng(3));
  int early = 0;
  int late = 0;
  for (int i = 0; i < 1000; ++i) {
    const absl::Duration delay = backoff.Next();
    ASSERT_GE(delay, absl::ZeroDuration());
    ASSERT_LE(delay, policy.max);
    early += delay < policy.max * 0.1 ? 1 : 0;
    late += delay > policy.max * 0.9 ? 1 : 0;
  }
  EXPECT_GT(early, 50);
  EXPECT_GT(late, 50);
}

TEST(BackoffTest, HalfJitterKeepsHalfOfTheDelay) {
  RetryPolicy policy = kExact;
  policy.jitter = 0.5;
  policy.initial = policy.max;
  Backoff backoff(policy, Rng(3));
  for (int i = 0; i < 100; ++i) EXPECT_GE(backoff.Next(), policy.max * 0.5);
}

TEST(IsRetryableTest, HoldsForCallsThatCameAtABadMoment) {
  EXPECT_TRUE(IsRetryable(LimitReached("calls that wait", 9)));
  EXPECT_TRUE(IsRetryable(Error(absl::StatusCode::kResourceExhausted,
                                reason::kOverloaded, "too busy")));
  EXPECT_FALSE(IsRetryable(Error(absl::StatusCode::kResourceExhausted,
                                 reason::kTooLarge, "too many metrics")));
}

TEST(IsRetryableTest, HoldsForCallsThatNobodyAnswered) {
  EXPECT_TRUE(IsRetryable(absl::UnavailableError("")));
  EXPECT_TRUE(IsRetryable(absl::DeadlineExceededError("")));
  EXPECT_TRUE(IsRetryable(absl::AbortedError("")));
  EXPECT_TRUE(IsRetryable(absl::CancelledError("")));
  EXPECT_FALSE(IsRetryable(absl::OkStatus()));
  EXPECT_FALSE(IsRetryable(absl::FailedPreconditionError("")));
  EXPECT_FALSE(IsRetryable(absl::InvalidArgumentError("")));
  EXPECT_FALSE(IsRetryable(absl::NotFoundError("")));
  EXPECT_FALSE(IsRetryable(absl::InternalError("")));
}

}  // namespace
}  // namespace attune

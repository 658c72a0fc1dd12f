#include "worker/lease_keeper.h"

#include <stop_token>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/worker/trial_fixture.h"

namespace attune {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

class LeaseKeeperTest : public TrialFixture {
 protected:
  void Hold(const LeaseToken& token, absl::Duration duration) {
    keeper_.Hold(token, duration, stop_);
  }
  absl::Time At(int seconds) const { return start_ + absl::Seconds(seconds); }

  static LeaseToken Token(int64_t number) {
    return {.trial = {{1}, number}, .attempt = 1};
  }

  const absl::Time start_ = clock_.Now();
  LeaseKeeper keeper_{&coordinator_, &clock_, kExactRetry, Rng(1)};
  std::stop_source stop_;
};

TEST_F(LeaseKeeperTest, HasNothingToDoWithoutLeases) {
  EXPECT_EQ(keeper_.Step(), absl::InfiniteFuture());
  EXPECT_THAT(coordinator_.renewals, IsEmpty());
}

TEST_F(LeaseKeeperTest, RenewsAfterAThirdOfTheTerm) {
  Hold(Token(1), absl::Seconds(60));
  EXPECT_EQ(keeper_.Step(), At(20));
  EXPECT_THAT(coordinator_.renewals, IsEmpty());
  clock_.SetTime(At(20));
  EXPECT_EQ(keeper_.Step(), At(40));
  EXPECT_THAT(coordinator_.renewals, ElementsAre(ElementsAre(Token(1))));
}

TEST_F(LeaseKeeperTest, RenewsAllLeasesInOneCall) {
  Hold(Token(1), absl::Seconds(60));
  clock_.SetTime(At(5));
  Hold(Token(2), absl::Seconds(60));
  clock_.SetTime(At(20));
  EXPECT_EQ(keeper_.Step(), At(40));
  EXPECT_THAT(coordinator_.renewals,
              ElementsAre(ElementsAre(Token(1), Token(2))));
}

TEST_F(LeaseKeeperTest, RenewsByTheShortestTerm) {
  Hold(Token(1), absl::Seconds(60));
  Hold(Token(2), absl::Seconds(6));
  EXPECT_EQ(keeper_.Step(), At(2));
}

TEST_F(LeaseKeeperTest, DoesNotRenewWhatWasDropped) {
  Hold(Token(1), absl::Seconds(60));
  keeper_.Drop(Token(1));
  clock_.SetTime(At(30));
  EXPECT_EQ(keeper_.Step(), absl::InfiniteFuture());
  EXPECT_THAT(coordinator_.renewals, IsEmpty());
}

TEST_F(LeaseKeeperTest, KeepsAStopVerdictForTheSlot) {
  Hold(Token(1), absl::Seconds(60));
  coordinator_.renew_verdicts[Token(1)] = Verdict::kStop;
  clock_.SetTime(At(20));
  keeper_.Step();
  EXPECT_EQ(keeper_.LastVerdict(Token(1)), Verdict::kStop);
  EXPECT_FALSE(stop_.stop_requested());
}

TEST_F(LeaseKeeperTest, InterruptsATrialWhoseLeaseIsLost) {
  Hold(Token(1), absl::Seconds(60));
  coordinator_.renew_verdicts[Token(1)] = Verdict::kLeaseLost;
  clock_.SetTime(At(20));
  EXPECT_EQ(keeper_.Step(), absl::InfiniteFuture());
  EXPECT_EQ(keeper_.LastVerdict(Token(1)), Verdict::kLeaseLost);
  EXPECT_TRUE(stop_.stop_requested());
}

TEST_F(LeaseKeeperTest, TriesAgainWithBackoffWhileNobodyAnswers) {
  Hold(Token(1), absl::Seconds(60));
  coordinator_.renew_failures = {{Away()}, {Away()}};
  clock_.SetTime(At(20));
  EXPECT_EQ(keeper_.Step(), At(21));
  clock_.SetTime(At(21));
  EXPECT_EQ(keeper_.Step(), At(23));
  clock_.SetTime(At(23));
  EXPECT_EQ(keeper_.Step(), At(43));
  EXPECT_EQ(coordinator_.renewals.size(), 3);
  EXPECT_EQ(keeper_.LastVerdict(Token(1)), Verdict::kContinue);
}

TEST_F(LeaseKeeperTest, KnowsNothingOfALeaseThatIsNotHeld) {
  EXPECT_EQ(keeper_.LastVerdict(Token(9)), Verdict::kContinue);
}

}  // namespace
}  // namespace attune

#include "worker/reachability.h"

#include "gtest/gtest.h"

namespace attune {
namespace {

using News = Reachability::News;

class ReachabilityTest : public testing::Test {
 protected:
  News Away(int seconds) {
    return reachability_.Note(absl::UnavailableError(""), At(seconds));
  }
  News Answer(int seconds) {
    return reachability_.Note(absl::OkStatus(), At(seconds));
  }
  static absl::Time At(int seconds) {
    return absl::FromUnixSeconds(1'700'000'000 + seconds);
  }
  Reachability reachability_;
};

TEST_F(ReachabilityTest, TellsTheFirstAnswerOnly) {
  EXPECT_EQ(Answer(0), News::kReached);
  EXPECT_EQ(Answer(1), News::kNone);
}

TEST_F(ReachabilityTest, TellsAtOnceThatNobodyAnswersAndThenSparsely) {
  EXPECT_EQ(Away(0), News::kAway);
  EXPECT_EQ(Away(1), News::kNone);
  EXPECT_EQ(Away(59), News::kNone);
  EXPECT_EQ(Away(60), News::kStillAway);
  EXPECT_EQ(Away(61), News::kNone);
  EXPECT_EQ(Away(120), News::kStillAway);
  EXPECT_EQ(reachability_.AwayFor(At(130)), absl::Seconds(130));
}

TEST_F(ReachabilityTest, TellsThatItIsBack) {
  Away(0);
  EXPECT_EQ(Answer(5), News::kBack);
  EXPECT_EQ(Answer(6), News::kNone);
  EXPECT_EQ(reachability_.AwayFor(At(6)), std::nullopt);
}

TEST_F(ReachabilityTest, TakesARefusalForAnAnswer) {
  Away(0);
  EXPECT_EQ(reachability_.Note(absl::FailedPreconditionError(""), At(1)),
            News::kBack);
}

TEST_F(ReachabilityTest, LearnsNothingFromACallThatWeEnded) {
  EXPECT_EQ(reachability_.Note(absl::CancelledError(""), At(0)), News::kNone);
  EXPECT_EQ(Away(1), News::kAway);
  EXPECT_EQ(reachability_.Note(absl::CancelledError(""), At(2)), News::kNone);
  EXPECT_EQ(Away(3), News::kNone);
}

}  // namespace
}  // namespace attune

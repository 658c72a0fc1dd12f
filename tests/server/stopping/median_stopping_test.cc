#include "server/stopping/median_stopping.h"

#include <cmath>
#include <limits>
#include <map>
#include <utility>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace attune {
namespace {

using testing::HasSubstr;

constexpr double kNan = std::numeric_limits<double>::quiet_NaN();
constexpr double kInfinity = std::numeric_limits<double>::infinity();

// Finished trials whose averages are 1, 2, 3, 4, 5 at every step.
std::map<int64_t, Curve> FiveTrials() {
  std::map<int64_t, Curve> finished;
  for (int64_t i = 1; i <= 5; ++i) {
    const auto value = static_cast<double>(i);
    finished[i] = {{1, value}, {2, value}, {3, value}};
  }
  return finished;
}

RuleSettings Settings(Parameters given = {}) {
  return RuleSettings(*FindRule(StoppingRules(), "median"), std::move(given));
}

RuleSettings After(int64_t trials) {
  return Settings({{"min_trials", trials}});
}

bool Stops(const Curve& trial, Goal goal,
           const std::map<int64_t, Curve>& finished = FiveTrials(),
           const RuleSettings& rule = Settings()) {
  const StopDecision decision =
      DecideMedian(rule, {"loss", goal},
                   {trial, finished, static_cast<int64_t>(finished.size())});
  EXPECT_EQ(decision.stop, !decision.reason.empty());
  return decision.stop;
}

TEST(MedianStoppingTest, StopsWhatIsWorseThanTheMedian) {
  EXPECT_TRUE(Stops({{1, 3.1}}, Goal::kMinimize));
  EXPECT_FALSE(Stops({{1, 2.9}}, Goal::kMinimize));
  EXPECT_TRUE(Stops({{1, 2.9}}, Goal::kMaximize));
  EXPECT_FALSE(Stops({{1, 3.1}}, Goal::kMaximize));
}

TEST(MedianStoppingTest, GoesOnWhenEqualToTheMedian) {
  EXPECT_FALSE(Stops({{1, 3.0}}, Goal::kMinimize));
  EXPECT_FALSE(Stops({{1, 3.0}}, Goal::kMaximize));
}

TEST(MedianStoppingTest, JudgesTheTrialByItsBestValueAndNotItsLast) {
  EXPECT_FALSE(Stops({{1, 2.0}, {2, 9.0}, {3, 9.0}}, Goal::kMinimize));
}

TEST(MedianStoppingTest, AveragesTheOthersUpToTheTrialsStepOnly) {
  // Bad at first, good later: the average up to step 2 is 7, of all steps 4.
  const std::map<int64_t, Curve> finished = {
      {1, {{1, 8.0}, {2, 6.0}, {3, 1.0}, {4, 1.0}}}};
  const RuleSettings rule = After(1);
  EXPECT_FALSE(Stops({{1, 9.0}, {2, 6.5}}, Goal::kMinimize, finished, rule));
  EXPECT_TRUE(Stops({{1, 9.0}, {2, 7.5}}, Goal::kMinimize, finished, rule));
  EXPECT_TRUE(
      Stops({{1, 9.0}, {2, 6.5}, {4, 6.5}}, Goal::kMinimize, finished, rule));
}

TEST(MedianStoppingTest, CountsATrialThatEndedEarlierWithWhatItHas) {
  std::map<int64_t, Curve> finished = {{1, {{1, 4.0}}}, {2, {{1, 1.0}}}};
  finished[3] = {{1, 2.0}, {2, 2.0}, {3, 2.0}};
  const RuleSettings rule = After(3);
  EXPECT_FALSE(Stops({{3, 2.0}}, Goal::kMinimize, finished, rule));
  EXPECT_TRUE(Stops({{3, 2.1}}, Goal::kMinimize, finished, rule));
}

TEST(MedianStoppingTest, LeavesOutTrialsWithoutAValueSoFar) {
  std::map<int64_t, Curve> finished = {{1, {{1, 5.0}}}};
  finished[2] = {{10, 0.0}};
  finished[3] = {};
  const RuleSettings rule = After(1);
  EXPECT_FALSE(Stops({{1, 4.0}}, Goal::kMinimize, finished, rule));
  EXPECT_FALSE(Stops({{0, 9.0}}, Goal::kMinimize, {{2, {{10, 0.0}}}}, rule));
}

TEST(MedianStoppingTest, WaitsForEnoughCompletedTrials) {
  const std::map<int64_t, Curve> finished = FiveTrials();
  const Curve bad = {{1, 99.0}};
  const RuleSettings rule = After(5);
  const Objective metric{"loss", Goal::kMinimize};
  EXPECT_FALSE(DecideMedian(rule, metric, {bad, finished, 4}).stop);
  EXPECT_TRUE(DecideMedian(rule, metric, {bad, finished, 5}).stop);
}

TEST(MedianStoppingTest, SparesATrialBeforeTheWarmupStep) {
  const RuleSettings rule = Settings({{"warmup_steps", int64_t{3}}});
  EXPECT_FALSE(Stops({{2, 99.0}}, Goal::kMinimize, FiveTrials(), rule));
  EXPECT_TRUE(Stops({{3, 99.0}}, Goal::kMinimize, FiveTrials(), rule));
}

TEST(MedianStoppingTest, SparesATrialThatReportedNothing) {
  EXPECT_FALSE(Stops({}, Goal::kMinimize));
}

TEST(MedianStoppingTest, StopsATrialWithNothingButNan) {
  EXPECT_TRUE(Stops({{1, kNan}, {2, kNan}}, Goal::kMinimize));
  EXPECT_TRUE(Stops({{1, kNan}, {2, kNan}}, Goal::kMaximize));
}

TEST(MedianStoppingTest, ForgivesANanBesideAGoodValue) {
  EXPECT_FALSE(Stops({{1, kNan}, {2, 1.0}, {3, kNan}}, Goal::kMinimize));
}

TEST(MedianStoppingTest, CountsANanAmongTheOthersAsWorst) {
  std::map<int64_t, Curve> finished = {{1, {{1, kNan}}}, {2, {{1, kNan}}}};
  finished[3] = {{1, 1.0}};
  finished[4] = {{1, 2.0}};
  finished[5] = {{1, 3.0}};
  EXPECT_FALSE(Stops({{1, 3.0}}, Goal::kMinimize, finished));
  EXPECT_TRUE(Stops({{1, 3.5}}, Goal::kMinimize, finished));
  finished[5] = {{1, 1.0}, {2, kNan}};
  EXPECT_FALSE(Stops({{2, 1e300}}, Goal::kMinimize, finished));
}

TEST(MedianStoppingTest, RanksInfinitiesAsNumbers) {
  EXPECT_TRUE(Stops({{1, kInfinity}}, Goal::kMinimize));
  EXPECT_FALSE(Stops({{1, -kInfinity}}, Goal::kMinimize));
  EXPECT_FALSE(Stops({{1, kInfinity}}, Goal::kMaximize));
}

TEST(MedianStoppingTest, SaysWhatItCompared) {
  const std::map<int64_t, Curve> finished = FiveTrials();
  const Curve trial = {{1, 5.0}, {2, 4.5}};
  const StopDecision decision = DecideMedian(
      Settings(), {"validation_loss", Goal::kMinimize}, {trial, finished, 5});
  EXPECT_EQ(decision.reason,
            "best validation_loss up to step 2 is 4.5, worse than 3, the "
            "median of the averages of 5 finished trials");
}

}  // namespace
}  // namespace attune

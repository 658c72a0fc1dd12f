#include "core/ranking.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>
#include <variant>
#include <vector>

#include "core/random.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/testing/builders.h"

namespace attune {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

constexpr double kNan = std::numeric_limits<double>::quiet_NaN();
constexpr double kInf = std::numeric_limits<double>::infinity();

std::vector<int64_t> Numbers(const std::vector<Trial>& trials) {
  std::vector<int64_t> numbers;
  numbers.reserve(trials.size());
  for (const Trial& trial : trials) numbers.push_back(trial.id.number);
  return numbers;
}

TEST(RankingTest, BetterFollowsTheGoal) {
  EXPECT_TRUE(Better(1.0, 2.0, Goal::kMinimize));
  EXPECT_FALSE(Better(1.0, 2.0, Goal::kMaximize));
  EXPECT_TRUE(Better(2.0, 1.0, Goal::kMaximize));
  EXPECT_FALSE(Better(1.0, 1.0, Goal::kMinimize));
  EXPECT_TRUE(Better(-kInf, 1.0, Goal::kMinimize));
  EXPECT_TRUE(Better(kInf, 1.0, Goal::kMaximize));
}

std::vector<Objective> LossAndSpeed() {
  return {{.metric = "loss", .goal = Goal::kMinimize},
          {.metric = "speed", .goal = Goal::kMaximize}};
}

Trial WithObjectives(int64_t number, std::vector<double> objectives) {
  return MakeTrial(
      number, Completed{.attempt = 1, .objectives = std::move(objectives)});
}

TEST(RankingTest, DominatesIsBetterSomewhereAndWorseNowhere) {
  const std::vector<Objective> objectives = LossAndSpeed();
  EXPECT_TRUE(Dominates({1.0, 5.0}, {2.0, 5.0}, objectives));
  EXPECT_TRUE(Dominates({1.0, 6.0}, {1.0, 5.0}, objectives));
  EXPECT_FALSE(Dominates({1.0, 5.0}, {1.0, 5.0}, objectives));
  EXPECT_FALSE(Dominates({1.0, 4.0}, {2.0, 5.0}, objectives));
}

TEST(RankingTest, TheParetoFrontIsWhatNoOtherBeats) {
  const std::vector<Trial> trials = {
      WithObjectives(1, {2.0, 5.0}),
      WithObjectives(2, {1.0, 1.0}),
      WithObjectives(3, {2.0, 4.0}),  // beaten by 1
      MakeTrial(4),                   // waits
      WithObjectives(5, {3.0, 9.0}),
      WithObjectives(6, {2.0, 5.0}),
      WithObjectives(7, {3.5, 9.0})};  // beaten by 5
  EXPECT_THAT(Numbers(ParetoFront(trials, LossAndSpeed())),
              ElementsAre(1, 2, 5, 6));
  EXPECT_THAT(ParetoFront({}, LossAndSpeed()), IsEmpty());
}

TEST(RankingTest, TheParetoFrontIsRightForRandomTrials) {
  Rng rng(7);
  std::vector<Trial> trials;
  for (int64_t number = 1; number <= 200; ++number) {
    trials.push_back(
        WithObjectives(number, {static_cast<double>(rng.Bits() % 12),
                                static_cast<double>(rng.Bits() % 12)}));
  }
  const auto values = [](const Trial& trial) {
    return std::get<Completed>(trial.state).objectives;
  };
  std::vector<int64_t> expected;
  for (const Trial& trial : trials) {
    const bool is_beaten =
        std::any_of(trials.begin(), trials.end(), [&](const Trial& other) {
          return Dominates(values(other), values(trial), LossAndSpeed());
        });
    if (!is_beaten) expected.push_back(trial.id.number);
  }
  EXPECT_EQ(Numbers(ParetoFront(trials, LossAndSpeed())), expected);
}

TEST(RankingTest, NanIsWorstWhateverTheGoal) {
  EXPECT_TRUE(Better(kInf, kNan, Goal::kMinimize));
  EXPECT_TRUE(Better(-kInf, kNan, Goal::kMaximize));
  EXPECT_FALSE(Better(kNan, kInf, Goal::kMinimize));
  EXPECT_FALSE(Better(kNan, -kInf, Goal::kMaximize));
  EXPECT_FALSE(Better(kNan, kNan, Goal::kMinimize));
}

TEST(RankingTest, CompletedTrialsComeFirstThenTheBestThenTheEarliest) {
  std::vector<Trial> trials = {
      MakeTrial(1), MakeCompletedTrial(2, 3.0), MakeCompletedTrial(3, 1.0),
      MakeTrial(4, Pruned{.attempt = 1, .reason = "slow"}),
      MakeCompletedTrial(5, 1.0)};
  std::reverse(trials.begin(), trials.end());
  std::sort(trials.begin(), trials.end(), [](const Trial& a, const Trial& b) {
    return RanksBefore(a, b, Goal::kMinimize);
  });
  EXPECT_THAT(Numbers(trials), ElementsAre(3, 5, 2, 1, 4));
}

TEST(RankingTest, BestTrialsAreTheCompletedOnes) {
  const std::vector<Trial> trials = {
      MakeTrial(1), MakeCompletedTrial(2, 3.0), MakeCompletedTrial(3, -kInf),
      MakeCompletedTrial(4, kInf), MakeCompletedTrial(5, 3.0)};
  EXPECT_THAT(Numbers(BestTrials(trials, Goal::kMaximize, 0)),
              ElementsAre(4, 2, 5, 3));
  EXPECT_THAT(Numbers(BestTrials(trials, Goal::kMinimize, 2)),
              ElementsAre(3, 2));
  EXPECT_THAT(Numbers(BestTrials(trials, Goal::kMinimize, 99)),
              ElementsAre(3, 2, 5, 4));
  EXPECT_THAT(BestTrials({}, Goal::kMinimize, 3), IsEmpty());
}

TEST(MedianTest, IsTheMiddleOrTheMeanOfTheMiddleTwo) {
  EXPECT_EQ(Median({5.0}, Goal::kMinimize), 5.0);
  EXPECT_EQ(Median({3.0, 1.0, 2.0}, Goal::kMaximize), 2.0);
  EXPECT_EQ(Median({4.0, 1.0, 2.0, 3.0}, Goal::kMinimize), 2.5);
  EXPECT_EQ(Median({}, Goal::kMinimize), std::nullopt);
}

TEST(MedianTest, NanCountsAsTheWorst) {
  EXPECT_EQ(Median({kNan, 1.0, 2.0}, Goal::kMinimize), 2.0);
  EXPECT_EQ(Median({kNan, 1.0, 2.0}, Goal::kMaximize), 1.0);
  EXPECT_TRUE(std::isnan(*Median({kNan, kNan, 1.0}, Goal::kMinimize)));
}

TEST(MedianTest, HoldsTheLargestNumbers) {
  constexpr double kMax = std::numeric_limits<double>::max();
  EXPECT_EQ(Median({kMax, kMax}, Goal::kMinimize), kMax);
  EXPECT_EQ(Median({kInf, kInf}, Goal::kMaximize), kInf);
}

}  // namespace
}  // namespace attune

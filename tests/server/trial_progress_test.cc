#include "server/trial_progress.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace attune {
namespace {

using testing::IsEmpty;
using testing::IsNull;
using testing::Pointee;

TEST(TrialProgressTest, AStepKeepsItsFirstValues) {
  TrialProgress progress("loss");
  EXPECT_TRUE(progress.Add({.step = 1, .metrics = {{"loss", 0.5}}}));
  EXPECT_FALSE(progress.Add({.step = 1, .metrics = {{"loss", 0.7}}}));
  EXPECT_TRUE(progress.HasStep(1));
  EXPECT_THAT(progress.Latest("loss"), Pointee(0.5));
  EXPECT_EQ(progress.curve(), (Curve{{1, 0.5}}));
}

TEST(TrialProgressTest, TheLatestValueIsThatOfTheHighestStep) {
  TrialProgress progress;
  progress.Add({.step = 3, .metrics = {{"loss", 0.3}}});
  progress.Add({.step = 2, .metrics = {{"loss", 0.2}, {"accuracy", 0.9}}});
  EXPECT_THAT(progress.Latest("loss"), Pointee(0.3));
  EXPECT_THAT(progress.Latest("accuracy"), Pointee(0.9));
  EXPECT_THAT(progress.Latest("error"), IsNull());
}

TEST(TrialProgressTest, NamesTheMetricsForAMessage) {
  TrialProgress progress;
  EXPECT_EQ(progress.MetricNames(), "");
  progress.Add({.step = 1, .metrics = {{"loss", 1.0}, {"accuracy", 0.5}}});
  EXPECT_EQ(progress.MetricNames(), "accuracy, loss");
}

TEST(TrialProgressTest, KeepsNoCurveUnlessAsked) {
  TrialProgress progress;
  progress.Add({.step = 1, .metrics = {{"loss", 1.0}}});
  EXPECT_THAT(progress.curve(), IsEmpty());
}

}  // namespace
}  // namespace attune

#include "worker/optim/rate_schedule.h"

#include "gtest/gtest.h"

namespace attune::nn {
namespace {

TEST(RateScheduleTest, ConstantStays) {
  EXPECT_EQ(LearningRate(ConstantRate{.rate = 0.3}, 0), 0.3);
  EXPECT_EQ(LearningRate(ConstantRate{.rate = 0.3}, 1'000'000), 0.3);
}

TEST(RateScheduleTest, StepFallsAtOnce) {
  const StepRate schedule = {.rate = 0.8, .factor = 0.5, .steps = 10};
  EXPECT_EQ(LearningRate(schedule, 0), 0.8);
  EXPECT_EQ(LearningRate(schedule, 9), 0.8);
  EXPECT_EQ(LearningRate(schedule, 10), 0.4);
  EXPECT_EQ(LearningRate(schedule, 39), 0.1);
}

TEST(RateScheduleTest, ExponentialFallsSmoothlyThroughTheSamePoints) {
  const ExponentialRate schedule = {.rate = 0.8, .factor = 0.25, .steps = 10};
  EXPECT_EQ(LearningRate(schedule, 0), 0.8);
  EXPECT_NEAR(LearningRate(schedule, 5), 0.4, 1e-15);
  EXPECT_NEAR(LearningRate(schedule, 10), 0.2, 1e-15);
}

TEST(RateScheduleTest, CosineGoesFromRateToFinalRate) {
  const CosineRate schedule = {.rate = 1.0, .final_rate = 0.2, .steps = 100};
  EXPECT_DOUBLE_EQ(LearningRate(schedule, 0), 1.0);
  EXPECT_NEAR(LearningRate(schedule, 50), 0.6, 1e-15);
  EXPECT_NEAR(LearningRate(schedule, 25), 0.2 + 0.8 * 0.853553390593, 1e-12);
  EXPECT_DOUBLE_EQ(LearningRate(schedule, 100), 0.2);
  EXPECT_DOUBLE_EQ(LearningRate(schedule, 101), 0.2);
}

TEST(RateScheduleTest, LinearGoesFromRateToFinalRate) {
  const LinearRate schedule = {.rate = 1.0, .final_rate = 0.2, .steps = 100};
  EXPECT_DOUBLE_EQ(LearningRate(schedule, 0), 1.0);
  EXPECT_DOUBLE_EQ(LearningRate(schedule, 25), 0.8);
  EXPECT_DOUBLE_EQ(LearningRate(schedule, 100), 0.2);
  EXPECT_DOUBLE_EQ(LearningRate(schedule, 1000), 0.2);
}

}  // namespace
}  // namespace attune::nn

#include "worker/optim/weight_average.h"

#include <cmath>

#include "core/random.h"
#include "gtest/gtest.h"

namespace attune::nn {
namespace {

TEST(WeightAverageTest, IsTheWeightedMeanOfAllSteps) {
  WeightAverage average(0.9);
  double sum = 0.0;
  double weights = 0.0;
  Rng rng(1);
  for (int step = 0; step < 30; ++step) {
    const double theta = rng.Normal();
    average.Add(Vector::Constant(1, theta));
    sum = 0.9 * sum + theta;
    weights = 0.9 * weights + 1.0;
    EXPECT_NEAR(average.average()[0], sum / weights, 1e-14);
  }
}

// Where a mean that begins at 0, or at the initial weights, is still near them.
TEST(WeightAverageTest, IsRightFromTheFirstStepOn) {
  WeightAverage average(0.999);
  average.Add(Vector::Constant(3, 5.0));
  EXPECT_EQ(average.average(), Vector(Vector::Constant(3, 5.0)));
  average.Add(Vector::Constant(3, 6.0));
  EXPECT_NEAR(average.average()[0], (0.999 * 5.0 + 6.0) / 1.999, 1e-12);
}

TEST(WeightAverageTest, LiesNearerToTheMinimumThanNoisySteps) {
  WeightAverage average(0.98);
  Rng rng(2);
  double theta = 1.0;
  double far = 0.0;
  double average_far = 0.0;
  for (int step = 0; step < 1000; ++step) {
    theta -= 0.2 * (theta + rng.Normal());
    average.Add(Vector::Constant(1, theta));
    if (step < 500) continue;
    far += theta * theta;
    average_far += std::pow(average.average()[0], 2);
  }
  EXPECT_LT(average_far, 0.25 * far);
}

TEST(WeightAverageTest, GoesOnFromWhatWasSaved) {
  WeightAverage first(0.9);
  WeightAverage second(0.9);
  for (const double theta : {1.0, 0.3, -2.0}) {
    first.Add(Vector::Constant(2, theta));
  }
  second.average() = first.average();
  second.set_steps(first.steps());
  first.Add(Vector::Constant(2, 0.7));
  second.Add(Vector::Constant(2, 0.7));
  EXPECT_EQ(first.average(), second.average());
}

}  // namespace
}  // namespace attune::nn

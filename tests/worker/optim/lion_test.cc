#include "worker/optim/lion.h"

#include "core/random.h"
#include "gtest/gtest.h"

namespace attune::nn {
namespace {

TEST(LionTest, IsThePapersAlgorithm) {
  Lion lion({.beta1 = 0.8, .beta2 = 0.95}, {.weight_decay = 0.5});
  Vector theta = Vector::Ones(1);
  double expected = 1.0;
  double m = 0.0;
  Rng rng(3);
  for (int step = 0; step < 50; ++step) {
    const double g = rng.Normal();
    lion.Step(Vector::Constant(1, g), {.learning_rate = 0.01}, theta);
    const double c = 0.8 * m + 0.2 * g;
    expected -= 0.01 * ((c > 0.0 ? 1.0 : -1.0) + 0.5 * expected);
    m = 0.95 * m + 0.05 * g;
  }
  EXPECT_NEAR(theta[0], expected, 1e-14);
}

TEST(LionTest, StepsAreAsLongAsTheRateOrThereIsNone) {
  Lion lion({});
  Vector theta = Vector::Zero(3);
  Vector g(3);
  g << 1e-9, -1e9, 0.0;
  lion.Step(g, {.learning_rate = 0.25}, theta);
  EXPECT_EQ(theta, (Vector(3) << -0.25, 0.25, 0.0).finished());
}

}  // namespace
}  // namespace attune::nn

#include "worker/optim/adagrad.h"

#include <cmath>

#include "core/random.h"
#include "gtest/gtest.h"

namespace attune::nn {
namespace {

// One parameter through 50 steps against the formula written out.
double Distance(const AdagradOptions& options, bool inside) {
  Adagrad adagrad(options);
  Vector theta = Vector::Ones(1);
  double expected = 1.0;
  double s = 0.0;
  Rng rng(3);
  for (int step = 0; step < 50; ++step) {
    const double g = rng.Normal();
    adagrad.Step(Vector::Constant(1, g), {.learning_rate = 0.01}, theta);
    s += g * g;
    expected -= 0.01 * g /
                (inside ? std::sqrt(s + options.epsilon)
                        : std::sqrt(s) + options.epsilon);
  }
  return std::abs(theta[0] - expected);
}

TEST(AdagradTest, IsItsFormula) {
  EXPECT_LT(Distance({.epsilon = 1e-2}, false), 1e-13);
}

TEST(AdagradTest, CanHaveEpsilonInsideTheRoot) {
  const AdagradOptions options = {.epsilon = 1e-2, .epsilon_inside_root = true};
  EXPECT_LT(Distance(options, true), 1e-13);
  EXPECT_GT(Distance(options, false), 1e-6);
}

TEST(AdagradTest, GivesARareFeatureAsLongAStepAsTheFirst) {
  Adagrad adagrad({});
  Vector theta = Vector::Zero(2);
  for (int step = 0; step < 100; ++step) {
    Vector g(2);
    g << 1.0, step == 99 ? 1.0 : 0.0;
    adagrad.Step(g, {.learning_rate = 0.1}, theta);
  }
  EXPECT_NEAR(theta[1], -0.1, 1e-9);
}

}  // namespace
}  // namespace attune::nn

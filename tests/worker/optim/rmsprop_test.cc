#include "worker/optim/rmsprop.h"

#include <cmath>

#include "core/random.h"
#include "gtest/gtest.h"

namespace attune::nn {
namespace {

// One parameter through 50 steps against the formula written out.
double Distance(const RmspropOptions& options, bool inside) {
  Rmsprop rmsprop(options);
  Vector theta = Vector::Ones(1);
  double expected = 1.0;
  double s = 0.0;
  Rng rng(3);
  for (int step = 0; step < 50; ++step) {
    const double g = rng.Normal();
    rmsprop.Step(Vector::Constant(1, g), {.learning_rate = 0.01}, theta);
    s = options.rho * s + (1.0 - options.rho) * g * g;
    expected -= 0.01 * g /
                (inside ? std::sqrt(s + options.epsilon)
                        : std::sqrt(s) + options.epsilon);
  }
  return std::abs(theta[0] - expected);
}

TEST(RmspropTest, IsItsFormula) {
  EXPECT_LT(Distance({.rho = 0.95, .epsilon = 1e-3}, false), 1e-13);
}

TEST(RmspropTest, IsTheLecturesRuleWithEpsilonInsideTheRoot) {
  const RmspropOptions slide = {
      .rho = 0.9, .epsilon = 1e-10, .epsilon_inside_root = true};
  EXPECT_LT(Distance(slide, true), 1e-13);
  // The place of epsilon is visible when epsilon is.
  const RmspropOptions large = {
      .rho = 0.9, .epsilon = 1e-2, .epsilon_inside_root = true};
  EXPECT_LT(Distance(large, true), 1e-13);
  EXPECT_GT(Distance(large, false), 1e-4);
}

// Every variant against its formula written out.
double DistanceOfVariant(bool centered, double momentum) {
  Rmsprop rmsprop({.rho = 0.8,
                   .epsilon = 1e-3,
                   .centered = centered,
                   .momentum = momentum});
  Vector theta = Vector::Ones(1);
  double expected = 1.0;
  double s = 0.0;
  double m = 0.0;
  double v = 0.0;
  Rng rng(5);
  for (int step = 0; step < 50; ++step) {
    const double g = rng.Normal();
    const double rate = 0.01 / (1 + step);
    rmsprop.Step(Vector::Constant(1, g), {.learning_rate = rate}, theta);
    s = 0.8 * s + 0.2 * g * g;
    m = 0.8 * m + 0.2 * g;
    const double root = std::sqrt(centered ? s - m * m : s) + 1e-3;
    v = momentum * v - rate * g / root;
    expected += v;
  }
  return std::abs(theta[0] - expected);
}

TEST(RmspropTest, IsCenteredByTheMean) {
  EXPECT_LT(DistanceOfVariant(true, 0.0), 1e-13);
}

TEST(RmspropTest, HasAMomentum) {
  EXPECT_LT(DistanceOfVariant(false, 0.7), 1e-13);
}

TEST(RmspropTest, IsCenteredAndHasAMomentum) {
  EXPECT_LT(DistanceOfVariant(true, 0.7), 1e-13);
}

// The mean of g^2 less the squared mean is then 0, and may round to less.
TEST(RmspropTest, CenteredTakesAConstantGradient) {
  Rmsprop rmsprop({.rho = 0.9, .epsilon = 1e-2, .centered = true});
  Vector theta = Vector::Zero(1);
  for (int step = 0; step < 1000; ++step) {
    rmsprop.Step(Vector::Constant(1, 0.1), {.learning_rate = 1e-3}, theta);
  }
  EXPECT_LT(theta[0], -1.0);
}

}  // namespace
}  // namespace attune::nn

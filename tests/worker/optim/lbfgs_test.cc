#include "worker/optim/lbfgs.h"

#include <cmath>
#include <limits>

#include "gtest/gtest.h"
#include "tests/testing/descent_problems.h"

namespace attune::nn {
namespace {

// A function to minimize, where the descent is now, and how often it was asked.
struct Descent {
  double (*value)(const Vector&);
  Vector (*gradient)(const Vector&);
  Vector x;
  Vector g = Vector::Zero(x.size());
  int evaluations = 0;

  double Step(Lbfgs& lbfgs, double learning_rate = 1.0) {
    return lbfgs.Step(
        [this] {
          ++evaluations;
          g = gradient(x);
          return value(x);
        },
        learning_rate, x, g);
  }
};

Descent Rosenbrock() {
  return {.value = RosenbrockValue,
          .gradient = RosenbrockGradient,
          .x = (Vector(2) << -1.2, 1.0).finished()};
}
Descent Ravine() {
  return {.value = RavineValue,
          .gradient = RavineGradient,
          .x = (Vector(2) << 5.0, 1.0).finished()};
}

TEST(LbfgsTest, ReachesTheMinimumOfTheSphereInTwoSteps) {
  Descent descent = {.value = SphereValue,
                     .gradient = SphereGradient,
                     .x = Vector::LinSpaced(5, -2.0, 3.0)};
  Lbfgs lbfgs({});
  for (int i = 0; i < 2; ++i) descent.Step(lbfgs);
  EXPECT_LT(descent.x.norm(), 1e-12);
}

TEST(LbfgsTest, ReachesTheMinimumOfTheRavineInFifteenSteps) {
  Descent descent = Ravine();
  Lbfgs lbfgs({});
  for (int i = 0; i < 15; ++i) descent.Step(lbfgs);
  EXPECT_LT(descent.x.norm(), 1e-6);
}

TEST(LbfgsTest, ReachesTheMinimumOfRosenbrockInFortySteps) {
  Descent descent = Rosenbrock();
  Lbfgs lbfgs({});
  for (int i = 0; i < 40; ++i) descent.Step(lbfgs);
  EXPECT_LT((descent.x - Vector::Ones(2)).norm(), 1e-8);
  EXPECT_LT(descent.evaluations, 80);
}

TEST(LbfgsTest, ReturnsTheLossWhereTheStepBegan) {
  Descent descent = Rosenbrock();
  Lbfgs lbfgs({});
  double expected = RosenbrockValue(descent.x);
  for (int i = 0; i < 20; ++i) {
    const double loss = descent.Step(lbfgs);
    EXPECT_EQ(loss, expected);
    expected = RosenbrockValue(descent.x);
    EXPECT_LT(expected, loss);
  }
  EXPECT_EQ(lbfgs.steps(), 20);
}

TEST(LbfgsTest, ALongerHistoryKnowsMore) {
  const auto evaluations = [](int64_t history) {
    // Eight curvatures.
    Descent descent = {
        .value =
            [](const Vector& x) {
              return 0.5 * x.dot(Vector(Vector::LinSpaced(8, 1.0, 80.0))
                                     .cwiseProduct(x));
            },
        .gradient =
            [](const Vector& x) {
              return Vector(
                  Vector(Vector::LinSpaced(8, 1.0, 80.0)).cwiseProduct(x));
            },
        .x = Vector::Ones(8)};
    Lbfgs lbfgs({.history = history});
    while (descent.g.norm() > 1e-8 || descent.evaluations == 0) {
      descent.Step(lbfgs);
    }
    return descent.evaluations;
  };
  EXPECT_LT(evaluations(8), evaluations(1));
}

TEST(LbfgsTest, MinimizesThePenaltyToo) {
  Descent descent = Ravine();
  descent.value = [](const Vector& x) {
    return 0.5 * (x - Vector::Ones(2)).squaredNorm();
  };
  descent.gradient = [](const Vector& x) {
    return Vector(x - Vector::Ones(2));
  };
  Lbfgs lbfgs({.l2 = 1.0});
  for (int i = 0; i < 10; ++i) descent.Step(lbfgs);
  EXPECT_LT((descent.x - Vector::Constant(2, 0.5)).norm(), 1e-10);
  // Which is no part of the loss that it tells.
  EXPECT_NEAR(descent.Step(lbfgs), 0.25, 1e-10);
}

TEST(LbfgsTest, RestsAtTheMinimum) {
  Descent descent = Ravine();
  descent.x.setZero();
  Lbfgs lbfgs({});
  for (int i = 0; i < 3; ++i) EXPECT_EQ(descent.Step(lbfgs), 0.0);
  EXPECT_EQ(descent.x.norm(), 0.0);
}

TEST(LbfgsTest, StaysWhereTheLossIsNotFinite) {
  Descent descent = Ravine();
  descent.value = [](const Vector&) {
    return std::numeric_limits<double>::infinity();
  };
  Lbfgs lbfgs({});
  EXPECT_TRUE(std::isinf(descent.Step(lbfgs)));
  EXPECT_EQ(descent.x, (Vector(2) << 5.0, 1.0).finished());
}

TEST(LbfgsTest, GoesOnBitForBitFromWhatWasSaved) {
  Descent through = Rosenbrock();
  Lbfgs whole({.history = 5});
  for (int i = 0; i < 20; ++i) through.Step(whole);

  Descent halved = Rosenbrock();
  Lbfgs before({.history = 5});
  for (int i = 0; i < 10; ++i) halved.Step(before);
  Lbfgs after({.history = 5});
  const std::vector<Vector*> from = before.slots();
  const std::vector<Vector*> to = after.slots();
  ASSERT_EQ(from.size(), to.size());
  for (size_t i = 0; i < from.size(); ++i) *to[i] = *from[i];
  after.set_steps(before.steps());
  halved.g.setZero();
  for (int i = 0; i < 10; ++i) halved.Step(after);
  EXPECT_EQ(halved.x, through.x);
  EXPECT_EQ(after.steps(), whole.steps());
}

}  // namespace
}  // namespace attune::nn

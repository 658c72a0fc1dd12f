// Every rule, shown what it is bad at, beside one that is not.
#include <algorithm>
#include <cmath>
#include <functional>

#include "core/random.h"
#include "gtest/gtest.h"
#include "tests/testing/descent_problems.h"
#include "worker/optim/adadelta.h"
#include "worker/optim/adagrad.h"
#include "worker/optim/adam.h"
#include "worker/optim/lbfgs.h"
#include "worker/optim/lion.h"
#include "worker/optim/momentum.h"
#include "worker/optim/nadam.h"
#include "worker/optim/rmsprop.h"
#include "worker/optim/sgd.h"

namespace attune::nn {
namespace {

using Gradient = std::function<Vector(const Vector& x, int step)>;

Vector Descend(Optimizer& optimizer, const StepSettings& step, int steps,
               Vector x, const Gradient& gradient) {
  for (int i = 0; i < steps; ++i) optimizer.Step(gradient(x, i), step, x);
  return x;
}

Vector Sphere(const Vector& x, int /*step*/) { return SphereGradient(x); }
Vector Ravine(const Vector& x, int /*step*/) { return RavineGradient(x); }
Vector RavineStart() { return (Vector(2) << 5.0, 1.0).finished(); }
Vector One(double x) { return Vector::Constant(1, x); }

// Reddi, Kale & Kumar 2018: sum of 1010 x once in 101 steps and -10 x else, for
// x in [-1, 1]. The sum is least at -1, but a rule that forgets the one large
// gradient before its next one goes the other way.
double EndOfReddisExample(Optimizer& optimizer) {
  Vector x = One(0.0);
  for (int t = 1; t <= 50'000; ++t) {
    optimizer.Step(One(t % 101 == 1 ? 1010.0 : -10.0), {.learning_rate = 0.1},
                   x);
    x[0] = std::clamp(x[0], -1.0, 1.0);
  }
  return x[0];
}

// Its rate is bound by the steepest direction; along the others it creeps.
TEST(WeaknessTest, SgdCreepsAlongTheRavine) {
  Sgd sgd;
  Adagrad adagrad({});
  const Vector slow =
      Descend(sgd, {.learning_rate = 0.039}, 60, RavineStart(), Ravine);
  const Vector fast =
      Descend(adagrad, {.learning_rate = 2.0}, 60, RavineStart(), Ravine);
  EXPECT_GT(slow.norm(), 0.25);
  EXPECT_LT(fast.norm(), 1e-2);
}

TEST(WeaknessTest, MomentumRunsPastTheMinimum) {
  Momentum momentum;
  Sgd sgd;
  const auto lowest_of = [](Optimizer& optimizer) {
    Vector x = One(1.0);
    double lowest = x[0];
    for (int i = 0; i < 100; ++i) {
      optimizer.Step(SphereGradient(x),
                     {.learning_rate = 0.05, .momentum = 0.95}, x);
      lowest = std::min(lowest, x[0]);
    }
    return lowest;
  };
  EXPECT_LT(lowest_of(momentum), -0.7);
  EXPECT_GE(lowest_of(sgd), 0.0);
}

// Its rate must stay below 2 (1 + alpha) / (1 + 2 alpha) of the inverse
// curvature, plain momentum's below 2 (1 + alpha).
TEST(WeaknessTest, NesterovDivergesAtRatesThatMomentumTakes) {
  const StepSettings step = {.learning_rate = 1.0, .momentum = 0.9};
  Momentum momentum;
  Momentum nesterov(Momentum::Kind::kNesterov);
  EXPECT_LT(Descend(momentum, step, 300, One(1.0), Sphere).norm(), 1e-3);
  EXPECT_GT(Descend(nesterov, step, 300, One(1.0), Sphere).norm(), 1e3);
}

// Where the gradient becomes small, so does what it is divided by.
TEST(WeaknessTest, RmspropNeverRestsAtAConstantRate) {
  Rmsprop rmsprop({});
  Sgd sgd;
  const StepSettings step = {.learning_rate = 0.1};
  Vector x = Descend(rmsprop, step, 1000, One(1.0), Sphere);
  const Vector next = Descend(rmsprop, step, 1, x, Sphere);
  EXPECT_GT(std::max(x.norm(), next.norm()), 0.04);
  EXPECT_LT(Descend(sgd, step, 1000, One(1.0), Sphere).norm(), 1e-12);
}

TEST(WeaknessTest, CenteredRmspropLeapsWhereTheGradientIsSteady) {
  Rmsprop centered({.centered = true});
  Rmsprop plain({});
  const StepSettings step = {.learning_rate = 1e-3};
  const Gradient steady = [](const Vector&, int) { return One(1.0); };
  EXPECT_GT(Descend(centered, step, 200, One(0.0), steady).norm(), 100.0);
  EXPECT_LT(Descend(plain, step, 200, One(0.0), steady).norm(), 0.25);
}

TEST(WeaknessTest, AdamGoesTheWrongWayInReddisExample) {
  Adam adam({.beta1 = 0.0, .beta2 = 0.9});
  Adam amsgrad({.beta1 = 0.0, .beta2 = 0.9, .amsgrad = true});
  EXPECT_GT(EndOfReddisExample(adam), 0.5);
  EXPECT_LT(EndOfReddisExample(amsgrad), -0.9);
}

TEST(WeaknessTest, NadamGoesTheWrongWayToo) {
  Nadam nadam({.beta1 = 0.0, .beta2 = 0.9});
  EXPECT_GT(EndOfReddisExample(nadam), 0.5);
}

TEST(WeaknessTest, AmsgradNeverForgetsOneLargeGradient) {
  const Gradient spike = [](const Vector& x, int step) {
    return step == 0 ? One(1e4) : SphereGradient(x);
  };
  Adam amsgrad({.beta2 = 0.9, .amsgrad = true});
  Adam adam({.beta2 = 0.9});
  const StepSettings step = {.learning_rate = 0.01};
  EXPECT_GT(Descend(amsgrad, step, 1000, One(1.0), spike).norm(), 0.5);
  EXPECT_LT(Descend(adam, step, 1000, One(1.0), spike).norm(), 0.1);
}

// The root grows for ever, so after t steps it has come sqrt(t) far.
TEST(WeaknessTest, AdagradNeverArrivesWhereTheWayIsLong) {
  const Gradient slope = [](const Vector&, int) { return One(-1.0); };
  Adagrad adagrad({});
  Rmsprop rmsprop({});
  const StepSettings step = {.learning_rate = 0.01};
  EXPECT_LT(Descend(adagrad, step, 10'000, One(0.0), slope)[0], 2.1);
  EXPECT_GT(Descend(rmsprop, step, 10'000, One(0.0), slope)[0], 99.0);
}

// Its steps are as long as the last ones, and those were as long as epsilon.
TEST(WeaknessTest, AdadeltaIsSlowToStart) {
  Adadelta adadelta({});
  Adagrad adagrad({});
  EXPECT_GT(
      Descend(adadelta, {.learning_rate = 1.0}, 200, One(10.0), Sphere)[0],
      8.0);
  EXPECT_LT(Descend(adagrad, {.learning_rate = 1.0}, 200, One(10.0), Sphere)[0],
            1.0);
}

// Every step is as long as the rate, however near the minimum is.
TEST(WeaknessTest, LionJumpsOverTheMinimum) {
  Lion lion({});
  const StepSettings step = {.learning_rate = 0.1};
  double nearest = 1.0;
  Vector x = One(0.95);
  for (int i = 0; i < 1000; ++i) {
    lion.Step(SphereGradient(x), step, x);
    nearest = std::min(nearest, x.norm());
  }
  EXPECT_GT(nearest, 0.04);
}

// Differences of gradients of different minibatches are no curvature.
TEST(WeaknessTest, LbfgsIsMisledByNoise) {
  const auto noisy = [](Rng& rng, const Vector& x) {
    return Vector(RavineGradient(x) +
                  Vector(Vector::NullaryExpr(2, [&] { return rng.Normal(); })));
  };
  Rng rng(1);
  Lbfgs lbfgs({});
  Vector x = RavineStart();
  Vector g = Vector::Zero(2);
  for (int i = 0; i < 500; ++i) {
    lbfgs.Step(
        [&] {
          g = noisy(rng, x);
          return RavineValue(x) + rng.Normal();
        },
        1.0, x, g);
  }
  Rng other(1);
  Sgd sgd;
  const Vector y =
      Descend(sgd, {.learning_rate = 0.01}, 500, RavineStart(),
              [&](const Vector& at, int) { return noisy(other, at); });
  EXPECT_GT(RavineValue(x), 2.0 * RavineValue(y));
}

}  // namespace
}  // namespace attune::nn

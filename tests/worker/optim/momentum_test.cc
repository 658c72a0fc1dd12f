#include "worker/optim/momentum.h"

#include "core/random.h"
#include "gtest/gtest.h"
#include "tests/testing/descent_problems.h"
#include "worker/optim/sgd.h"

namespace attune::nn {
namespace {

Vector Gradient(int step) {
  Rng rng = Rng(7).Split(static_cast<uint64_t>(step));
  return Vector::NullaryExpr(6, [&rng] { return rng.Normal(); });
}
double Rate(int step) { return 0.1 / (1 + step); }

TEST(MomentumTest, IsAlgorithm82) {
  Momentum momentum;
  Vector theta = Vector::Ones(6);
  Vector expected = theta;
  Vector v = Vector::Zero(6);
  for (int step = 0; step < 20; ++step) {
    momentum.Step(Gradient(step),
                  {.learning_rate = Rate(step), .momentum = 0.8}, theta);
    v = 0.8 * v - Rate(step) * Gradient(step);
    expected += v;
  }
  EXPECT_LT((theta - expected).norm(), 1e-13);
}

// v <- alpha v + g, theta <- theta - rho v, as other libraries have it.
TEST(MomentumTest, AgreesWithTheOtherFormForAConstantRateOnly) {
  const auto distance = [](auto rate_of) {
    Momentum momentum;
    Vector theta = Vector::Ones(6);
    Vector expected = theta;
    Vector v = Vector::Zero(6);
    for (int step = 0; step < 20; ++step) {
      momentum.Step(Gradient(step),
                    {.learning_rate = rate_of(step), .momentum = 0.8}, theta);
      v = 0.8 * v + Gradient(step);
      expected -= rate_of(step) * v;
    }
    return (theta - expected).norm();
  };
  EXPECT_LT(distance([](int) { return 0.1; }), 1e-13);
  EXPECT_GT(distance(Rate), 1e-3);
}

// Algorithm 8.3 itself: the gradient is taken at theta + alpha v. On the
// ravine, whose gradient depends on the place.
TEST(MomentumTest, NesterovIsAlgorithm83SeenFromWhereTheGradientIsTaken) {
  const double alpha = 0.9;
  const double rate = 0.01;
  Momentum nesterov(Momentum::Kind::kNesterov);
  Vector ahead(2);
  ahead << 5.0, 1.0;
  Vector theta = ahead;
  Vector v = Vector::Zero(2);
  for (int step = 0; step < 30; ++step) {
    nesterov.Step(RavineGradient(ahead),
                  {.learning_rate = rate, .momentum = alpha}, ahead);
    v = alpha * v - rate * RavineGradient(theta + alpha * v);
    theta += v;
  }
  EXPECT_LT((ahead - (theta + alpha * v)).norm(), 1e-13);
}

// The rate and the momentum of every step are those that it is given.
TEST(MomentumTest, FollowsAScheduleOfTheMomentum) {
  Momentum momentum;
  Vector theta = Vector::Ones(6);
  Vector expected = theta;
  Vector v = Vector::Zero(6);
  for (int step = 0; step < 20; ++step) {
    const double alpha = 0.5 + 0.02 * step;
    momentum.Step(Gradient(step), {.learning_rate = 0.1, .momentum = alpha},
                  theta);
    v = alpha * v - 0.1 * Gradient(step);
    expected += v;
  }
  EXPECT_LT((theta - expected).norm(), 1e-13);
}

TEST(MomentumTest, BeatsPlainDescentInTheRavine) {
  const auto distance = [](Optimizer& optimizer, double rate) {
    Vector x(2);
    x << 5.0, 1.0;
    for (int i = 0; i < 100; ++i)
      optimizer.Step(RavineGradient(x),
                     {.learning_rate = rate, .momentum = 0.8}, x);
    return x.norm();
  };
  Sgd sgd;
  Momentum momentum;
  EXPECT_LT(distance(momentum, 0.03), 0.01 * distance(sgd, 0.03));
}

}  // namespace
}  // namespace attune::nn

#include "worker/optim/adam.h"

#include <algorithm>
#include <cmath>

#include "core/random.h"
#include "gtest/gtest.h"

namespace attune::nn {
namespace {

struct Expected {
  double theta = 1.0;
  double m = 0.0;
  double s = 0.0;
};

TEST(AdamTest, IsThePapersAlgorithm) {
  const AdamOptions options = {.beta1 = 0.8, .beta2 = 0.99, .epsilon = 1e-3};
  Adam adam(options);
  Vector theta = Vector::Ones(1);
  Expected e;
  Rng rng(3);
  for (int t = 1; t <= 50; ++t) {
    const double g = rng.Normal();
    adam.Step(Vector::Constant(1, g), {.learning_rate = 0.01}, theta);
    e.m = 0.8 * e.m + 0.2 * g;
    e.s = 0.99 * e.s + 0.01 * g * g;
    const double m_hat = e.m / (1.0 - std::pow(0.8, t));
    const double s_hat = e.s / (1.0 - std::pow(0.99, t));
    e.theta -= 0.01 * m_hat / (std::sqrt(s_hat) + 1e-3);
  }
  EXPECT_NEAR(theta[0], e.theta, 1e-13);
}

TEST(AdamTest, CorrectsBiasInsideTheRootToo) {
  Adam adam({.beta2 = 0.99, .epsilon = 1e-2, .epsilon_inside_root = true});
  Vector theta = Vector::Ones(1);
  // In the first step m' = g and s' = g^2 whatever the betas.
  adam.Step(Vector::Constant(1, 0.3), {.learning_rate = 0.01}, theta);
  EXPECT_NEAR(theta[0], 1.0 - 0.01 * 0.3 / std::sqrt(0.09 + 1e-2), 1e-15);
}

// nu <- beta1 nu + (1 - beta1) g, s <- beta2 s + (1 - beta2) g^2,
// delta theta = -eta nu / sqrt(s + epsilon).
TEST(AdamTest, IsTheLecturesRuleWithItsSettings) {
  Adam adam({.beta1 = 0.9,
             .beta2 = 0.99,
             .epsilon = 1e-10,
             .epsilon_inside_root = true,
             .bias_correction = false});
  Vector theta = Vector::Ones(1);
  Expected e;
  Rng rng(4);
  for (int t = 1; t <= 50; ++t) {
    const double g = rng.Normal();
    adam.Step(Vector::Constant(1, g), {.learning_rate = 0.01}, theta);
    e.m = 0.9 * e.m + 0.1 * g;
    e.s = 0.99 * e.s + 0.01 * g * g;
    e.theta += -0.01 * e.m / std::sqrt(e.s + 1e-10);
  }
  EXPECT_NEAR(theta[0], e.theta, 1e-13);
}

TEST(AdamTest, FirstStepIsAsLongAsTheRate) {
  Adam adam(AdamOptions{});
  Vector theta = Vector::Zero(2);
  Vector g(2);
  g << 1e-3, -1e3;
  adam.Step(g, {.learning_rate = 0.01}, theta);
  EXPECT_NEAR(theta[0], -0.01, 1e-6);
  EXPECT_NEAR(theta[1], 0.01, 1e-6);
}

TEST(AdamTest, AmsgradKeepsTheLargestMeanSquare) {
  Adam amsgrad({.beta1 = 0.8, .beta2 = 0.5, .epsilon = 1e-3, .amsgrad = true});
  Vector theta = Vector::Ones(1);
  Expected e;
  double largest = 0.0;
  Rng rng(3);
  for (int t = 1; t <= 50; ++t) {
    const double g = rng.Normal();
    amsgrad.Step(Vector::Constant(1, g), {.learning_rate = 0.01}, theta);
    e.m = 0.8 * e.m + 0.2 * g;
    e.s = 0.5 * e.s + 0.5 * g * g;
    largest = std::max(largest, e.s);
    const double m_hat = e.m / (1.0 - std::pow(0.8, t));
    const double s_hat = largest / (1.0 - std::pow(0.5, t));
    e.theta -= 0.01 * m_hat / (std::sqrt(s_hat) + 1e-3);
  }
  EXPECT_NEAR(theta[0], e.theta, 1e-13);
}

// AdamW: a decay that is not divided by the root, unlike that of L2.
TEST(AdamTest, DecoupledDecayDoesNotDependOnTheGradientsSize) {
  const auto shrunk = [](const Regularization& regularization, double size) {
    Adam adam({}, regularization);
    Vector theta = Vector::Ones(1);
    for (int step = 0; step < 10; ++step) {
      const double g = step % 2 == 0 ? size : -size;
      adam.Step(Vector::Constant(1, g), {.learning_rate = 0.01}, theta);
    }
    Adam plain({});
    Vector other = Vector::Ones(1);
    for (int step = 0; step < 10; ++step) {
      const double g = step % 2 == 0 ? size : -size;
      plain.Step(Vector::Constant(1, g), {.learning_rate = 0.01}, other);
    }
    return other[0] - theta[0];
  };
  EXPECT_NEAR(shrunk({.weight_decay = 0.5}, 1.0),
              shrunk({.weight_decay = 0.5}, 1000.0), 1e-6);
  EXPECT_GT(shrunk({.l2 = 0.5}, 1.0), 100.0 * shrunk({.l2 = 0.5}, 1000.0));
}

}  // namespace
}  // namespace attune::nn

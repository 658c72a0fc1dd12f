#include "worker/optim/nadam.h"

#include <cmath>

#include "core/random.h"
#include "gtest/gtest.h"

namespace attune::nn {
namespace {

double Mu(int t) { return 0.8 * (1.0 - 0.5 * std::pow(0.96, 0.004 * t)); }

TEST(NadamTest, IsThePapersAlgorithm) {
  Nadam nadam({.beta1 = 0.8, .beta2 = 0.99, .epsilon = 1e-3});
  Vector theta = Vector::Ones(1);
  double expected = 1.0;
  double m = 0.0;
  double s = 0.0;
  double product = 1.0;
  Rng rng(3);
  for (int t = 1; t <= 50; ++t) {
    const double g = rng.Normal();
    nadam.Step(Vector::Constant(1, g), {.learning_rate = 0.01}, theta);
    product *= Mu(t);
    m = 0.8 * m + 0.2 * g;
    s = 0.99 * s + 0.01 * g * g;
    const double ahead = Mu(t + 1) * m / (1.0 - product * Mu(t + 1)) +
                         (1.0 - Mu(t)) * g / (1.0 - product);
    const double s_hat = s / (1.0 - std::pow(0.99, t));
    expected -= 0.01 * ahead / (std::sqrt(s_hat) + 1e-3);
  }
  EXPECT_NEAR(theta[0], expected, 1e-13);
}

TEST(NadamTest, WithoutCorrectionTakesTheMeansAsTheyAre) {
  Nadam nadam({.beta1 = 0.8,
               .beta2 = 0.99,
               .epsilon = 1e-3,
               .epsilon_inside_root = true,
               .bias_correction = false});
  Vector theta = Vector::Ones(1);
  nadam.Step(Vector::Constant(1, 0.5), {.learning_rate = 0.01}, theta);
  const double ahead = Mu(2) * 0.2 * 0.5 + (1.0 - Mu(1)) * 0.5;
  EXPECT_NEAR(theta[0], 1.0 - 0.01 * ahead / std::sqrt(0.01 * 0.25 + 1e-3),
              1e-15);
}

}  // namespace
}  // namespace attune::nn

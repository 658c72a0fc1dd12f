#include "worker/optim/adadelta.h"

#include <cmath>

#include "core/random.h"
#include "gtest/gtest.h"

namespace attune::nn {
namespace {

TEST(AdadeltaTest, IsItsFormula) {
  Adadelta adadelta({.rho = 0.8, .epsilon = 1e-3});
  Vector theta = Vector::Ones(1);
  double expected = 1.0;
  double s = 0.0;
  double d = 0.0;
  Rng rng(3);
  for (int step = 0; step < 50; ++step) {
    const double g = rng.Normal();
    adadelta.Step(Vector::Constant(1, g), {.learning_rate = 0.7}, theta);
    s = 0.8 * s + 0.2 * g * g;
    const double u = std::sqrt(d + 1e-3) / std::sqrt(s + 1e-3) * g;
    d = 0.8 * d + 0.2 * u * u;
    expected -= 0.7 * u;
  }
  EXPECT_NEAR(theta[0], expected, 1e-13);
}

// What it is made for: a parameter in other units takes the same steps, seen
// in these units.
TEST(AdadeltaTest, StepsInTheUnitsOfTheParameter) {
  Adadelta adadelta({.epsilon = 1e-12});
  Vector theta = Vector::Zero(2);
  Rng rng(4);
  for (int step = 0; step < 200; ++step) {
    const double g = 1.0 + 0.1 * rng.Normal();
    Vector grads(2);
    grads << g, 1000.0 * g;
    adadelta.Step(grads, {.learning_rate = 1.0}, theta);
  }
  EXPECT_NEAR(theta[0], theta[1], 1e-6 * std::abs(theta[0]));
}

}  // namespace
}  // namespace attune::nn

#include "worker/optim/sgd.h"

#include "core/random.h"
#include "gtest/gtest.h"

namespace attune::nn {
namespace {

Vector Gradient(int step) {
  Rng rng = Rng(7).Split(static_cast<uint64_t>(step));
  return Vector::NullaryExpr(6, [&rng] { return rng.Normal(); });
}

TEST(SgdTest, StepsAgainstTheGradient) {
  Sgd sgd;
  Vector theta = Vector::Ones(6);
  sgd.Step(Gradient(0), {.learning_rate = 0.25}, theta);
  EXPECT_LT((theta - (Vector::Ones(6) - 0.25 * Gradient(0))).norm(), 1e-15);
}

// Gradients of N examples in turn, at a small rate, and their mean at N times
// the rate lead to nearly the same place.
TEST(SgdTest, AveragesOverMinibatchesAsItGoes) {
  Sgd one_by_one;
  Sgd together;
  Vector x = Vector::Ones(6);
  Vector y = Vector::Ones(6);
  Vector mean = Vector::Zero(6);
  for (int step = 0; step < 20; ++step) {
    one_by_one.Step(Gradient(step), {.learning_rate = 1e-3}, x);
    mean += Gradient(step) / 20.0;
  }
  together.Step(mean, {.learning_rate = 20e-3}, y);
  EXPECT_LT((x - y).norm(), 1e-14);
}

}  // namespace
}  // namespace attune::nn

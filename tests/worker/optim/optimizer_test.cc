#include "worker/optim/optimizer.h"

#include <cmath>

#include "gtest/gtest.h"
#include "worker/optim/sgd.h"

namespace attune::nn {
namespace {

// The change of `theta` by a step of SGD of rate 1: what the rule sees as g,
// negative, and what decay takes.
Vector Change(const Regularization& regularization, const Vector& g,
              Vector theta, double learning_rate = 1.0) {
  Sgd sgd(regularization);
  const Vector before = theta;
  sgd.Step(g, {.learning_rate = learning_rate}, theta);
  return theta - before;
}

Vector Make(double a, double b, double c) {
  return (Vector(3) << a, b, c).finished();
}

TEST(RegularizationTest, L2PullsByTheWeight) {
  EXPECT_LT(
      (Change({.l2 = 0.5}, Make(1, 0, 0), Make(2, -4, 0)) - Make(-2, 2, 0))
          .norm(),
      1e-15);
}

TEST(RegularizationTest, L1PullsByTheSignAndLeavesZeroAlone) {
  EXPECT_EQ(Change({.l1 = 0.5}, Make(1, 0, 0), Make(2, -4, 0)),
            Make(-1.5, 0.5, 0));
}

TEST(RegularizationTest, WeightDecayShrinksByTheRate) {
  EXPECT_LT((Change({.weight_decay = 0.5}, Make(0, 0, 8), Make(2, -4, 0),
                    /*learning_rate=*/0.25) -
             Make(-0.25, 0.5, -2))
                .norm(),
            1e-15);
}

TEST(RegularizationTest, ClipNormShortensWhatIsLonger) {
  const Vector g = Make(3, 0, -4);
  EXPECT_LT((Change({.clip_norm = 2.5}, g, Make(0, 0, 0)) + 0.5 * g).norm(),
            1e-5);
  EXPECT_EQ(Change({.clip_norm = 5.1}, g, Make(0, 0, 0)), -g);
}

TEST(RegularizationTest, ClipValueCutsEachComponent) {
  EXPECT_EQ(Change({.clip_value = 2.0}, Make(3, 1, -4), Make(0, 0, 0)),
            Make(-2, -1, 2));
}

TEST(RegularizationTest, PenaltiesAreAddedAfterClipping) {
  EXPECT_LT(
      (Change({.clip_norm = 10.0, .clip_value = 1.0, .l1 = 3.0, .l2 = 2.0},
              Make(5, -5, 0), Make(1, 1, -1)) -
       Make(-6, -4, 5))
          .norm(),
      1e-5);
}

TEST(RegularizationTest, ANaNIsNotClippedAway) {
  const Vector change = Change({.clip_norm = 1.0, .clip_value = 1.0},
                               Make(std::nan(""), 0, 0), Make(0, 0, 0));
  EXPECT_TRUE(std::isnan(change[0]));
}

TEST(RegularizationTest, ClipNormKnowsLengthsWhoseSquareIsOutOfRange) {
  const Vector change =
      Change({.clip_norm = 1.0}, Make(3e200, 0, -4e200), Make(0, 0, 0));
  EXPECT_LT((change - Make(-0.6, 0, 0.8)).norm(), 1e-12);
}

TEST(OptimizerTest, CountsItsSteps) {
  Sgd sgd;
  Vector theta = Vector::Zero(2);
  EXPECT_EQ(sgd.steps(), 0);
  sgd.Step(Vector::Zero(2), {.learning_rate = 0.1}, theta);
  sgd.Step(Vector::Zero(2), {.learning_rate = 0.1}, theta);
  EXPECT_EQ(sgd.steps(), 2);
}

}  // namespace
}  // namespace attune::nn

#include "worker/optim/update_pass.h"

#include "core/random.h"
#include "gtest/gtest.h"

namespace attune::nn {
namespace {

TEST(UpdatePassTest, GivesTheRuleEachParametersGradientAndSlots) {
  // Odd, so that the last ones fall out of the vector instructions.
  const Vector grads = Vector::LinSpaced(37, 0.0, 36.0);
  Vector params = Vector::Constant(37, 100.0);
  Vector one = Vector::LinSpaced(37, 0.5, 36.5);
  Vector two = Vector::Zero(37);
  UpdatePass(grads, {}, 0.1, params)
      .Run(
          [](Scalar g, Scalar& a, Scalar& b) {
            b = g;
            a += 1.0;
            return a - g;
          },
          one, two);
  EXPECT_EQ(two, grads);
  EXPECT_EQ(one, Vector(grads.array() + 1.5));
  EXPECT_EQ(params, Vector(Vector::Constant(37, 101.5)));
}

// A limit that is not reached takes the way of all penalties.
TEST(UpdatePassTest, BothWaysLeadToTheSameBits) {
  Rng rng(1);
  const Vector grads = Vector::NullaryExpr(101, [&] { return rng.Normal(); });
  Vector plain = Vector::NullaryExpr(101, [&] { return rng.Normal(); });
  Vector limited = plain;
  const auto rule = [](Scalar g) { return Scalar{-0.1} * g; };
  UpdatePass(grads, {}, 0.1, plain).Run(rule);
  UpdatePass(grads, {.clip_value = 1e6}, 0.1, limited).Run(rule);
  EXPECT_EQ(plain, limited);
}

TEST(UpdatePassTest, SignIsThatOfTheNumber) {
  EXPECT_EQ(Sign(-0.1), -1.0);
  EXPECT_EQ(Sign(0.0), 0.0);
  EXPECT_EQ(Sign(3.0), 1.0);
}

}  // namespace
}  // namespace attune::nn

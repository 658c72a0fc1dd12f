#include "worker/optim/reduction.h"

#include <cmath>

#include "gtest/gtest.h"

namespace attune::nn {
namespace {

TEST(ReductionTest, DotIsTheSumOfProducts) {
  // Longer than a block and not a multiple of one.
  const Vector a = Vector::LinSpaced(2500, 0.0, 2499.0);
  const Vector b = Vector::Constant(2500, 0.5);
  EXPECT_DOUBLE_EQ(Dot(a, b), 0.5 * 2499.0 * 2500.0 / 2.0);
  EXPECT_EQ(Dot(Vector(), Vector()), 0.0);
}

TEST(ReductionTest, NormIsTheEuclideanLength) {
  EXPECT_DOUBLE_EQ(Norm((Vector(2) << 3.0, -4.0).finished()), 5.0);
}

TEST(ReductionTest, NormKnowsLengthsWhoseSquareIsOutOfRange) {
  EXPECT_DOUBLE_EQ(Norm((Vector(2) << 3e200, 4e200).finished()), 5e200);
  EXPECT_TRUE(std::isnan(Norm(Vector::Constant(3, std::nan("")))));
}

}  // namespace
}  // namespace attune::nn

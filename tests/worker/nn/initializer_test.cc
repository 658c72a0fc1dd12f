#include "worker/nn/initializer.h"

#include <cmath>
#include <string>

#include "gtest/gtest.h"

namespace attune::nn {
namespace {

struct Case {
  std::string name;
  Initializer initializer;
  double variance;  // of 300 inputs, 200 outputs
  bool uniform;
};

class InitializerTest : public testing::TestWithParam<Case> {
 protected:
  Matrix Draw(uint64_t seed) {
    Matrix weights(200, 300);
    Rng rng(seed);
    InitializeWeights(GetParam().initializer, rng,
                      MatrixView(weights.data(), 200, 300));
    return weights;
  }
};

TEST_P(InitializerTest, HasMeanZeroAndItsVariance) {
  const Matrix weights = Draw(1);
  const double deviation = std::sqrt(GetParam().variance);
  // Five standard errors of the mean and of the variance of 60,000 numbers.
  EXPECT_NEAR(weights.mean(), 0.0, 5.0 * deviation / std::sqrt(60'000.0));
  EXPECT_NEAR(weights.squaredNorm() / 60'000.0 / GetParam().variance, 1.0,
              5.0 * std::sqrt(2.0 / 60'000.0));
}

TEST_P(InitializerTest, HasTheShapeOfItsDistribution) {
  const double largest = Draw(1).cwiseAbs().maxCoeff();
  const double limit = std::sqrt(3.0 * GetParam().variance);
  EXPECT_EQ(largest <= limit, GetParam().uniform);
  EXPECT_GT(largest, 0.99 * limit);
}

TEST_P(InitializerTest, FollowsItsSeed) {
  EXPECT_EQ(Draw(1), Draw(1));
  EXPECT_NE(Draw(1), Draw(2));
}

INSTANTIATE_TEST_SUITE_P(
    All, InitializerTest,
    testing::Values(
        Case{"XavierUniform", Initializer::kXavierUniform, 2.0 / 500, true},
        Case{"XavierNormal", Initializer::kXavierNormal, 2.0 / 500, false},
        Case{"HeUniform", Initializer::kHeUniform, 2.0 / 300, true},
        Case{"HeNormal", Initializer::kHeNormal, 2.0 / 300, false}),
    [](const auto& test) { return test.param.name; });

}  // namespace
}  // namespace attune::nn

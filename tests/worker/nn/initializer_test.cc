#include "worker/nn/initializer.h"

#include <cmath>
#include <string>

#include "gtest/gtest.h"

namespace attune::nn {
namespace {

struct Case {
  std::string name;
  Initialization initialization;
  double variance;  // of 300 inputs, 200 outputs
  double limit;     // of a number, in deviations; 0: none
};

const double kUniform = std::sqrt(3.0);
const double kTruncated = 2.0 / 0.87962566;

class InitializerTest : public testing::TestWithParam<Case> {
 protected:
  Matrix Draw(uint64_t seed) {
    Matrix weights(200, 300);
    Rng rng(seed);
    InitializeWeights(GetParam().initialization,
                      {.inputs = 300, .outputs = 200}, rng,
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

TEST_P(InitializerTest, KeepsToTheLimitOfItsDistribution) {
  const double largest =
      Draw(1).cwiseAbs().maxCoeff() / std::sqrt(GetParam().variance);
  if (GetParam().limit == 0.0) {
    EXPECT_GT(largest, 3.5);
  } else {
    EXPECT_LE(largest, GetParam().limit);
    EXPECT_GT(largest, 0.99 * GetParam().limit);
  }
}

TEST_P(InitializerTest, FollowsItsSeed) {
  EXPECT_EQ(Draw(1), Draw(1));
  EXPECT_NE(Draw(1), Draw(2));
}

INSTANTIATE_TEST_SUITE_P(
    All, InitializerTest,
    testing::Values(Case{"XavierUniform",
                         {.initializer = Initializer::kXavierUniform},
                         2.0 / 500,
                         kUniform},
                    Case{"XavierNormal",
                         {.initializer = Initializer::kXavierNormal,
                          .fan_mode = FanMode::kOutputs},  // has none
                         2.0 / 500,
                         0.0},
                    Case{"HeUniform",
                         {.initializer = Initializer::kHeUniform},
                         2.0 / 300,
                         kUniform},
                    Case{"HeNormal",
                         {.initializer = Initializer::kHeNormal},
                         2.0 / 300,
                         0.0},
                    Case{"HeNormalByOutputs",
                         {.initializer = Initializer::kHeNormal,
                          .fan_mode = FanMode::kOutputs},
                         2.0 / 200,
                         0.0},
                    Case{"LecunUniformByAverage",
                         {.initializer = Initializer::kLecunUniform,
                          .fan_mode = FanMode::kAverage},
                         1.0 / 250,
                         kUniform},
                    Case{"LecunNormal",
                         {.initializer = Initializer::kLecunNormal},
                         1.0 / 300,
                         0.0},
                    Case{"TruncatedNormal",
                         {.initializer = Initializer::kTruncatedNormal},
                         1.0 / 300,
                         kTruncated},
                    // Each of the 200 rows has length 1.
                    Case{"Orthogonal",
                         {.initializer = Initializer::kOrthogonal},
                         1.0 / 300,
                         0.0}),
    [](const auto& test) { return test.param.name; });

Matrix Draw(const Initialization& initialization, int64_t rows, int64_t cols,
            uint64_t seed) {
  Matrix weights(rows, cols);
  Rng rng(seed);
  InitializeWeights(initialization, {.inputs = cols, .outputs = rows}, rng,
                    MatrixView(weights.data(), rows, cols));
  return weights;
}

constexpr Initialization kOrthogonal = {.initializer =
                                            Initializer::kOrthogonal};

TEST(OrthogonalTest, HasOrthonormalRowsIfTheyAreFewer) {
  const Matrix weights = Draw(kOrthogonal, 5, 12, 1);
  EXPECT_TRUE((weights * weights.transpose()).isIdentity(1e-13));
}

TEST(OrthogonalTest, HasOrthonormalColumnsIfTheyAreFewer) {
  const Matrix weights = Draw(kOrthogonal, 12, 5, 1);
  EXPECT_TRUE((weights.transpose() * weights).isIdentity(1e-13));
}

TEST(OrthogonalTest, IsARotationOfEitherSignInASquare) {
  const Matrix weights = Draw(kOrthogonal, 6, 6, 1);
  EXPECT_TRUE((weights * weights.transpose()).isIdentity(1e-13));
}

// Without the signs that R's diagonal gives, Q of one number is always the
// same.
TEST(OrthogonalTest, IsUniformOverTheOrthogonalMatrices) {
  int positive = 0;
  for (uint64_t seed = 0; seed < 1000; ++seed) {
    if (Draw(kOrthogonal, 1, 1, seed)(0, 0) > 0.0) ++positive;
  }
  EXPECT_NEAR(positive, 500, 5.0 * std::sqrt(250.0));
}

TEST(ConstantTest, IsItsValueEverywhere) {
  EXPECT_EQ(
      Draw({.initializer = Initializer::kConstant, .value = 0.25}, 3, 4, 1),
      Matrix(Matrix::Constant(3, 4, 0.25)));
}

}  // namespace
}  // namespace attune::nn

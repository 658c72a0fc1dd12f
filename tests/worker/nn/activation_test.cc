#include "worker/nn/activation.h"

#include <cmath>
#include <functional>
#include <limits>
#include <string>
#include <tuple>

#include "core/random.h"
#include "gtest/gtest.h"
#include "tests/testing/gradient_check.h"

namespace attune::nn {
namespace {

struct Case {
  std::string name;
  Activation activation;
  std::function<double(double)> formula;
};

const Case kCases[] = {
    {"Identity", Activation::kIdentity, [](double z) { return z; }},
    {"Relu", Activation::kRelu, [](double z) { return z > 0 ? z : 0; }},
    {"LeakyRelu", Activation::kLeakyRelu,
     [](double z) { return z > 0 ? z : 0.01 * z; }},
    {"Elu", Activation::kElu,
     [](double z) { return z > 0 ? z : std::exp(z) - 1; }},
    {"Gelu", Activation::kGelu,
     [](double z) { return z * 0.5 * std::erfc(-z / std::sqrt(2.0)); }},
    {"Swish", Activation::kSwish,
     [](double z) { return z / (1 + std::exp(-z)); }},
    {"Tanh", Activation::kTanh, [](double z) { return std::tanh(z); }},
    {"Sigmoid", Activation::kSigmoid,
     [](double z) { return 1 / (1 + std::exp(-z)); }},
    {"Softplus", Activation::kSoftplus,
     [](double z) { return std::log(1 + std::exp(z)); }},
};

Vector Values(Activation activation, const Vector& z) {
  Vector values = z;
  Activate(activation, MatrixView(values.data(), values.size(), 1));
  return values;
}

class ActivationTest : public testing::TestWithParam<Case> {};

TEST_P(ActivationTest, ComputesItsFormula) {
  const Vector z = Vector::LinSpaced(301, -15.0, 15.0);
  const Vector expected = z.unaryExpr(GetParam().formula);
  EXPECT_LT(
      (Values(GetParam().activation, z) - expected).lpNorm<Eigen::Infinity>(),
      1e-14);
}

TEST_P(ActivationTest, KeepsNan) {
  Vector z(9);
  z.setConstant(std::numeric_limits<double>::quiet_NaN());
  EXPECT_TRUE(Values(GetParam().activation, z).array().isNaN().all());
}

TEST_P(ActivationTest, IsFiniteFarOut) {
  Vector z(4);
  z << -1e4, -800.0, 800.0, 1e4;
  EXPECT_TRUE(Values(GetParam().activation, z).allFinite());
}

INSTANTIATE_TEST_SUITE_P(All, ActivationTest, testing::ValuesIn(kCases),
                         [](const auto& test) { return test.param.name; });

class ActivationGradientTest
    : public testing::TestWithParam<std::tuple<Case, uint64_t>> {};

// L = sum of weights * f(z), over a matrix of a random shape.
TEST_P(ActivationGradientTest, AgreesWithCentralDifferences) {
  const Activation activation = std::get<0>(GetParam()).activation;
  Rng rng(std::get<1>(GetParam()));
  const auto rows = static_cast<int64_t>(1 + rng.Below(20));
  const auto cols = static_cast<int64_t>(1 + rng.Below(20));
  const Vector weights =
      Vector::NullaryExpr(rows * cols, [&] { return rng.Normal(); });
  const Vector z =
      Vector::NullaryExpr(rows * cols, [&] { return 2.0 * rng.Normal(); });
  // relu has no derivative at 0.
  ASSERT_GT(z.cwiseAbs().minCoeff(), 2e-5);
  const Vector numerical = NumericalGradient(
      [&](const Vector& at) { return weights.dot(Values(activation, at)); }, z);
  const Vector kept =
      DerivativeNeedsInput(activation) ? z : Values(activation, z);
  Vector grads = weights;
  BackActivate(activation, ConstMatrixView(kept.data(), rows, cols),
               ConstMatrixView(grads.data(), rows, cols),
               MatrixView(grads.data(), rows, cols));
  EXPECT_LT(RelativeError(numerical, grads), 1e-6);
}

INSTANTIATE_TEST_SUITE_P(All, ActivationGradientTest,
                         testing::Combine(testing::ValuesIn(kCases),
                                          testing::Values(1u, 2u, 3u, 4u)),
                         [](const auto& test) {
                           return std::get<0>(test.param).name + "_" +
                                  std::to_string(std::get<1>(test.param));
                         });

}  // namespace
}  // namespace attune::nn

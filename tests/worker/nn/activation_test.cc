#include "worker/nn/activation.h"

#include <cmath>
#include <limits>
#include <string>

#include "gtest/gtest.h"
#include "tests/testing/gradient_check.h"

namespace attune::nn {
namespace {

Vector Values(Activation activation, const Vector& x) {
  Vector values(x.size());
  values = x;
  Activate(activation, MatrixView(values.data(), values.size(), 1));
  return values;
}

TEST(ActivationTest, ComputesItsFormula) {
  Vector x(3);
  x << -2.0, 0.5, 3.0;
  EXPECT_EQ(Values(Activation::kIdentity, x), x);
  Vector relu(3);
  relu << 0.0, 0.5, 3.0;
  EXPECT_EQ(Values(Activation::kRelu, x), relu);
  const Vector tanh = Values(Activation::kTanh, x);
  const Vector sigmoid = Values(Activation::kSigmoid, x);
  for (int i = 0; i < 3; ++i) {
    EXPECT_NEAR(tanh[i], std::tanh(x[i]), 1e-14);
    EXPECT_NEAR(sigmoid[i], 1.0 / (1.0 + std::exp(-x[i])), 1e-14);
  }
}

TEST(ActivationTest, ReluKeepsNan) {
  Vector x(9);
  x.setConstant(std::numeric_limits<double>::quiet_NaN());
  EXPECT_TRUE(Values(Activation::kRelu, x).array().isNaN().all());
}

class ActivationGradientTest : public testing::TestWithParam<Activation> {};

TEST_P(ActivationGradientTest, AgreesWithCentralDifferences) {
  Vector x(6);
  x << -1.7, -0.6, -0.1, 0.2, 0.9, 2.3;  // relu has no derivative at 0
  Vector weights(6);
  weights << 0.3, -1.0, 0.5, 2.0, -0.7, 1.1;
  const Vector numerical = NumericalGradient(
      [&](const Vector& at) { return weights.dot(Values(GetParam(), at)); }, x);
  const Vector outputs = Values(GetParam(), x);
  Vector grads = weights;
  BackActivate(GetParam(), ConstMatrixView(outputs.data(), 6, 1),
               ConstMatrixView(grads.data(), 6, 1),
               MatrixView(grads.data(), 6, 1));
  EXPECT_LT(RelativeError(numerical, grads), 1e-6);
}

std::string NameOf(Activation activation) {
  switch (activation) {
    case Activation::kIdentity:
      return "Identity";
    case Activation::kRelu:
      return "Relu";
    case Activation::kTanh:
      return "Tanh";
    case Activation::kSigmoid:
      return "Sigmoid";
  }
  return "";
}

INSTANTIATE_TEST_SUITE_P(All, ActivationGradientTest,
                         testing::Values(Activation::kIdentity,
                                         Activation::kRelu, Activation::kTanh,
                                         Activation::kSigmoid),
                         [](const auto& test) { return NameOf(test.param); });

}  // namespace
}  // namespace attune::nn

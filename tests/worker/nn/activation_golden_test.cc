// Activations against PyTorch's: tests/golden/nn/make.py.
#include <string>

#include "gtest/gtest.h"
#include "tests/testing/golden.h"
#include "worker/nn/activation.h"

namespace attune::nn {
namespace {

struct Case {
  std::string column;
  Activation activation;
};

class ActivationGoldenTest : public testing::TestWithParam<Case> {};

TEST_P(ActivationGoldenTest, AgreesInValueAndDerivative) {
  const auto columns = ReadGolden("nn/activations.csv");
  const auto column = [&columns](const std::string& name) {
    const std::vector<double>& values = columns.at(name);
    return Vector(
        ConstVectorView(values.data(), static_cast<int64_t>(values.size())));
  };
  const Vector z = column("z");
  const int64_t size = z.size();
  Vector values = z;
  Activate(GetParam().activation, MatrixView(values.data(), size, 1));
  const Vector& kept = DerivativeNeedsInput(GetParam().activation) ? z : values;
  Vector grads = Vector::Ones(size);
  BackActivate(GetParam().activation, ConstMatrixView(kept.data(), size, 1),
               ConstMatrixView(grads.data(), size, 1),
               MatrixView(grads.data(), size, 1));
  EXPECT_LT((values - column(GetParam().column)).lpNorm<Eigen::Infinity>(),
            1e-13);
  EXPECT_LT(
      (grads - column(GetParam().column + "_grad")).lpNorm<Eigen::Infinity>(),
      1e-13);
}

INSTANTIATE_TEST_SUITE_P(
    All, ActivationGoldenTest,
    testing::Values(Case{"relu", Activation::kRelu},
                    Case{"leaky_relu", Activation::kLeakyRelu},
                    Case{"elu", Activation::kElu},
                    Case{"gelu", Activation::kGelu},
                    Case{"swish", Activation::kSwish},
                    Case{"tanh", Activation::kTanh},
                    Case{"sigmoid", Activation::kSigmoid},
                    Case{"softplus", Activation::kSoftplus}),
    [](const auto& test) { return test.param.column; });

}  // namespace
}  // namespace attune::nn

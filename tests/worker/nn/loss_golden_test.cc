// Losses against PyTorch's: tests/golden/nn/make.py.
#include <map>
#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "tests/testing/golden.h"
#include "worker/nn/loss.h"

namespace attune::nn {
namespace {

constexpr int64_t kClasses = 5;
constexpr int64_t kExamples = 7;
const std::vector<int32_t> kLabels = {3, 0, 4, 4, 1, 2, 3};

Vector Weights() {
  Vector weights(kClasses);
  weights << 0.5, 2.0, 1.0, 0.25, 3.0;
  return weights;
}

struct Case {
  std::string column;
  Loss loss;
  std::string targets;  // the column; empty: labels
};

class LossGoldenTest : public testing::TestWithParam<Case> {};

TEST_P(LossGoldenTest, AgreesInValueAndDerivatives) {
  const auto columns = ReadGolden("nn/loss_gradients.csv");
  const auto column = [&columns](const std::string& name) {
    return ConstMatrixView(columns.at(name).data(), kClasses, kExamples);
  };
  Matrix grad(kClasses, kExamples);
  const MatrixView grad_view(grad.data(), kClasses, kExamples);
  const std::string& targets = GetParam().targets;
  const LossSum sum =
      targets.empty()
          ? LossAndGradient(GetParam().loss, column("outputs"),
                            {.labels = kLabels}, grad_view)
          : LossAndGradient(GetParam().loss, column("outputs"),
                            {.targets = column(targets)}, grad_view);
  const double expected =
      ReadGolden("nn/losses.csv").at(GetParam().column).at(0);
  EXPECT_NEAR(sum.mean() / expected, 1.0, 1e-13);
  EXPECT_LT((grad - column(GetParam().column)).lpNorm<Eigen::Infinity>(),
            1e-14);
}

INSTANTIATE_TEST_SUITE_P(
    All, LossGoldenTest,
    testing::Values(Case{"cross_entropy", {}, ""},
                    Case{"smoothed", {.label_smoothing = 0.1}, ""},
                    Case{"weighted", {.class_weights = Weights()}, ""},
                    Case{"weighted_smoothed",
                         {.label_smoothing = 0.1, .class_weights = Weights()},
                         ""},
                    Case{"mse", {.function = LossFunction::kMse}, "targets"},
                    Case{"mae", {.function = LossFunction::kMae}, "targets"},
                    Case{"huber",
                         {.function = LossFunction::kHuber, .huber_delta = 0.7},
                         "targets"},
                    Case{"binary_cross_entropy",
                         {.function = LossFunction::kBinaryCrossEntropy},
                         "shares"},
                    Case{
                        "mse_of_classes", {.function = LossFunction::kMse}, ""},
                    Case{"binary_cross_entropy_of_classes",
                         {.function = LossFunction::kBinaryCrossEntropy},
                         ""}),
    [](const auto& test) { return test.param.column; });

}  // namespace
}  // namespace attune::nn

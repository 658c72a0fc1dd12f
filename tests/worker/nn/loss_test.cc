#include "worker/nn/loss.h"

#include <cmath>
#include <limits>
#include <string>
#include <tuple>
#include <vector>

#include "core/random.h"
#include "gtest/gtest.h"
#include "tests/testing/gradient_check.h"

namespace attune::nn {
namespace {

ConstMatrixView View(const Matrix& matrix) {
  return {matrix.data(), matrix.rows(), matrix.cols()};
}

struct Result {
  LossSum sum;
  Matrix grad;
};

Result Compute(const Loss& loss, const Matrix& outputs, const Truth& truth) {
  Result result{.grad = Matrix(outputs.rows(), outputs.cols())};
  result.sum = LossAndGradient(
      loss, View(outputs), truth,
      MatrixView(result.grad.data(), outputs.rows(), outputs.cols()));
  return result;
}

const std::vector<int32_t> kLabels = {2, 0, 3, 1, 3};

Matrix Logits() {
  Matrix logits(4, 5);
  logits << 0.2, 1.5, -3.0, 0.0, 2.0,  //
      1.0, -0.5, 0.3, 4.0, 2.0,        //
      -0.7, 0.1, 0.0, 1.0, -2.0,       //
      0.4, 2.2, 5.0, 0.0, 1.9;
  return logits;
}

TEST(LossTest, CrossEntropyIsTheMeanOfTheNegativeLogProbabilities) {
  const Matrix logits = Logits();
  double expected = 0.0;
  for (int i = 0; i < 5; ++i) {
    const auto e = logits.col(i).array().exp();
    expected -= std::log(e[kLabels[static_cast<size_t>(i)]] / e.sum()) / 5.0;
  }
  EXPECT_NEAR(Compute({}, logits, {.labels = kLabels}).sum.mean(), expected,
              1e-14);
}

TEST(LossTest, BatchesAddUpToTheWhole) {
  Loss loss;
  loss.class_weights = Vector::LinSpaced(4, 0.5, 2.0);
  const Matrix logits = Logits();
  const LossSum whole = Compute(loss, logits, {.labels = kLabels}).sum;
  const auto labels = absl::MakeConstSpan(kLabels);
  LossSum sum =
      Compute(loss, logits.leftCols(2), {.labels = labels.first(2)}).sum;
  sum += Compute(loss, logits.rightCols(3), {.labels = labels.subspan(2)}).sum;
  EXPECT_NEAR(sum.mean(), whole.mean(), 1e-14);
}

TEST(LossTest, SmoothingIsLeastBeforeCertainty) {
  const std::vector<int32_t> label = {0};
  const auto derivative = [&label](double logit) {
    Matrix logits(2, 1);
    logits << logit, 0.0;
    return Compute({.label_smoothing = 0.2}, logits, {.labels = label})
        .grad(0, 0);
  };
  // p = 1 - 0.2 + 0.2 / 2.
  const double least = std::log(0.9 / 0.1);
  EXPECT_LT(derivative(least - 0.1), 0.0);
  EXPECT_NEAR(derivative(least), 0.0, 1e-15);
  EXPECT_GT(derivative(least + 0.1), 0.0);
}

struct Kind {
  std::string name;
  Loss loss;
};

Loss Weighted() {
  Loss loss{.label_smoothing = 0.3};
  loss.class_weights = Vector::LinSpaced(4, 0.5, 2.0);
  return loss;
}

const Kind kOfClasses[] = {
    {"CrossEntropy", {}},
    {"Smoothed", {.label_smoothing = 0.1}},
    {"WeightedAndSmoothed", Weighted()},
    {"Mse", {.function = LossFunction::kMse}},
    {"Mae", {.function = LossFunction::kMae}},
    {"Huber", {.function = LossFunction::kHuber, .huber_delta = 0.7}},
    {"BinaryCrossEntropy", {.function = LossFunction::kBinaryCrossEntropy}},
};

class ClassLossTest : public testing::TestWithParam<Kind> {};

TEST_P(ClassLossTest, GradientAgreesWithCentralDifferences) {
  const Truth truth = {.labels = kLabels};
  const Vector numerical = NumericalGradient(
      [&](const Vector& at) {
        return Compute(GetParam().loss, at.reshaped(4, 5), truth).sum.mean();
      },
      Logits().reshaped());
  const Matrix grad = Compute(GetParam().loss, Logits(), truth).grad;
  EXPECT_LT(RelativeError(numerical, grad.reshaped()), 1e-6);
}

TEST_P(ClassLossTest, IsNotFiniteIfAnOutputIsNan) {
  Matrix outputs = Logits();
  outputs(1, 4) = std::numeric_limits<double>::quiet_NaN();
  EXPECT_FALSE(std::isfinite(
      Compute(GetParam().loss, outputs, {.labels = kLabels}).sum.mean()));
}

TEST_P(ClassLossTest, IsNotFiniteIfAnOutputIsInfinite) {
  Matrix outputs = Logits();
  outputs(1, 4) = std::numeric_limits<double>::infinity();
  EXPECT_FALSE(std::isfinite(
      Compute(GetParam().loss, outputs, {.labels = kLabels}).sum.mean()));
}

TEST_P(ClassLossTest, DoesNotOverflow) {
  const Result result =
      Compute(GetParam().loss, 1e100 * Logits(), {.labels = kLabels});
  EXPECT_TRUE(std::isfinite(result.sum.mean()));
  EXPECT_TRUE(result.grad.allFinite());
}

INSTANTIATE_TEST_SUITE_P(All, ClassLossTest, testing::ValuesIn(kOfClasses),
                         [](const auto& test) { return test.param.name; });

const Kind kOfTargets[] = {
    {"Mse", {.function = LossFunction::kMse}},
    {"Mae", {.function = LossFunction::kMae}},
    {"Huber", {.function = LossFunction::kHuber, .huber_delta = 0.7}},
    {"BinaryCrossEntropy", {.function = LossFunction::kBinaryCrossEntropy}},
};

class TargetLossTest
    : public testing::TestWithParam<std::tuple<Kind, uint64_t>> {};

TEST_P(TargetLossTest, GradientAgreesWithCentralDifferences) {
  const Loss& loss = std::get<0>(GetParam()).loss;
  Rng rng(std::get<1>(GetParam()));
  const auto rows = static_cast<int64_t>(1 + rng.Below(4));
  const auto cols = static_cast<int64_t>(1 + rng.Below(12));
  const Matrix outputs =
      Matrix::NullaryExpr(rows, cols, [&rng] { return 2.0 * rng.Normal(); });
  const Matrix targets =
      Matrix::NullaryExpr(rows, cols, [&rng] { return rng.Uniform(); });
  const Truth truth = {.targets = View(targets)};
  const Vector numerical = NumericalGradient(
      [&](const Vector& at) {
        return Compute(loss, at.reshaped(rows, cols), truth).sum.mean();
      },
      outputs.reshaped());
  const Matrix grad = Compute(loss, outputs, truth).grad;
  EXPECT_LT(RelativeError(numerical, grad.reshaped()), 1e-6);
}

INSTANTIATE_TEST_SUITE_P(All, TargetLossTest,
                         testing::Combine(testing::ValuesIn(kOfTargets),
                                          testing::Values(1u, 2u, 3u)),
                         [](const auto& test) {
                           return std::get<0>(test.param).name + "_" +
                                  std::to_string(std::get<1>(test.param));
                         });

TEST(OutputsToPredictionsTest, AreProbabilitiesOfClasses) {
  Matrix values = 1e3 * Logits();
  OutputsToPredictions(LossFunction::kCrossEntropy,
                       MatrixView(values.data(), 4, 5));
  EXPECT_TRUE(values.colwise().sum().isOnes(1e-14));
  EXPECT_DOUBLE_EQ(values(3, 2), 1.0);
}

TEST(OutputsToPredictionsTest, AreProbabilitiesOfEachOutput) {
  Matrix values(1, 2);
  values << 0.0, std::log(3.0);
  OutputsToPredictions(LossFunction::kBinaryCrossEntropy,
                       MatrixView(values.data(), 1, 2));
  EXPECT_NEAR(values(0, 0), 0.5, 1e-15);
  EXPECT_NEAR(values(0, 1), 0.75, 1e-15);
}

TEST(OutputsToPredictionsTest, AreTheOutputsOfARegression) {
  Matrix values = Logits();
  OutputsToPredictions(LossFunction::kHuber, MatrixView(values.data(), 4, 5));
  EXPECT_EQ(values, Logits());
}

}  // namespace
}  // namespace attune::nn

#include "worker/nn/loss.h"

#include <cmath>
#include <limits>
#include <vector>

#include "gtest/gtest.h"
#include "tests/testing/gradient_check.h"

namespace attune::nn {
namespace {

const std::vector<int32_t> kLabels = {2, 0, 3, 1, 3};

Matrix Logits() {
  Matrix logits(4, 5);
  logits << 0.2, 1.5, -3.0, 0.0, 2.0,  //
      1.0, -0.5, 0.3, 4.0, 2.0,        //
      -0.7, 0.1, 0.0, 1.0, -2.0,       //
      0.4, 2.2, 5.0, 0.0, 1.9;
  return logits;
}

double Loss(const Matrix& logits, Matrix* grad = nullptr) {
  Matrix ignored(logits.rows(), logits.cols());
  Matrix& to = grad == nullptr ? ignored : *grad;
  return SoftmaxCrossEntropy(
      ConstMatrixView(logits.data(), logits.rows(), logits.cols()), kLabels,
      MatrixView(to.data(), to.rows(), to.cols()));
}

TEST(LossTest, IsTheMeanOfTheNegativeLogProbabilities) {
  const Matrix logits = Logits();
  double expected = 0.0;
  for (int i = 0; i < 5; ++i) {
    const auto e = logits.col(i).array().exp();
    expected -= std::log(e[kLabels[static_cast<size_t>(i)]] / e.sum()) / 5.0;
  }
  EXPECT_NEAR(Loss(logits), expected, 1e-14);
}

TEST(LossTest, GradientAgreesWithCentralDifferences) {
  const Matrix logits = Logits();
  Matrix grad(4, 5);
  Loss(logits, &grad);
  const Vector numerical = NumericalGradient(
      [](const Vector& at) { return Loss(at.reshaped(4, 5)); },
      logits.reshaped());
  EXPECT_LT(RelativeError(numerical, grad.reshaped()), 1e-6);
}

TEST(LossTest, DoesNotOverflow) {
  const Matrix huge = 1e300 * Logits();
  Matrix grad(4, 5);
  EXPECT_TRUE(std::isfinite(Loss(huge, &grad)));
  EXPECT_TRUE(grad.allFinite());
}

TEST(LossTest, IsNotFiniteIfALogitIsNot) {
  Matrix logits = Logits();
  logits(1, 4) = std::numeric_limits<double>::quiet_NaN();
  EXPECT_FALSE(std::isfinite(Loss(logits)));
  logits(1, 4) = std::numeric_limits<double>::infinity();
  EXPECT_FALSE(std::isfinite(Loss(logits)));
}

TEST(LossTest, EvaluationAgreesAndCountsTheRightOnes) {
  const Matrix logits = Logits();
  const Evaluation evaluation =
      Evaluate(ConstMatrixView(logits.data(), 4, 5), kLabels);
  EXPECT_NEAR(evaluation.loss_sum / 5.0, Loss(logits), 1e-14);
  EXPECT_EQ(evaluation.correct, 2);  // the third and the fourth
}

}  // namespace
}  // namespace attune::nn

#include "worker/nn/loss.h"

#include <cmath>

#include "core/check.h"

namespace attune::nn {

double SoftmaxCrossEntropy(const ConstMatrixView& logits,
                           absl::Span<const int32_t> labels, MatrixView grad) {
  const int64_t batch = logits.cols();
  ATTUNE_CHECK(batch >= 1 && batch == static_cast<int64_t>(labels.size()));
  ATTUNE_CHECK(grad.rows() == logits.rows() && grad.cols() == batch);
  const auto share = Scalar{1} / static_cast<Scalar>(batch);
  // All exponentials in one go, which is quicker than column by column. Taking
  // the largest logit away first keeps them from overflowing.
  for (int64_t i = 0; i < batch; ++i) {
    grad.col(i) = logits.col(i).array() - logits.col(i).maxCoeff();
  }
  double loss = 0.0;
  for (int64_t i = 0; i < batch; ++i) {
    loss -= static_cast<double>(grad(labels[static_cast<size_t>(i)], i));
  }
  grad = grad.array().exp();
  for (int64_t i = 0; i < batch; ++i) {
    const Scalar sum = grad.col(i).sum();
    loss += std::log(static_cast<double>(sum));
    grad.col(i) *= share / sum;
    grad(labels[static_cast<size_t>(i)], i) -= share;
  }
  return loss / static_cast<double>(batch);
}

Evaluation Evaluate(const ConstMatrixView& logits,
                    absl::Span<const int32_t> labels) {
  ATTUNE_CHECK(logits.cols() == static_cast<int64_t>(labels.size()));
  Evaluation result;
  for (int64_t i = 0; i < logits.cols(); ++i) {
    const int32_t label = labels[static_cast<size_t>(i)];
    Eigen::Index best = 0;
    const auto largest = static_cast<double>(logits.col(i).maxCoeff(&best));
    double sum = 0.0;
    for (int64_t row = 0; row < logits.rows(); ++row) {
      sum += std::exp(static_cast<double>(logits(row, i)) - largest);
    }
    result.loss_sum +=
        std::log(sum) - (static_cast<double>(logits(label, i)) - largest);
    if (best == label) ++result.correct;
  }
  return result;
}

}  // namespace attune::nn

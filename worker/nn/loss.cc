#include "worker/nn/loss.h"

#include <cmath>

#include "core/check.h"

namespace attune::nn {
namespace {

// Takes the largest of a column away from it: the exponentials cannot overflow.
void ShiftByLargest(const ConstMatrixView& values, MatrixView to) {
  for (int64_t i = 0; i < values.cols(); ++i) {
    to.col(i) = values.col(i).array() - values.col(i).maxCoeff();
  }
}

class CrossEntropy {
 public:
  CrossEntropy(const Loss& loss, int64_t classes)
      : weights_(loss.class_weights),
        own_(1.0 - loss.label_smoothing),
        spread_(loss.label_smoothing / static_cast<double>(classes)),
        all_weights_(weights_.size() == 0
                         ? static_cast<double>(classes)
                         : static_cast<double>(weights_.sum())) {
    ATTUNE_CHECK(weights_.size() == 0 || weights_.size() == classes);
  }

  LossSum Compute(const ConstMatrixView& logits,
                  absl::Span<const int32_t> labels, MatrixView grad) const {
    LossSum result;
    for (const int32_t label : labels) result.weight += WeightOf(label);
    ShiftByLargest(logits, grad);
    for (int64_t i = 0; i < logits.cols(); ++i) {
      const int32_t label = labels[static_cast<size_t>(i)];
      result.sum -=
          own_ * WeightOf(label) * static_cast<double>(grad(label, i));
      if (spread_ > 0.0) result.sum -= spread_ * Weighted(grad.col(i));
    }
    // All exponentials in one go: columns are too short for it.
    grad = grad.array().exp();
    for (int64_t i = 0; i < logits.cols(); ++i) {
      const int32_t label = labels[static_cast<size_t>(i)];
      const double own = own_ * WeightOf(label);
      const double all = own + spread_ * all_weights_;  // the sum of q
      const auto sum = static_cast<double>(grad.col(i).sum());
      result.sum += all * std::log(sum);
      grad.col(i) *= static_cast<Scalar>(all / (sum * result.weight));
      if (spread_ > 0.0) Spread(spread_ / result.weight, grad.col(i));
      grad(label, i) -= static_cast<Scalar>(own / result.weight);
    }
    return result;
  }

 private:
  double WeightOf(int32_t label) const {
    return weights_.size() == 0 ? 1.0 : static_cast<double>(weights_[label]);
  }
  template <typename Column>
  double Weighted(const Column& column) const {
    return static_cast<double>(weights_.size() == 0 ? column.sum()
                                                    : column.dot(weights_));
  }
  template <typename Column>
  void Spread(double share, Column column) const {
    const auto scalar = static_cast<Scalar>(share);
    if (weights_.size() == 0) {
      column.array() -= scalar;
    } else {
      column -= scalar * weights_;
    }
  }

  const Vector& weights_;
  const double own_;          // what smoothing leaves to the right class
  const double spread_;       // what it gives to every class
  const double all_weights_;  // the sum
};

// t, in the shape of the outputs.
void WriteTruth(const Truth& truth, MatrixView to) {
  if (truth.targets.size() > 0) {
    ATTUNE_CHECK(truth.targets.rows() == to.rows() &&
                 truth.targets.cols() == to.cols());
    to = truth.targets;
    return;
  }
  to.setZero();
  for (int64_t i = 0; i < to.cols(); ++i) {
    to(truth.labels[static_cast<size_t>(i)], i) = Scalar{1};
  }
}

}  // namespace

LossSum LossAndGradient(const Loss& loss, const ConstMatrixView& outputs,
                        const Truth& truth, MatrixView grad) {
  const int64_t batch = outputs.cols();
  ATTUNE_CHECK(batch >= 1);
  ATTUNE_CHECK(truth.targets.size() > 0 ||
               batch == static_cast<int64_t>(truth.labels.size()));
  ATTUNE_CHECK(grad.rows() == outputs.rows() && grad.cols() == batch);
  if (loss.function == LossFunction::kCrossEntropy) {
    ATTUNE_CHECK(truth.targets.size() == 0);
    return CrossEntropy(loss, outputs.rows())
        .Compute(outputs, truth.labels, grad);
  }
  const auto z = outputs.array();
  auto g = grad.array();
  const auto share = static_cast<Scalar>(1.0 / static_cast<double>(z.size()));
  const auto delta = static_cast<Scalar>(loss.huber_delta);
  const auto sum = [&outputs](const auto& values) {
    double all = 0.0;
    for (int64_t i = 0; i < outputs.cols(); ++i) {
      all += static_cast<double>(values.col(i).sum());
    }
    return all / static_cast<double>(outputs.rows());
  };
  LossSum result{.weight = static_cast<double>(batch)};
  WriteTruth(truth, grad);
  switch (loss.function) {
    case LossFunction::kCrossEntropy:
      break;
    case LossFunction::kMse:
      g = z - g;
      result.sum = sum(g.square());
      g *= Scalar{2} * share;
      break;
    case LossFunction::kMae:
      g = z - g;
      result.sum = sum(g.abs());
      g = share * g.sign();
      break;
    case LossFunction::kHuber: {
      g = z - g;
      // With the error cut to +-delta: e cut - cut^2 / 2.
      const auto cut = g.min(delta).max(-delta);
      result.sum = sum(cut * g - Scalar{0.5} * cut.square());
      g = share * cut;
      break;
    }
    case LossFunction::kBinaryCrossEntropy:
      // log(1 + e^z) - t z, so written that it cannot overflow.
      result.sum = sum(z.max(Scalar{0}) - z * g + (-z.abs()).exp().log1p());
      g = share * (z.logistic() - g);
      break;
  }
  return result;
}

void OutputsToPredictions(LossFunction function, MatrixView outputs) {
  switch (function) {
    case LossFunction::kCrossEntropy:
      ShiftByLargest(
          ConstMatrixView(outputs.data(), outputs.rows(), outputs.cols()),
          outputs);
      outputs = outputs.array().exp();
      for (int64_t i = 0; i < outputs.cols(); ++i) {
        outputs.col(i) /= outputs.col(i).sum();
      }
      return;
    case LossFunction::kBinaryCrossEntropy:
      outputs = outputs.array().logistic();
      return;
    case LossFunction::kMse:
    case LossFunction::kMae:
    case LossFunction::kHuber:
      return;
  }
}

}  // namespace attune::nn

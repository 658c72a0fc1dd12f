#ifndef ATTUNE_WORKER_NN_LOSS_H_
#define ATTUNE_WORKER_NN_LOSS_H_

#include <cstdint>

#include "absl/types/span.h"
#include "worker/nn/types.h"

namespace attune::nn {

// How far outputs z are from what is true, t: the number of a regression, or of
// a class's output 1 for the right class and 0 for the others. As PyTorch's
// losses of these names compute it with `reduction="mean"`.
enum class LossFunction {
  // Of classes alone: -sum over classes c of q_c log p_c, p = softmax(z). With
  // label smoothing s over k classes and weights w, q_c = (1 - s) w_c t_c +
  // s w_c / k. The mean over examples is weighted by w of their labels.
  kCrossEntropy,
  // The others are means over examples and outputs of
  kMse,                 // (z - t)^2
  kMae,                 // |z - t|; its derivative at 0 is 0
  kHuber,               // e^2 / 2 of e = |z - t|; beyond delta: delta (e -
                        // delta / 2), in a straight line (Huber 1964)
  kBinaryCrossEntropy,  // -t log p - (1 - t) log(1 - p), p = sigmoid(z)
};

struct Loss {
  LossFunction function = LossFunction::kCrossEntropy;
  double label_smoothing = 0.0;  // of kCrossEntropy, in [0, 1)
  Vector class_weights;          // of kCrossEntropy; empty: all 1
  double huber_delta = 1.0;      // of kHuber, > 0
};

// What outputs (outputs, batch) are compared with: either labels, each the row
// of the right class, or targets of the outputs' shape; the other has no
// elements.
struct Truth {
  absl::Span<const int32_t> labels;
  ConstMatrixView targets{nullptr, 0, 0};
};

// Sums add up over batches; then sum / weight is the mean over all examples.
struct LossSum {
  double sum = 0.0;
  double weight = 0.0;  // the number of examples, if all weigh the same

  double mean() const { return sum / weight; }
  LossSum& operator+=(const LossSum& other) {
    sum += other.sum;
    weight += other.weight;
    return *this;
  }
};

// The loss of a batch of at least one example; sets `grad` to the derivatives
// of its mean by the outputs. Not finite if an output is not.
LossSum LossAndGradient(const Loss& loss, const ConstMatrixView& outputs,
                        const Truth& truth, MatrixView grad);

// Turns outputs into what the loss takes them for: softmax for kCrossEntropy,
// sigmoid for kBinaryCrossEntropy, nothing for the others.
void OutputsToPredictions(LossFunction function, MatrixView outputs);

}  // namespace attune::nn

#endif  // ATTUNE_WORKER_NN_LOSS_H_

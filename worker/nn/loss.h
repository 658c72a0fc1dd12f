#ifndef ATTUNE_WORKER_NN_LOSS_H_
#define ATTUNE_WORKER_NN_LOSS_H_

#include <cstdint>

#include "absl/types/span.h"
#include "worker/nn/types.h"

namespace attune::nn {

// Of softmax(logits) against labels, where a label is the row of the right
// class: the mean over the batch of -log p[label], a column an example.
//
// Returns the loss and sets `grad` to dL/d(logits) = (p - [row = label]) /
// batch. Not finite if any logit is not.
double SoftmaxCrossEntropy(const ConstMatrixView& logits,
                           absl::Span<const int32_t> labels, MatrixView grad);

struct Evaluation {
  double loss_sum = 0.0;  // not divided by the number of examples
  int64_t correct = 0;    // the largest logit is the label's
};

// The same loss without its gradient, and how many examples are right.
Evaluation Evaluate(const ConstMatrixView& logits,
                    absl::Span<const int32_t> labels);

}  // namespace attune::nn

#endif  // ATTUNE_WORKER_NN_LOSS_H_

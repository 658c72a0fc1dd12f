#ifndef ATTUNE_WORKER_NN_ACTIVATION_H_
#define ATTUNE_WORKER_NN_ACTIVATION_H_

#include "worker/nn/types.h"

namespace attune::nn {

enum class Activation { kIdentity, kRelu, kTanh, kSigmoid };

// values <- f(values), element by element.
void Activate(Activation activation, MatrixView values);

// input_grads <- output_grads * f'(z). The derivative of each f is a function
// of its value f(z), so that z itself need not be kept: relu' = [f > 0],
// tanh' = 1 - f^2, sigmoid' = f (1 - f). `input_grads` may be `output_grads`.
void BackActivate(Activation activation, const ConstMatrixView& outputs,
                  const ConstMatrixView& output_grads, MatrixView input_grads);

}  // namespace attune::nn

#endif  // ATTUNE_WORKER_NN_ACTIVATION_H_

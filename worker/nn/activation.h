#ifndef ATTUNE_WORKER_NN_ACTIVATION_H_
#define ATTUNE_WORKER_NN_ACTIVATION_H_

#include "worker/nn/types.h"

namespace attune::nn {

// f(z), with the constants that PyTorch has by default:
//
//   relu        max(z, 0)
//   leaky_relu  z, or 0.01 z below 0 (Maas et al. 2013)
//   elu         z, or e^z - 1 below 0 (Clevert et al. 2015)
//   gelu        z Phi(z), Phi of the normal distribution by erf, not by the
//               approximation with tanh (Hendrycks & Gimpel 2016)
//   swish       z sigmoid(z), which is PyTorch's SiLU (Ramachandran et al.
//   2017) sigmoid     1 / (1 + e^-z) softplus    log(1 + e^z)
enum class Activation {
  kIdentity,
  kRelu,
  kLeakyRelu,
  kElu,
  kGelu,
  kSwish,
  kTanh,
  kSigmoid,
  kSoftplus,
};

// values <- f(values), element by element. What is NaN stays NaN.
void Activate(Activation activation, MatrixView values);

// The derivative of most f is a function of the value f(z), so that z itself
// need not be kept. True for gelu and swish, which take more than one z to the
// same value.
bool DerivativeNeedsInput(Activation activation);

// input_grads <- output_grads * f'(z). `kept` are the z if
// DerivativeNeedsInput(), else the values f(z). At 0 the derivative of relu is
// 0 and that of leaky_relu 0.01. `input_grads` may be `output_grads`.
void BackActivate(Activation activation, const ConstMatrixView& kept,
                  const ConstMatrixView& output_grads, MatrixView input_grads);

}  // namespace attune::nn

#endif  // ATTUNE_WORKER_NN_ACTIVATION_H_

#include "worker/nn/activation.h"

#include "core/check.h"

namespace attune::nn {

void Activate(Activation activation, MatrixView values) {
  switch (activation) {
    case Activation::kIdentity:
      return;
    case Activation::kRelu:
      // A NaN stays one, so that training which has diverged shows it.
      for (Scalar& value : values.reshaped()) {
        value = Scalar{0} > value ? Scalar{0} : value;
      }
      return;
    case Activation::kTanh:
      values = values.array().tanh();
      return;
    case Activation::kSigmoid:
      values = values.array().logistic();
      return;
  }
}

void BackActivate(Activation activation, const ConstMatrixView& outputs,
                  const ConstMatrixView& output_grads, MatrixView input_grads) {
  ATTUNE_CHECK(outputs.rows() == output_grads.rows() &&
               outputs.cols() == output_grads.cols());
  const auto f = outputs.array();
  const auto grads = output_grads.array();
  switch (activation) {
    case Activation::kIdentity:
      input_grads = output_grads;
      return;
    case Activation::kRelu:
      input_grads = (f > Scalar{0}).select(grads, Scalar{0});
      return;
    case Activation::kTanh:
      input_grads = grads * (Scalar{1} - f.square());
      return;
    case Activation::kSigmoid:
      input_grads = grads * f * (Scalar{1} - f);
      return;
  }
}

}  // namespace attune::nn

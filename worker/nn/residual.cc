#include "worker/nn/residual.h"

#include <utility>

#include "core/check.h"

namespace attune::nn {

Residual::Residual(std::unique_ptr<Layer> inner) : inner_(std::move(inner)) {
  ATTUNE_CHECK(inner_ != nullptr);
}

void Residual::Initialize(Rng& rng, VectorView params) const {
  inner_->Initialize(rng, params);
}

ConstMatrixView Residual::Forward(const ConstVectorView& params,
                                  const ConstMatrixView& input, Mode mode) {
  ATTUNE_CHECK(input.rows() == num_outputs());
  const ConstMatrixView inner = inner_->Forward(params, input, mode);
  output_.Get(input.rows(), input.cols()) = input + inner;
  return output_.View(input.rows(), input.cols());
}

ConstMatrixView Residual::Backward(const ConstVectorView& params,
                                   const ConstMatrixView& output_grad,
                                   bool needs_input_grad,
                                   VectorView param_grads) {
  const ConstMatrixView inner =
      inner_->Backward(params, output_grad, needs_input_grad, param_grads);
  if (!needs_input_grad) return inner;
  input_grad_.Get(inner.rows(), inner.cols()) = output_grad + inner;
  return input_grad_.View(inner.rows(), inner.cols());
}

void Residual::AppendState(std::vector<VectorView>& states) {
  inner_->AppendState(states);
}

void Residual::Accept(const ConstVectorView& params,
                      LayerVisitor& visitor) const {
  visitor.VisitResidual(*inner_, params);
}

}  // namespace attune::nn

#include "worker/nn/dense.h"

#include "core/check.h"
#include "worker/nn/product.h"

namespace attune::nn {

Dense::Dense(const DenseOptions& options) : options_(options) {
  ATTUNE_CHECK(options.inputs >= 1 && options.outputs >= 1);
  ATTUNE_CHECK(options.precision == Precision::kScalar || HasBf16());
}

int64_t Dense::num_params() const {
  return options_.outputs * (options_.inputs + 1);
}

void Dense::Initialize(Rng& rng, VectorView params) const {
  ATTUNE_CHECK(params.size() == num_params());
  InitializeWeights(
      options_.initialization,
      {.inputs = options_.inputs, .outputs = options_.outputs}, rng,
      MatrixView(params.data(), options_.outputs, options_.inputs));
  params.tail(options_.outputs).setZero();
}

ConstMatrixView Dense::Forward(const ConstVectorView& params,
                               const ConstMatrixView& input, Mode mode) {
  ATTUNE_CHECK(params.size() == num_params());
  ATTUNE_CHECK(input.rows() == options_.inputs);
  input_ = input.data();
  batch_ = input.cols();
  const ConstMatrixView weights(params.data(), options_.outputs,
                                options_.inputs);
  const ConstVectorView bias(params.data() + weights.size(), options_.outputs);
  MatrixView kept = kept_.Get(options_.outputs, batch_);
  if (mode == Mode::kTrain) {
    Multiply(AsIs(weights), AsIs(input), &bias, kept);
  } else {
    nn::Multiply(AsIs(weights), AsIs(input), bias, kept);
  }
  if (!DerivativeNeedsInput(options_.activation)) {
    Activate(options_.activation, kept);
    return kept_.View(options_.outputs, batch_);
  }
  MatrixView output = output_.Get(options_.outputs, batch_);
  output = kept;
  Activate(options_.activation, output);
  return output_.View(options_.outputs, batch_);
}

ConstMatrixView Dense::Backward(const ConstVectorView& params,
                                const ConstMatrixView& output_grad,
                                bool needs_input_grad, VectorView param_grads) {
  const int64_t inputs = options_.inputs;
  const int64_t outputs = options_.outputs;
  ATTUNE_CHECK(output_grad.rows() == outputs && output_grad.cols() == batch_);
  ATTUNE_CHECK(param_grads.size() == num_params());
  const bool linear = options_.activation == Activation::kIdentity;
  if (!linear) {
    BackActivate(options_.activation, kept_.View(outputs, batch_), output_grad,
                 sum_grad_.Get(outputs, batch_));
  }
  const ConstMatrixView sum_grad =
      linear ? output_grad : sum_grad_.View(outputs, batch_);
  const ConstMatrixView input(input_, inputs, batch_);
  Multiply(AsIs(sum_grad), Transposed(input), nullptr,
           MatrixView(param_grads.data(), outputs, inputs));
  auto bias_grad = param_grads.tail(outputs);
  bias_grad = sum_grad.col(0);
  for (int64_t i = 1; i < batch_; ++i) bias_grad += sum_grad.col(i);
  if (!needs_input_grad) return {nullptr, 0, 0};
  const ConstMatrixView weights(params.data(), outputs, inputs);
  Multiply(Transposed(weights), AsIs(sum_grad), nullptr,
           input_grad_.Get(inputs, batch_));
  return input_grad_.View(inputs, batch_);
}

void Dense::Multiply(const Factor& a, const Factor& b,
                     const ConstVectorView* bias, const MatrixView& c) {
  if (options_.precision == Precision::kBf16) {
    bf16_.Multiply(a, b, bias == nullptr ? nullptr : bias->data(), c);
  } else if (bias == nullptr) {
    nn::Multiply(a, b, c);
  } else {
    nn::Multiply(a, b, *bias, c);
  }
}

void Dense::Accept(const ConstVectorView& params, LayerVisitor& visitor) const {
  visitor.VisitDense(options_, params);
}

}  // namespace attune::nn

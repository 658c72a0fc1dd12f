#include "worker/nn/conv.h"

#include <algorithm>

#include "core/check.h"

namespace attune::nn {

Conv::Conv(const ConvOptions& options)
    : options_(options),
      geometry_(options.input, options.window, options.outputs, options.pool),
      forward_(geometry_.Forward()),
      backward_to_input_(geometry_.BackwardToInput()),
      backward_to_weights_(geometry_.BackwardToWeights()),
      input_size_(options.input.size() * kBlock),
      output_size_(geometry_.output().size() * kBlock),
      framed_grad_(
          Vector::Zero(options.outputs * geometry_.grad_frame().channel())),
      turned_weights_(num_weights()),
      no_bias_(Vector::Zero(options.input.channels)),
      weight_sums_(backward_to_weights_.size()) {
  ATTUNE_CHECK(!options.pool || !DerivativeNeedsInput(options.activation));
  const int64_t framed =
      options.input.channels * geometry_.input_frame().channel();
  if (framed > input_size_) framed_input_ = Vector::Zero(framed);
}

int64_t Conv::num_weights() const {
  return options_.outputs * options_.input.channels * options_.window.height *
         options_.window.width;
}

int64_t Conv::num_params() const { return num_weights() + options_.outputs; }

void Conv::Initialize(Rng& rng, VectorView params) const {
  ATTUNE_CHECK(params.size() == num_params());
  const int64_t area = options_.window.height * options_.window.width;
  const int64_t inputs = options_.input.channels * area;
  InitializeWeights(options_.initialization,
                    {.inputs = inputs, .outputs = options_.outputs * area}, rng,
                    MatrixView(params.data(), options_.outputs, inputs));
  params.tail(options_.outputs).setZero();
}

// The block with zeros around every channel, where there are any. They were
// written once for all.
const Scalar* Conv::Framed(const Scalar* block) {
  if (framed_input_.size() == 0) return block;
  const ConvGeometry::Frame& frame = geometry_.input_frame();
  const int64_t row = options_.input.width * kBlock;
  for (int64_t c = 0; c < options_.input.channels; ++c) {
    Scalar* to = framed_input_.data() + c * frame.channel() + frame.first();
    for (int64_t y = 0; y < options_.input.height; ++y) {
      std::copy_n(block, row, to);
      block += row;
      to += frame.row();
    }
  }
  return framed_input_.data();
}

ConstMatrixView Conv::Forward(const ConstVectorView& params,
                              const ConstMatrixView& input, Mode /*mode*/) {
  ATTUNE_CHECK(params.size() == num_params());
  ATTUNE_CHECK(input.rows() == input_size_);
  input_ = input.data();
  blocks_ = input.cols();
  const Activation activation = options_.activation;
  Epilogue epilogue = {.bias = params.data() + num_weights()};
  if (activation == Activation::kRelu) epilogue.floor = Scalar{0};
  MatrixView kept = kept_.Get(output_size_, blocks_);
  const auto size = static_cast<size_t>(kept.size());
  if (options_.pool && winners_.size() < size) winners_.resize(size);
  for (int64_t i = 0; i < blocks_; ++i) {
    const Scalar* const block = Framed(input_ + i * input_size_);
    Scalar* const to = kept.col(i).data();
    if (options_.pool) {
      CorrelateAndPool(forward_, block, params.data(), epilogue, to,
                       winners_.data() + i * output_size_);
    } else {
      Correlate(forward_, block, params.data(), epilogue, to);
    }
  }
  if (DerivativeNeedsInput(activation)) {
    MatrixView output = output_.Get(output_size_, blocks_);
    output = kept;
    Activate(activation, output);
    return output_.View(output_size_, blocks_);
  }
  if (activation != Activation::kRelu) Activate(activation, kept);
  return kept_.View(output_size_, blocks_);
}

// Goes through the gradients of one block's outputs; `spread` writes each to
// where it belongs in the frame and returns what the bias has of it.
template <typename Spread>
void Conv::SpreadPixels(const Scalar* sum_grad, VectorView bias_grad,
                        const Spread& spread) {
  const ImageShape& shape = geometry_.output();
  const ConvGeometry::Frame& frame = geometry_.grad_frame();
  const int64_t step = options_.pool ? 2 : 1;
  int64_t from = 0;
  for (int64_t o = 0; o < shape.channels; ++o) {
    Lanes sum = {};
    for (int64_t y = 0; y < shape.height; ++y) {
      Scalar* to = framed_grad_.data() + o * frame.channel() + frame.first() +
                   y * step * frame.row();
      for (int64_t x = 0; x < shape.width; ++x) {
        for (int64_t lane = 0; lane < kBlock; lane += kLanes) {
          sum += spread(Load(sum_grad + from + lane), from + lane, to + lane);
        }
        from += kBlock;
        to += step * kBlock;
      }
    }
    for (int64_t lane = 0; lane < kLanes; ++lane) bias_grad[o] += sum[lane];
  }
}

// From the gradient of one block's outputs those of all sums, into their frame,
// and of the biases. What is no output's was written as 0 once for all.
void Conv::SpreadGrad(int64_t block, const Scalar* sum_grad,
                      const VectorView& bias_grad) {
  const int64_t row = geometry_.grad_frame().row();
  if (options_.pool) {
    const LaneInt* const winners = winners_.data() + block * output_size_;
    const auto spread = [&](const Lanes& grad, int64_t from, Scalar* to) {
      const IntLanes winner = Load(winners + from);
      Store(winner == 0 ? grad : Lanes{}, to);
      Store(winner == 1 ? grad : Lanes{}, to + kBlock);
      Store(winner == 2 ? grad : Lanes{}, to + row);
      Store(winner == 3 ? grad : Lanes{}, to + row + kBlock);
      return winner < 4 ? grad : Lanes{};
    };
    SpreadPixels(sum_grad, bias_grad, spread);
  } else if (options_.activation == Activation::kRelu) {
    const Scalar* const outputs =
        kept_.View(output_size_, blocks_).col(block).data();
    const auto spread = [&](const Lanes& grad, int64_t from, Scalar* to) {
      const Lanes passed = Load(outputs + from) > Lanes{} ? grad : Lanes{};
      Store(passed, to);
      return passed;
    };
    SpreadPixels(sum_grad, bias_grad, spread);
  } else {
    const auto spread = [](const Lanes& grad, int64_t /*from*/, Scalar* to) {
      Store(grad, to);
      return grad;
    };
    SpreadPixels(sum_grad, bias_grad, spread);
  }
}

// From (outputs, inputs) for each element of the kernel to (inputs, outputs).
void Conv::TurnWeights(const ConstVectorView& params) {
  const int64_t inputs = options_.input.channels;
  const int64_t outputs = options_.outputs;
  const int64_t elements = options_.window.height * options_.window.width;
  for (int64_t c = 0; c < inputs; ++c) {
    for (int64_t element = 0; element < elements; ++element) {
      const Scalar* const from =
          params.data() + (c * elements + element) * outputs;
      Scalar* const to =
          turned_weights_.data() + element * outputs * inputs + c;
      for (int64_t o = 0; o < outputs; ++o) to[o * inputs] = from[o];
    }
  }
}

ConstMatrixView Conv::Backward(const ConstVectorView& params,
                               const ConstMatrixView& output_grad,
                               bool needs_input_grad, VectorView param_grads) {
  ATTUNE_CHECK(output_grad.rows() == output_size_);
  ATTUNE_CHECK(output_grad.cols() == blocks_);
  ATTUNE_CHECK(param_grads.size() == num_params());
  const Activation activation = options_.activation;
  const bool direct =
      activation == Activation::kRelu || activation == Activation::kIdentity;
  if (!direct) {
    BackActivate(activation, kept_.View(output_size_, blocks_), output_grad,
                 sum_grad_.Get(output_size_, blocks_));
  }
  const ConstMatrixView sum_grad =
      direct ? output_grad : sum_grad_.View(output_size_, blocks_);
  VectorView bias_grad(param_grads.data() + num_weights(), options_.outputs);
  bias_grad.setZero();
  weight_sums_.setZero();
  if (needs_input_grad) TurnWeights(params);
  MatrixView input_grad =
      input_grad_.Get(input_size_, needs_input_grad ? blocks_ : 0);
  for (int64_t i = 0; i < blocks_; ++i) {
    SpreadGrad(i, sum_grad.col(i).data(), bias_grad);
    Accumulate(backward_to_weights_, Framed(input_ + i * input_size_),
               framed_grad_.data() + geometry_.grad_frame().first(),
               weight_sums_.data());
    if (!needs_input_grad) continue;
    Correlate(backward_to_input_, framed_grad_.data(), turned_weights_.data(),
              {.bias = no_bias_.data()}, input_grad.col(i).data());
  }
  AddLanes(backward_to_weights_, weight_sums_.data(),
           MatrixView(param_grads.data(), options_.outputs,
                      num_weights() / options_.outputs));
  if (!needs_input_grad) return {nullptr, 0, 0};
  return input_grad_.View(input_size_, blocks_);
}

void Conv::Accept(const ConstVectorView& params, LayerVisitor& visitor) const {
  visitor.VisitConv(options_, params);
}

}  // namespace attune::nn

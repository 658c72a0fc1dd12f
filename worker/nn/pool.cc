#include "worker/nn/pool.h"

#include "core/check.h"
#include "worker/nn/lanes.h"

namespace attune::nn {

// Where a window begins in a block's input and its value lies in the output, of
// one register of lanes.
struct Pool::Place {
  int64_t input = 0;
  int64_t output = 0;
};

Pool::Pool(const PoolOptions& options)
    : options_(options),
      output_shape_(OutputShape(options.input, options.window)),
      input_size_(options.input.size() * kBlock),
      output_size_(output_shape_.size() * kBlock) {
  ATTUNE_CHECK(options.window.padding == Padding::kValid);
  ATTUNE_CHECK(output_shape_.height >= 1 && output_shape_.width >= 1);
}

template <typename Visit>
void Pool::ForEachWindow(const Visit& visit) const {
  const ImageShape& input = options_.input;
  const int64_t stride = options_.window.stride;
  int64_t output = 0;
  for (int64_t c = 0; c < input.channels; ++c) {
    for (int64_t y = 0; y < output_shape_.height; ++y) {
      for (int64_t x = 0; x < output_shape_.width; ++x) {
        const int64_t first =
            ((c * input.height + y * stride) * input.width + x * stride) *
            kBlock;
        for (int64_t lane = 0; lane < kBlock; lane += kLanes) {
          visit(Place{.input = first + lane, .output = output + lane});
        }
        output += kBlock;
      }
    }
  }
}

namespace {

// Calls `visit` with the offset of each of the window's pixels from its first.
template <typename Visit>
void ForEachPixel(const PoolOptions& options, const Visit& visit) {
  for (int64_t y = 0; y < options.window.height; ++y) {
    for (int64_t x = 0; x < options.window.width; ++x) {
      visit((y * options.input.width + x) * kBlock);
    }
  }
}

Scalar OneByArea(const Window& window) {
  return Scalar{1} / static_cast<Scalar>(window.height * window.width);
}

Lanes Largest(const PoolOptions& options, const Scalar* input) {
  Lanes largest = Load(input);
  ForEachPixel(options, [&](int64_t offset) {
    const Lanes value = Load(input + offset);
    largest = largest >= value ? largest : value;
  });
  return largest;
}

Lanes Mean(const PoolOptions& options, const Scalar* input) {
  Lanes sum = {};
  ForEachPixel(options, [&](int64_t offset) { sum += Load(input + offset); });
  return sum * OneByArea(options.window);
}

void BackLargest(const PoolOptions& options, const Scalar* input,
                 const Lanes& largest, Lanes grad, Scalar* input_grad) {
  ForEachPixel(options, [&](int64_t offset) {
    const auto is_largest = Load(input + offset) == largest;
    const Lanes passed = is_largest ? grad : Lanes{};
    grad = is_largest ? Lanes{} : grad;  // it goes to the first alone
    Store(Load(input_grad + offset) + passed, input_grad + offset);
  });
}

void BackMean(const PoolOptions& options, const Lanes& grad,
              Scalar* input_grad) {
  const Lanes share = grad * OneByArea(options.window);
  ForEachPixel(options, [&](int64_t offset) {
    Store(Load(input_grad + offset) + share, input_grad + offset);
  });
}

}  // namespace

ConstMatrixView Pool::Forward(const ConstVectorView& /*params*/,
                              const ConstMatrixView& input, Mode /*mode*/) {
  ATTUNE_CHECK(input.rows() == input_size_);
  input_ = input.data();
  blocks_ = input.cols();
  MatrixView output = output_.Get(output_size_, blocks_);
  for (int64_t i = 0; i < blocks_; ++i) {
    const Scalar* const from = input_ + i * input_size_;
    Scalar* const to = output.col(i).data();
    ForEachWindow([&](const Place& place) {
      const Scalar* const window = from + place.input;
      Store(options_.kind == PoolKind::kMax ? Largest(options_, window)
                                            : Mean(options_, window),
            to + place.output);
    });
  }
  return output_.View(output_size_, blocks_);
}

ConstMatrixView Pool::Backward(const ConstVectorView& /*params*/,
                               const ConstMatrixView& output_grad,
                               bool needs_input_grad,
                               VectorView /*param_grads*/) {
  ATTUNE_CHECK(output_grad.rows() == output_size_);
  ATTUNE_CHECK(output_grad.cols() == blocks_);
  if (!needs_input_grad) return {nullptr, 0, 0};
  MatrixView input_grad = input_grad_.Get(input_size_, blocks_);
  input_grad.setZero();
  const ConstMatrixView output = output_.View(output_size_, blocks_);
  for (int64_t i = 0; i < blocks_; ++i) {
    const Scalar* const from = input_ + i * input_size_;
    const Scalar* const largest = output.col(i).data();
    const Scalar* const grads = output_grad.col(i).data();
    Scalar* const to = input_grad.col(i).data();
    ForEachWindow([&](const Place& place) {
      const Lanes grad = Load(grads + place.output);
      if (options_.kind == PoolKind::kMax) {
        BackLargest(options_, from + place.input, Load(largest + place.output),
                    grad, to + place.input);
      } else {
        BackMean(options_, grad, to + place.input);
      }
    });
  }
  return input_grad_.View(input_size_, blocks_);
}

void Pool::Accept(const ConstVectorView& /*params*/,
                  LayerVisitor& visitor) const {
  visitor.VisitPool(options_);
}

}  // namespace attune::nn

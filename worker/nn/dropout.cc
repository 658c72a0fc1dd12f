#include "worker/nn/dropout.h"

#include <cmath>

#include "core/check.h"

namespace attune::nn {

Dropout::Dropout(int64_t size, double rate)
    : size_(size),
      threshold_(static_cast<uint64_t>(std::llround(std::ldexp(rate, 32)))),
      kept_(static_cast<Scalar>(1.0 / (1.0 - rate))) {
  ATTUNE_CHECK(rate >= 0.0 && rate < 1.0);
}

// Two values from each 64 random bits.
void Dropout::DrawMask(int64_t count) {
  Scalar* const mask = mask_.Get(count, 1).data();
  for (int64_t i = 0; i + 1 < count; i += 2) {
    const uint64_t bits = rng_.Bits();
    mask[i] = (bits >> 32) < threshold_ ? Scalar{0} : kept_;
    mask[i + 1] = (bits & 0xffffffff) < threshold_ ? Scalar{0} : kept_;
  }
  if (count % 2 == 1) {
    mask[count - 1] = (rng_.Bits() >> 32) < threshold_ ? Scalar{0} : kept_;
  }
}

ConstMatrixView Dropout::Forward(const ConstVectorView& /*params*/,
                                 const ConstMatrixView& input, Mode mode) {
  ATTUNE_CHECK(input.rows() == size_);
  if (mode == Mode::kEval) return input;
  const int64_t batch = input.cols();
  DrawMask(size_ * batch);
  output_.Get(size_, batch) = input.cwiseProduct(mask_.View(size_, batch));
  return output_.View(size_, batch);
}

ConstMatrixView Dropout::Backward(const ConstVectorView& /*params*/,
                                  const ConstMatrixView& output_grad,
                                  bool needs_input_grad,
                                  VectorView /*param_grads*/) {
  if (!needs_input_grad) return {nullptr, 0, 0};
  const int64_t batch = output_grad.cols();
  input_grad_.Get(size_, batch) =
      output_grad.cwiseProduct(mask_.View(size_, batch));
  return input_grad_.View(size_, batch);
}

}  // namespace attune::nn

#ifndef ATTUNE_WORKER_NN_DROPOUT_H_
#define ATTUNE_WORKER_NN_DROPOUT_H_

#include <cstdint>

#include "core/random.h"
#include "worker/nn/layer.h"

namespace attune::nn {

// In training each value is left out with the chance `rate`, anew in every
// step, and the others are divided by 1 - rate, so that the mean stays
// (Srivastava et al. 2014, "inverted"). In evaluation nothing happens.
class Dropout : public Layer {
 public:
  // REQUIRES: 0 <= rate < 1.
  Dropout(int64_t size, double rate);

  int64_t num_params() const override { return 0; }
  int64_t num_outputs() const override { return size_; }
  void Initialize(Rng& /*rng*/, VectorView /*params*/) const override {}
  void Reseed(const Rng& rng) override { rng_ = rng; }
  ConstMatrixView Forward(const ConstVectorView& params,
                          const ConstMatrixView& input, Mode mode) override;
  ConstMatrixView Backward(const ConstVectorView& params,
                           const ConstMatrixView& output_grad,
                           bool needs_input_grad,
                           VectorView param_grads) override;
  void Accept(const ConstVectorView& /*params*/,
              LayerVisitor& /*visitor*/) const override {}

 private:
  void DrawMask(int64_t count);

  const int64_t size_;
  const uint64_t threshold_;  // of 32 bits: below it a value is left out
  const Scalar kept_;         // 1 / (1 - rate)
  Rng rng_{0};
  Buffer mask_;  // 0 or kept_
  Buffer output_;
  Buffer input_grad_;
};

}  // namespace attune::nn

#endif  // ATTUNE_WORKER_NN_DROPOUT_H_

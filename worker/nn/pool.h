#ifndef ATTUNE_WORKER_NN_POOL_H_
#define ATTUNE_WORKER_NN_POOL_H_

#include <cstdint>

#include "worker/nn/conv_geometry.h"
#include "worker/nn/layer.h"

namespace attune::nn {

enum class PoolKind { kMax, kAverage };

struct PoolOptions {
  ImageShape input;
  Window window;  // kValid
  PoolKind kind = PoolKind::kMax;
};

// The largest or the mean value of each window, channel by channel, of values
// in blocks (worker/nn/lanes.h). The gradient of the largest goes to the first
// that is as large, row by row. Has no parameters.
class Pool : public Layer {
 public:
  // REQUIRES: the window fits into the image and is not padded.
  explicit Pool(const PoolOptions& options);

  int64_t num_params() const override { return 0; }
  int64_t num_outputs() const override { return output_size_; }
  void Initialize(Rng& /*rng*/, VectorView /*params*/) const override {}
  ConstMatrixView Forward(const ConstVectorView& params,
                          const ConstMatrixView& input, Mode mode) override;
  ConstMatrixView Backward(const ConstVectorView& params,
                           const ConstMatrixView& output_grad,
                           bool needs_input_grad,
                           VectorView param_grads) override;
  void Accept(const ConstVectorView& params,
              LayerVisitor& visitor) const override;

 private:
  struct Place;
  template <typename Visit>
  void ForEachWindow(const Visit& visit) const;

  const PoolOptions options_;
  const ImageShape output_shape_;
  const int64_t input_size_;  // rows of the input: features * 16
  const int64_t output_size_;
  const Scalar* input_ = nullptr;  // of the last Forward()
  int64_t blocks_ = 0;
  Buffer output_;
  Buffer input_grad_;
};

}  // namespace attune::nn

#endif  // ATTUNE_WORKER_NN_POOL_H_

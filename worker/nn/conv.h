#ifndef ATTUNE_WORKER_NN_CONV_H_
#define ATTUNE_WORKER_NN_CONV_H_

#include <cstdint>
#include <vector>

#include "worker/nn/activation.h"
#include "worker/nn/conv_geometry.h"
#include "worker/nn/correlation.h"
#include "worker/nn/initializer.h"
#include "worker/nn/layer.h"

namespace attune::nn {

struct ConvOptions {
  ImageShape input;
  Window window;
  int64_t outputs = 1;  // channels
  // Whether the largest of each 2 x 2 outputs is all that remains. f is then
  // only computed of the largest sum, so it must not be one that falls.
  bool pool = false;
  Activation activation = Activation::kIdentity;
  Initialization initialization;
};

// y = f(b + sum over channels c and elements (ky, kx) of the kernel of
// w[o][c][ky][kx] x[c][stride y + ky][stride x + kx]), of values in blocks
// (worker/nn/lanes.h): the cross-correlation that the field calls convolution.
// Its parameters are the weights as ConvGeometry has them, then a bias for each
// output channel.
class Conv : public Layer {
 public:
  // REQUIRES: what ConvGeometry does; no `pool` for an activation that
  // DerivativeNeedsInput(), which are those that fall.
  explicit Conv(const ConvOptions& options);

  int64_t num_params() const override;
  int64_t num_outputs() const override { return output_size_; }
  void Initialize(Rng& rng, VectorView params) const override;
  ConstMatrixView Forward(const ConstVectorView& params,
                          const ConstMatrixView& input, Mode mode) override;
  ConstMatrixView Backward(const ConstVectorView& params,
                           const ConstMatrixView& output_grad,
                           bool needs_input_grad,
                           VectorView param_grads) override;
  void Accept(const ConstVectorView& params,
              LayerVisitor& visitor) const override;

 private:
  int64_t num_weights() const;
  const Scalar* Framed(const Scalar* block);
  void SpreadGrad(int64_t block, const Scalar* sum_grad,
                  const VectorView& bias_grad);
  template <typename Spread>
  void SpreadPixels(const Scalar* sum_grad, VectorView bias_grad,
                    const Spread& spread);
  void TurnWeights(const ConstVectorView& params);

  const ConvOptions options_;
  const ConvGeometry geometry_;
  const Correlation forward_;
  const Correlation backward_to_input_;
  const WeightCorrelation backward_to_weights_;
  const int64_t input_size_;  // rows of the input: features * 16
  const int64_t output_size_;
  const Scalar* input_ = nullptr;  // of the last Forward()
  int64_t blocks_ = 0;
  Buffer kept_;                   // what BackActivate() asks for
  Buffer output_;                 // where that is not the output
  std::vector<LaneInt> winners_;  // as CorrelateAndPool() writes them
  Vector framed_input_;           // of one block; empty if there is no frame
  Vector framed_grad_;            // of one block, dL/d(sums)
  Vector turned_weights_;
  const Vector no_bias_;  // zeros, of the input's gradient
  Vector weight_sums_;
  Buffer sum_grad_;  // dL/d(what f is applied to)
  Buffer input_grad_;
};

}  // namespace attune::nn

#endif  // ATTUNE_WORKER_NN_CONV_H_

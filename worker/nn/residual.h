#ifndef ATTUNE_WORKER_NN_RESIDUAL_H_
#define ATTUNE_WORKER_NN_RESIDUAL_H_

#include <cstdint>
#include <memory>
#include <vector>

#include "worker/nn/layer.h"

namespace attune::nn {

// y = x + F(x), so that F has only the difference to learn and gradients reach
// what is below undiminished (He et al. 2016, "Deep Residual Learning for Image
// Recognition").
class Residual : public Layer {
 public:
  // `inner` is F. REQUIRES: it has as many outputs as it takes inputs, which
  // Forward() checks.
  explicit Residual(std::unique_ptr<Layer> inner);

  int64_t num_params() const override { return inner_->num_params(); }
  int64_t num_outputs() const override { return inner_->num_outputs(); }
  void Initialize(Rng& rng, VectorView params) const override;
  void Reseed(const Rng& rng) override { inner_->Reseed(rng); }
  ConstMatrixView Forward(const ConstVectorView& params,
                          const ConstMatrixView& input, Mode mode) override;
  ConstMatrixView Backward(const ConstVectorView& params,
                           const ConstMatrixView& output_grad,
                           bool needs_input_grad,
                           VectorView param_grads) override;
  void AppendState(std::vector<VectorView>& states) override;
  void Accept(const ConstVectorView& params,
              LayerVisitor& visitor) const override;

 private:
  const std::unique_ptr<Layer> inner_;
  Buffer output_;
  Buffer input_grad_;
};

}  // namespace attune::nn

#endif  // ATTUNE_WORKER_NN_RESIDUAL_H_

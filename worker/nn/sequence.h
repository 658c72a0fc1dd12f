#ifndef ATTUNE_WORKER_NN_SEQUENCE_H_
#define ATTUNE_WORKER_NN_SEQUENCE_H_

#include <cstdint>
#include <memory>
#include <vector>

#include "worker/nn/layer.h"

namespace attune::nn {

// Layers in a row, each fed by the one before. Their parameters stand one after
// the other.
class Sequence : public Layer {
 public:
  // REQUIRES: at least one layer.
  explicit Sequence(std::vector<std::unique_ptr<Layer>> layers);

  int64_t num_params() const override { return num_params_; }
  int64_t num_outputs() const override { return layers_.back()->num_outputs(); }
  // Layer i draws from `rng` split by i.
  void Initialize(Rng& rng, VectorView params) const override;
  void Reseed(const Rng& rng) override;  // as well
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
  struct Slice {
    int64_t begin = 0;
    int64_t size = 0;
  };

  std::vector<std::unique_ptr<Layer>> layers_;
  std::vector<Slice> slices_;  // of each layer's parameters, in order
  int64_t num_params_ = 0;
};

}  // namespace attune::nn

#endif  // ATTUNE_WORKER_NN_SEQUENCE_H_

#ifndef ATTUNE_WORKER_NN_BLOCK_SEQUENCE_H_
#define ATTUNE_WORKER_NN_BLOCK_SEQUENCE_H_

#include <cstdint>
#include <memory>
#include <vector>

#include "worker/nn/layer.h"
#include "worker/nn/sequence.h"

namespace attune::nn {

// From (features, batch) to blocks (worker/nn/lanes.h) and back. Lanes that
// have no sample become 0. REQUIRES: `blocks` is (features * 16,
// NumBlocks(batch)).
void ToBlocks(const ConstMatrixView& columns, MatrixView blocks);
void FromBlocks(const ConstMatrixView& blocks, MatrixView columns);

// Layers in a row whose values are in blocks, such as convolutions, between
// columns of features as all other layers have them.
class BlockSequence : public Layer {
 public:
  // `batch` is where layers look that must know how many samples the blocks
  // have; it is set before they are called.
  BlockSequence(std::unique_ptr<int64_t> batch,
                std::vector<std::unique_ptr<Layer>> layers);

  int64_t num_params() const override { return layers_.num_params(); }
  int64_t num_outputs() const override;
  void Initialize(Rng& rng, VectorView params) const override;
  void Reseed(const Rng& rng) override { layers_.Reseed(rng); }
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
  const std::unique_ptr<int64_t> batch_;
  Sequence layers_;
  int64_t inputs_ = 0;  // features of the last Forward()
  Buffer input_;        // in blocks
  Buffer output_;
  Buffer output_grad_;  // in blocks
  Buffer input_grad_;
};

}  // namespace attune::nn

#endif  // ATTUNE_WORKER_NN_BLOCK_SEQUENCE_H_

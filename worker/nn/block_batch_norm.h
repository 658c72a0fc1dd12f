#ifndef ATTUNE_WORKER_NN_BLOCK_BATCH_NORM_H_
#define ATTUNE_WORKER_NN_BLOCK_BATCH_NORM_H_

#include <cstdint>
#include <vector>

#include "worker/nn/batch_norm.h"
#include "worker/nn/layer.h"

namespace attune::nn {

// f(batch normalisation of each channel over all pixels of all samples), of
// values in blocks (worker/nn/lanes.h). Parameters and state are those of
// BatchNorm.
class BlockBatchNorm : public Layer {
 public:
  // `pixels` are height * width. `batch` tells how many samples the blocks have
  // (BlockSequence) and must outlive it; the other lanes count for nothing.
  BlockBatchNorm(const BatchNormOptions& options, int64_t pixels,
                 const int64_t* batch);

  int64_t num_params() const override { return 2 * options_.channels; }
  int64_t num_outputs() const override { return size_; }
  void Initialize(Rng& rng, VectorView params) const override;
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
  template <typename Visit>
  void ForEachChannel(const Visit& visit) const;
  void MeasureBatch(const ConstVectorView& gamma);

  const BatchNormOptions options_;
  const int64_t pixels_;
  const int64_t size_;  // rows: channels * pixels * 16
  const int64_t* const batch_;
  Normalization normalization_;
  const Scalar* input_ = nullptr;  // of the last Forward()
  int64_t blocks_ = 0;
  Buffer kept_;    // what BackActivate() asks for
  Buffer output_;  // where that is not the output
  Buffer grad_;    // dL/d(normalised), then dL/d(input)
};

}  // namespace attune::nn

#endif  // ATTUNE_WORKER_NN_BLOCK_BATCH_NORM_H_

#include "worker/nn/block_batch_norm.h"

#include <algorithm>

#include "core/check.h"
#include "worker/nn/lanes.h"

namespace attune::nn {
namespace {

// One channel of one block: a column is a pixel.
using Channel = Eigen::Map<const Eigen::Array<Scalar, kBlock, Eigen::Dynamic>>;
using ChannelView = Eigen::Map<Eigen::Array<Scalar, kBlock, Eigen::Dynamic>>;

}  // namespace

BlockBatchNorm::BlockBatchNorm(const BatchNormOptions& options, int64_t pixels,
                               const int64_t* batch)
    : options_(options),
      pixels_(pixels),
      size_(options.channels * pixels * kBlock),
      batch_(batch),
      normalization_(options) {
  ATTUNE_CHECK(pixels >= 1 && batch != nullptr);
}

void BlockBatchNorm::Initialize(Rng& /*rng*/, VectorView params) const {
  ATTUNE_CHECK(params.size() == num_params());
  params.head(options_.channels).setOnes();
  params.tail(options_.channels).setZero();
}

// Calls `visit(channel, offset, samples)` for the channels of all blocks, whose
// first `samples` lanes are samples.
template <typename Visit>
void BlockBatchNorm::ForEachChannel(const Visit& visit) const {
  int64_t offset = 0;
  for (int64_t i = 0; i < blocks_; ++i) {
    const int64_t samples = std::min(kBlock, *batch_ - i * kBlock);
    for (int64_t c = 0; c < options_.channels; ++c) {
      visit(c, offset, samples);
      offset += pixels_ * kBlock;
    }
  }
}

void BlockBatchNorm::MeasureBatch(const ConstVectorView& gamma) {
  const int64_t count = *batch_ * pixels_;
  const Scalar share = Scalar{1} / static_cast<Scalar>(count);
  Vector& mean = normalization_.mean();
  Vector& variance = normalization_.variance();
  mean.setZero();
  variance.setZero();
  ForEachChannel([&](int64_t c, int64_t offset, int64_t samples) {
    const Channel values(input_ + offset, kBlock, pixels_);
    mean[c] += values.rowwise().sum().head(samples).sum();
  });
  mean *= share;
  ForEachChannel([&](int64_t c, int64_t offset, int64_t samples) {
    const Channel values(input_ + offset, kBlock, pixels_);
    variance[c] +=
        (values - mean[c]).square().rowwise().sum().head(samples).sum();
  });
  variance *= share;
  normalization_.UseBatch(count, gamma);
}

ConstMatrixView BlockBatchNorm::Forward(const ConstVectorView& params,
                                        const ConstMatrixView& input,
                                        Mode mode) {
  ATTUNE_CHECK(params.size() == num_params());
  ATTUNE_CHECK(input.rows() == size_ && input.cols() == NumBlocks(*batch_));
  input_ = input.data();
  blocks_ = input.cols();
  const ConstVectorView gamma(params.data(), options_.channels);
  const ConstVectorView beta(params.data() + options_.channels,
                             options_.channels);
  if (mode == Mode::kEval) {
    normalization_.UseRunning(gamma);
  } else {
    MeasureBatch(gamma);
  }
  MatrixView kept = kept_.Get(size_, blocks_);
  ForEachChannel([&](int64_t c, int64_t offset, int64_t /*samples*/) {
    ChannelView(kept.data() + offset, kBlock, pixels_) =
        (Channel(input_ + offset, kBlock, pixels_) - normalization_.mean()[c]) *
            normalization_.scale()[c] +
        beta[c];
  });
  if (!DerivativeNeedsInput(options_.activation)) {
    Activate(options_.activation, kept);
    return kept_.View(size_, blocks_);
  }
  MatrixView output = output_.Get(size_, blocks_);
  output = kept;
  Activate(options_.activation, output);
  return output_.View(size_, blocks_);
}

ConstMatrixView BlockBatchNorm::Backward(const ConstVectorView& /*params*/,
                                         const ConstMatrixView& output_grad,
                                         bool needs_input_grad,
                                         VectorView param_grads) {
  ATTUNE_CHECK(output_grad.rows() == size_ && output_grad.cols() == blocks_);
  ATTUNE_CHECK(param_grads.size() == num_params());
  MatrixView grad = grad_.Get(size_, blocks_);
  BackActivate(options_.activation, kept_.View(size_, blocks_), output_grad,
               grad);
  const Vector& mean = normalization_.mean();
  VectorView gamma_grad(param_grads.data(), options_.channels);
  VectorView beta_grad(param_grads.data() + options_.channels,
                       options_.channels);
  param_grads.setZero();
  // Gradients of lanes without a sample are 0.
  ForEachChannel([&](int64_t c, int64_t offset, int64_t /*samples*/) {
    const Channel values(input_ + offset, kBlock, pixels_);
    const Channel grads(grad.data() + offset, kBlock, pixels_);
    beta_grad[c] += grads.sum();
    gamma_grad[c] += (grads * (values - mean[c])).sum();
  });
  normalization_.Backward(beta_grad, gamma_grad);
  if (!needs_input_grad) return {nullptr, 0, 0};
  ForEachChannel([&](int64_t c, int64_t offset, int64_t samples) {
    const Channel values(input_ + offset, kBlock, pixels_);
    ChannelView grads(grad.data() + offset, kBlock, pixels_);
    grads = normalization_.scale()[c] *
            (grads - normalization_.shift()[c] -
             normalization_.slope()[c] * (values - mean[c]));
    grads.bottomRows(kBlock - samples).setZero();
  });
  return grad_.View(size_, blocks_);
}

void BlockBatchNorm::AppendState(std::vector<VectorView>& states) {
  states.push_back(normalization_.running());
}

void BlockBatchNorm::Accept(const ConstVectorView& params,
                            LayerVisitor& visitor) const {
  visitor.VisitBatchNorm(options_, params, normalization_.running());
}

}  // namespace attune::nn

#include "worker/nn/network.h"

#include <mutex>
#include <utility>

#include "core/check.h"
#include "worker/nn/batch_norm.h"
#include "worker/nn/dense.h"
#include "worker/nn/dropout.h"
#include "worker/nn/residual.h"

namespace attune::nn {
namespace {

// How Eigen cuts a product into blocks, and thus the order in which it adds,
// depends on the sizes of the caches, which it asks of the processor. Fixed
// sizes make a seed's curve the same on every machine of one instruction set.
void FixBlockSizes() {
  static std::once_flag once;
  std::call_once(once, [] {
    Eigen::setCpuCacheSizes(32 * 1024, 512 * 1024, 4 * 1024 * 1024);
  });
}

}  // namespace

Network::Network(std::vector<std::unique_ptr<Layer>> layers, const Rng& rng)
    : layers_(std::move(layers)),
      params_(Vector::Zero(layers_.num_params())),
      grads_(Vector::Zero(layers_.num_params())) {
  FixBlockSizes();
  Rng init = rng;
  layers_.Initialize(init, VectorView(params_.data(), params_.size()));
  layers_.AppendState(states_);
}

void Network::Reseed(const Rng& rng) { layers_.Reseed(rng); }

ConstMatrixView Network::Forward(const ConstMatrixView& inputs, Mode mode) {
  return layers_.Forward(ConstVectorView(params_.data(), params_.size()),
                         inputs, mode);
}

void Network::Backward(const ConstMatrixView& output_grad) {
  layers_.Backward(ConstVectorView(params_.data(), params_.size()), output_grad,
                   /*needs_input_grad=*/false,
                   VectorView(grads_.data(), grads_.size()));
}

Vector Network::State() const {
  Vector all;
  CopyState(all);
  return all;
}

void Network::CopyState(Vector& to) const {
  int64_t size = 0;
  for (const VectorView& state : states_) size += state.size();
  to.resize(size);
  int64_t begin = 0;
  for (const VectorView& state : states_) {
    to.segment(begin, state.size()) = state;
    begin += state.size();
  }
}

void Network::SetState(const Vector& state) {
  int64_t begin = 0;
  for (VectorView& view : states_) {
    ATTUNE_CHECK(begin + view.size() <= state.size());
    view = state.segment(begin, view.size());
    begin += view.size();
  }
  ATTUNE_CHECK(begin == state.size());
}

void Network::Accept(LayerVisitor& visitor) const {
  layers_.Accept(ConstVectorView(params_.data(), params_.size()), visitor);
}

namespace {

// Hidden layer number `index`, of `inputs` inputs.
std::unique_ptr<Layer> MakeHidden(const MlpOptions& options, int64_t inputs,
                                  size_t index) {
  const int64_t width = options.hidden[index];
  std::vector<std::unique_ptr<Layer>> layers;
  layers.push_back(std::make_unique<Dense>(
      DenseOptions{.inputs = inputs,
                   .outputs = width,
                   .activation = options.batch_norm ? Activation::kIdentity
                                                    : options.activation,
                   .initialization = options.initialization,
                   .precision = options.precision}));
  if (options.batch_norm) {
    layers.push_back(std::make_unique<BatchNorm>(
        BatchNormOptions{.channels = width, .activation = options.activation}));
  }
  if (options.dropout > 0.0) {
    layers.push_back(std::make_unique<Dropout>(width, options.dropout));
  }
  auto hidden = std::make_unique<Sequence>(std::move(layers));
  const bool residual = options.residual && index > 0 && inputs == width;
  if (!residual) return hidden;
  return std::make_unique<Residual>(std::move(hidden));
}

}  // namespace

Network MakeMlp(const MlpOptions& options, const Rng& rng) {
  std::vector<std::unique_ptr<Layer>> layers;
  int64_t inputs = options.inputs;
  for (size_t i = 0; i < options.hidden.size(); ++i) {
    layers.push_back(MakeHidden(options, inputs, i));
    inputs = options.hidden[i];
  }
  layers.push_back(std::make_unique<Dense>(
      DenseOptions{.inputs = inputs,
                   .outputs = options.outputs,
                   .activation = Activation::kIdentity,
                   .initialization = options.initialization,
                   .precision = options.precision}));
  return Network(std::move(layers), rng);
}

}  // namespace attune::nn

#include "worker/nn/network.h"

#include <mutex>
#include <new>
#include <utility>

#include "core/check.h"
#include "worker/nn/dense.h"
#include "worker/nn/dropout.h"

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

// Rebinds the view, where assignment would copy what it shows.
void Rebind(ConstMatrixView& view, const ConstMatrixView& to) {
  new (&view) ConstMatrixView(to.data(), to.rows(), to.cols());
}

}  // namespace

Network::Network(std::vector<std::unique_ptr<Layer>> layers, const Rng& rng)
    : layers_(std::move(layers)) {
  ATTUNE_CHECK(!layers_.empty());
  FixBlockSizes();
  int64_t size = 0;
  for (const auto& layer : layers_) {
    slices_.push_back({.begin = size, .size = layer->num_params()});
    size += layer->num_params();
  }
  params_ = Vector::Zero(size);
  grads_ = Vector::Zero(size);
  for (size_t i = 0; i < layers_.size(); ++i) {
    Rng layer_rng = rng.Split(i);
    layers_[i]->Initialize(
        layer_rng,
        VectorView(params_.data() + slices_[i].begin, slices_[i].size));
  }
}

void Network::Reseed(const Rng& rng) {
  for (size_t i = 0; i < layers_.size(); ++i) layers_[i]->Reseed(rng.Split(i));
}

ConstMatrixView Network::Forward(const ConstMatrixView& inputs, Mode mode) {
  ConstMatrixView values(inputs.data(), inputs.rows(), inputs.cols());
  for (size_t i = 0; i < layers_.size(); ++i) {
    const ConstVectorView params(params_.data() + slices_[i].begin,
                                 slices_[i].size);
    Rebind(values, layers_[i]->Forward(params, values, mode));
  }
  return values;
}

void Network::Backward(const ConstMatrixView& output_grad) {
  ConstMatrixView grad(output_grad.data(), output_grad.rows(),
                       output_grad.cols());
  for (size_t i = layers_.size(); i-- > 0;) {
    const auto [begin, size] = slices_[i];
    Rebind(grad,
           layers_[i]->Backward(ConstVectorView(params_.data() + begin, size),
                                grad, /*needs_input_grad=*/i > 0,
                                VectorView(grads_.data() + begin, size)));
  }
}

Network MakeMlp(const MlpOptions& options, const Rng& rng) {
  std::vector<std::unique_ptr<Layer>> layers;
  int64_t inputs = options.inputs;
  for (const int64_t width : options.hidden) {
    layers.push_back(std::make_unique<Dense>(
        DenseOptions{.inputs = inputs,
                     .outputs = width,
                     .activation = options.activation,
                     .initializer = options.initializer}));
    if (options.dropout > 0.0) {
      layers.push_back(std::make_unique<Dropout>(width, options.dropout));
    }
    inputs = width;
  }
  layers.push_back(std::make_unique<Dense>(
      DenseOptions{.inputs = inputs,
                   .outputs = options.outputs,
                   .activation = Activation::kIdentity,
                   .initializer = options.initializer}));
  return Network(std::move(layers), rng);
}

}  // namespace attune::nn

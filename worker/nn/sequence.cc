#include "worker/nn/sequence.h"

#include <new>
#include <utility>

#include "core/check.h"

namespace attune::nn {
namespace {

// Rebinds the view, where assignment would copy what it shows.
void Rebind(ConstMatrixView& view, const ConstMatrixView& to) {
  new (&view) ConstMatrixView(to.data(), to.rows(), to.cols());
}

}  // namespace

Sequence::Sequence(std::vector<std::unique_ptr<Layer>> layers)
    : layers_(std::move(layers)) {
  ATTUNE_CHECK(!layers_.empty());
  for (const auto& layer : layers_) {
    slices_.push_back({.begin = num_params_, .size = layer->num_params()});
    num_params_ += layer->num_params();
  }
}

void Sequence::Initialize(Rng& rng, VectorView params) const {
  ATTUNE_CHECK(params.size() == num_params_);
  for (size_t i = 0; i < layers_.size(); ++i) {
    Rng layer_rng = rng.Split(i);
    layers_[i]->Initialize(
        layer_rng,
        VectorView(params.data() + slices_[i].begin, slices_[i].size));
  }
}

void Sequence::Reseed(const Rng& rng) {
  for (size_t i = 0; i < layers_.size(); ++i) layers_[i]->Reseed(rng.Split(i));
}

ConstMatrixView Sequence::Forward(const ConstVectorView& params,
                                  const ConstMatrixView& input, Mode mode) {
  ATTUNE_CHECK(params.size() == num_params_);
  ConstMatrixView values(input.data(), input.rows(), input.cols());
  for (size_t i = 0; i < layers_.size(); ++i) {
    const auto [begin, size] = slices_[i];
    Rebind(values,
           layers_[i]->Forward(ConstVectorView(params.data() + begin, size),
                               values, mode));
  }
  return values;
}

ConstMatrixView Sequence::Backward(const ConstVectorView& params,
                                   const ConstMatrixView& output_grad,
                                   bool needs_input_grad,
                                   VectorView param_grads) {
  ATTUNE_CHECK(param_grads.size() == num_params_);
  ConstMatrixView grad(output_grad.data(), output_grad.rows(),
                       output_grad.cols());
  for (size_t i = layers_.size(); i-- > 0;) {
    const auto [begin, size] = slices_[i];
    Rebind(grad, layers_[i]->Backward(
                     ConstVectorView(params.data() + begin, size), grad,
                     /*needs_input_grad=*/i > 0 || needs_input_grad,
                     VectorView(param_grads.data() + begin, size)));
  }
  return grad;
}

void Sequence::AppendState(std::vector<VectorView>& states) {
  for (const auto& layer : layers_) layer->AppendState(states);
}

void Sequence::Accept(const ConstVectorView& params,
                      LayerVisitor& visitor) const {
  for (size_t i = 0; i < layers_.size(); ++i) {
    const auto [begin, size] = slices_[i];
    layers_[i]->Accept(ConstVectorView(params.data() + begin, size), visitor);
  }
}

}  // namespace attune::nn

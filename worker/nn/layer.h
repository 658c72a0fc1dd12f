#ifndef ATTUNE_WORKER_NN_LAYER_H_
#define ATTUNE_WORKER_NN_LAYER_H_

#include <cstdint>
#include <vector>

#include "core/random.h"
#include "worker/nn/layer_visitor.h"
#include "worker/nn/types.h"

namespace attune::nn {

// One step of a network. Parameters belong to the network, which passes each
// layer its own slice of one flat vector; a layer keeps only what its backward
// pass needs. What a layer returns is valid until its next call. For one
// thread.
class Layer {
 public:
  virtual ~Layer() = default;

  virtual int64_t num_params() const = 0;
  // For an input of that many features.
  virtual int64_t num_outputs() const = 0;

  // Draws the parameters that training begins with.
  virtual void Initialize(Rng& rng, VectorView params) const = 0;

  // Where its own random numbers come from now on, if it draws any.
  virtual void Reseed(const Rng& /*rng*/) {}

  // `params` and `input` must not change until Backward() was called.
  virtual ConstMatrixView Forward(const ConstVectorView& params,
                                  const ConstMatrixView& input, Mode mode) = 0;

  // Given dL/d(output), sets `param_grads` to dL/d(params) and, if
  // `needs_input_grad`, returns dL/d(input); else an empty view, so that the
  // first layer saves its largest product. REQUIRES: the last Forward() was of
  // kTrain.
  virtual ConstMatrixView Backward(const ConstVectorView& params,
                                   const ConstMatrixView& output_grad,
                                   bool needs_input_grad,
                                   VectorView param_grads) = 0;

  // Appends views of what the layer measures while training and keeps from one
  // step to the next beside its parameters, such as running means: a part of a
  // checkpoint, but nothing that an optimizer moves. Most layers have none.
  virtual void AppendState(std::vector<VectorView>& /*states*/) {}

  // Tells `visitor` what it computes with `params`.
  virtual void Accept(const ConstVectorView& params,
                      LayerVisitor& visitor) const = 0;
};

}  // namespace attune::nn

#endif  // ATTUNE_WORKER_NN_LAYER_H_

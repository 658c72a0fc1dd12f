#ifndef ATTUNE_WORKER_NN_NETWORK_H_
#define ATTUNE_WORKER_NN_NETWORK_H_

#include <cstdint>
#include <memory>
#include <vector>

#include "core/random.h"
#include "worker/nn/activation.h"
#include "worker/nn/dense.h"
#include "worker/nn/initializer.h"
#include "worker/nn/layer.h"
#include "worker/nn/layer_visitor.h"
#include "worker/nn/sequence.h"
#include "worker/nn/types.h"

namespace attune::nn {

// Layers in a row over one flat vector of parameters, so that an optimizer, a
// gradient check and a checkpoint see one vector. For one thread; allocates
// nothing once it has seen its largest batch.
class Network {
 public:
  // Draws the layers' initial parameters from `rng`.
  Network(std::vector<std::unique_ptr<Layer>> layers, const Rng& rng);

  // Where layers that draw random numbers (dropout) take them from, from now
  // on.
  void Reseed(const Rng& rng);

  // `inputs` must not change until Backward() was called. What is returned is
  // valid until the next call.
  ConstMatrixView Forward(const ConstMatrixView& inputs, Mode mode);

  // Sets grads() to dL/d(params), given dL/d(what Forward() returned).
  // REQUIRES: the last Forward() was of kTrain.
  void Backward(const ConstMatrixView& output_grad);

  int64_t num_outputs() const { return layers_.num_outputs(); }
  Vector& params() { return params_; }
  Vector& grads() { return grads_; }

  // What the layers keep beside the parameters (Layer::AppendState()), one
  // after the other; empty if they keep nothing. With params() it is all that
  // kEval depends on.
  Vector State() const;
  void CopyState(Vector& to) const;  // allocates nothing if it is as long
  // REQUIRES: `state` is as long as State().
  void SetState(const Vector& state);

  // Tells `visitor` of the layers, with their parameters of now.
  void Accept(LayerVisitor& visitor) const;

 private:
  Sequence layers_;
  Vector params_;
  Vector grads_;
  std::vector<VectorView> states_;  // of the layers
};

// A multilayer perceptron: hidden layers f(W x + b), or f(batch norm(W x + b)),
// each followed by dropout, and a dense layer for the outputs. With `residual`
// a hidden layer that is as wide as the hidden layer before it adds what it
// computes to its input.
struct MlpOptions {
  int64_t inputs = 1;
  std::vector<int64_t> hidden;
  int64_t outputs = 1;
  Activation activation = Activation::kRelu;
  Initialization initialization;
  double dropout = 0.0;
  bool batch_norm = false;
  bool residual = false;
  Precision precision = Precision::kScalar;
};

// The layers' initial parameters come from `rng`.
Network MakeMlp(const MlpOptions& options, const Rng& rng);

}  // namespace attune::nn

#endif  // ATTUNE_WORKER_NN_NETWORK_H_

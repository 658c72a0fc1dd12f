#ifndef ATTUNE_WORKER_NN_NETWORK_H_
#define ATTUNE_WORKER_NN_NETWORK_H_

#include <cstdint>
#include <memory>
#include <vector>

#include "core/random.h"
#include "worker/nn/activation.h"
#include "worker/nn/initializer.h"
#include "worker/nn/layer.h"
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

  int64_t num_outputs() const { return layers_.back()->num_outputs(); }
  Vector& params() { return params_; }
  Vector& grads() { return grads_; }

 private:
  struct Slice {
    int64_t begin = 0;
    int64_t size = 0;
  };

  std::vector<std::unique_ptr<Layer>> layers_;
  std::vector<Slice> slices_;  // of each layer, in order
  Vector params_;
  Vector grads_;
};

// A multilayer perceptron: dense layers with `activation`, each followed by
// dropout, and a dense layer for the logits.
struct MlpOptions {
  int64_t inputs = 1;
  std::vector<int64_t> hidden;
  int64_t outputs = 1;
  Activation activation = Activation::kRelu;
  Initializer initializer = Initializer::kHeNormal;
  double dropout = 0.0;
};

// The layers' initial parameters come from `rng`.
Network MakeMlp(const MlpOptions& options, const Rng& rng);

}  // namespace attune::nn

#endif  // ATTUNE_WORKER_NN_NETWORK_H_

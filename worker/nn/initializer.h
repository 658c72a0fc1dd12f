#ifndef ATTUNE_WORKER_NN_INITIALIZER_H_
#define ATTUNE_WORKER_NN_INITIALIZER_H_

#include "core/random.h"
#include "worker/nn/types.h"

namespace attune::nn {

// The variance of a weight at the start is 2 / (inputs + outputs) after Glorot
// & Bengio (2010), here called Xavier, which keeps the variance of both values
// and gradients from layer to layer; or 2 / inputs after He et al. (2015), as
// relu halves it.
enum class Initializer {
  kXavierUniform,
  kXavierNormal,
  kHeUniform,
  kHeNormal,
};

// Fills `weights`, (outputs, inputs), with independent numbers of mean 0:
// uniform in +-sqrt(3 variance), or normal.
void InitializeWeights(Initializer initializer, Rng& rng, MatrixView weights);

}  // namespace attune::nn

#endif  // ATTUNE_WORKER_NN_INITIALIZER_H_

#ifndef ATTUNE_WORKER_NN_INITIALIZER_H_
#define ATTUNE_WORKER_NN_INITIALIZER_H_

#include <cstdint>

#include "core/random.h"
#include "worker/nn/types.h"

namespace attune::nn {

// How weights begin. In most, they are independent numbers of mean 0, uniform
// or normal, whose variance keeps values (or gradients) about the same size
// from layer to layer; n is as FanMode says:
//
//   Xavier      2 / (inputs + outputs)  Glorot & Bengio (2010)
//   He          2 / n                   He et al. (2015): relu halves it
//   LeCun       1 / n                   LeCun et al. (1998)
//   truncated   1 / n, normal within two deviations, outside of which is drawn
//               anew; the deviation is so enlarged that the variance comes out
//   orthogonal  the rows, or the columns if there are fewer, are orthonormal:
//               Q of a normal matrix's QR decomposition, uniform over all of
//               them by making R's diagonal positive (Saxe et al. 2014)
//   constant    all the same, so that neurons of a layer never differ
enum class Initializer {
  kXavierUniform,
  kXavierNormal,
  kHeUniform,
  kHeNormal,
  kLecunUniform,
  kLecunNormal,
  kTruncatedNormal,
  kOrthogonal,
  kConstant,
};

// The n of He, LeCun and truncated: with the inputs of a neuron values keep
// their size, with the outputs that use an input gradients do; or the mean of
// the two.
enum class FanMode { kInputs, kOutputs, kAverage };

struct Initialization {
  Initializer initializer = Initializer::kHeNormal;
  FanMode fan_mode = FanMode::kInputs;
  double value = 0.0;  // of kConstant
};

// The numbers that a neuron's sum has and those of sums that an input is in.
// Of a convolution: input and output channels, times the kernel's area.
struct Fans {
  int64_t inputs = 1;
  int64_t outputs = 1;
};

// Fills `weights`, in which a row is a neuron.
void InitializeWeights(const Initialization& initialization, const Fans& fans,
                       Rng& rng, MatrixView weights);

}  // namespace attune::nn

#endif  // ATTUNE_WORKER_NN_INITIALIZER_H_

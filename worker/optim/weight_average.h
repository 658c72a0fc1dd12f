#ifndef ATTUNE_WORKER_OPTIM_WEIGHT_AVERAGE_H_
#define ATTUNE_WORKER_OPTIM_WEIGHT_AVERAGE_H_

#include <cstdint>
#include <vector>

#include "worker/nn/types.h"

namespace attune::nn {

// A running mean over the steps of the parameters, which lies nearer to the
// minimum than they do where steps are noisy (Polyak & Juditsky 1992, with
// weights that fall exponentially). After t steps
//   average = sum_i d^(t - i) theta_i / sum_i d^(t - i),  i = 1 ... t
// so that the parameters before the first step weigh nothing. What layers
// measure of their inputs is averaged alike (Layer::AppendState()), as it
// belongs to the parameters that it was measured with.
class WeightAverage {
 public:
  // REQUIRES: decay, the d above, lies in [0, 1).
  explicit WeightAverage(double decay) : decay_(decay) {}

  // After every step. REQUIRES: `params` are of one size in every call.
  void Add(const Vector& params);

  // Empty before the first Add(). Not const, so that it can change places with
  // the parameters while they are measured.
  Vector& average() { return average_; }

  // With average() all that is remembered, as of an Optimizer.
  int64_t steps() const { return steps_; }
  void set_steps(int64_t steps) { steps_ = steps; }

 private:
  const double decay_;
  Vector average_;
  int64_t steps_ = 0;
};

}  // namespace attune::nn

#endif  // ATTUNE_WORKER_OPTIM_WEIGHT_AVERAGE_H_

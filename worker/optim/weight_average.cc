#include "worker/optim/weight_average.h"

#include <cmath>

#include "core/check.h"

namespace attune::nn {

void WeightAverage::Add(const Vector& params) {
  if (steps_ == 0) average_.setZero(params.size());
  ATTUNE_CHECK(average_.size() == params.size());
  ++steps_;
  // sum_i d^(t - i) is (1 - d^t) / (1 - d); the newest has the weight 1 of it.
  const double weight =
      (1.0 - decay_) / (1.0 - std::pow(decay_, static_cast<double>(steps_)));
  average_ += static_cast<Scalar>(weight) * (params - average_);
}

}  // namespace attune::nn

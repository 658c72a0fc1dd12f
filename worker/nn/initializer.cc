#include "worker/nn/initializer.h"

#include <cmath>

namespace attune::nn {

void InitializeWeights(Initializer initializer, Rng& rng, MatrixView weights) {
  const bool he = initializer == Initializer::kHeUniform ||
                  initializer == Initializer::kHeNormal;
  const bool uniform = initializer == Initializer::kXavierUniform ||
                       initializer == Initializer::kHeUniform;
  const auto inputs = static_cast<double>(weights.cols());
  const auto outputs = static_cast<double>(weights.rows());
  const double variance = he ? 2.0 / inputs : 2.0 / (inputs + outputs);
  const double limit = std::sqrt(3.0 * variance);
  const double deviation = std::sqrt(variance);
  for (Scalar& weight : weights.reshaped()) {
    weight = static_cast<Scalar>(uniform ? rng.Uniform(-limit, limit)
                                         : deviation * rng.Normal());
  }
}

}  // namespace attune::nn

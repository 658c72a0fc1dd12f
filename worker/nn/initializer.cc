#include "worker/nn/initializer.h"

#include <Eigen/QR>
#include <algorithm>
#include <cmath>

#include "core/check.h"

namespace attune::nn {
namespace {

// The deviation of a standard normal number that lies within +-2:
// sqrt(1 - 4 phi(2) / (2 Phi(2) - 1)).
constexpr double kTruncatedDeviation = 0.8796256610342398;

double Count(FanMode mode, const Fans& fans) {
  const auto inputs = static_cast<double>(fans.inputs);
  const auto outputs = static_cast<double>(fans.outputs);
  switch (mode) {
    case FanMode::kInputs:
      return inputs;
    case FanMode::kOutputs:
      return outputs;
    case FanMode::kAverage:
      return (inputs + outputs) / 2.0;
  }
  ATTUNE_CHECK(false && "every mode has its case");
  return 0.0;
}

void FillUniform(double variance, Rng& rng, MatrixView weights) {
  const double limit = std::sqrt(3.0 * variance);
  for (Scalar& weight : weights.reshaped()) {
    weight = static_cast<Scalar>(rng.Uniform(-limit, limit));
  }
}

void FillNormal(double variance, Rng& rng, MatrixView weights) {
  const double deviation = std::sqrt(variance);
  for (Scalar& weight : weights.reshaped()) {
    weight = static_cast<Scalar>(deviation * rng.Normal());
  }
}

void FillTruncated(double variance, Rng& rng, MatrixView weights) {
  const double deviation = std::sqrt(variance) / kTruncatedDeviation;
  for (Scalar& weight : weights.reshaped()) {
    double number = rng.Normal();
    while (std::abs(number) > 2.0) number = rng.Normal();
    weight = static_cast<Scalar>(deviation * number);
  }
}

void FillOrthogonal(Rng& rng, MatrixView weights) {
  const bool wide = weights.rows() < weights.cols();
  const int64_t longer = std::max(weights.rows(), weights.cols());
  const int64_t shorter = std::min(weights.rows(), weights.cols());
  Matrix normal(longer, shorter);
  FillNormal(1.0, rng, MatrixView(normal.data(), longer, shorter));
  const Eigen::HouseholderQR<Matrix> qr(normal);
  Matrix q = qr.householderQ() * Matrix::Identity(longer, shorter);
  for (int64_t i = 0; i < shorter; ++i) {
    if (qr.matrixQR()(i, i) < Scalar{0}) q.col(i) = -q.col(i);
  }
  if (wide) {
    weights = q.transpose();
  } else {
    weights = q;
  }
}

}  // namespace

void InitializeWeights(const Initialization& initialization, const Fans& fans,
                       Rng& rng, MatrixView weights) {
  ATTUNE_CHECK(fans.inputs >= 1 && fans.outputs >= 1);
  const double n = Count(initialization.fan_mode, fans);
  const double both = Count(FanMode::kAverage, fans);
  switch (initialization.initializer) {
    case Initializer::kXavierUniform:
      return FillUniform(1.0 / both, rng, weights);
    case Initializer::kXavierNormal:
      return FillNormal(1.0 / both, rng, weights);
    case Initializer::kHeUniform:
      return FillUniform(2.0 / n, rng, weights);
    case Initializer::kHeNormal:
      return FillNormal(2.0 / n, rng, weights);
    case Initializer::kLecunUniform:
      return FillUniform(1.0 / n, rng, weights);
    case Initializer::kLecunNormal:
      return FillNormal(1.0 / n, rng, weights);
    case Initializer::kTruncatedNormal:
      return FillTruncated(1.0 / n, rng, weights);
    case Initializer::kOrthogonal:
      return FillOrthogonal(rng, weights);
    case Initializer::kConstant:
      weights.setConstant(static_cast<Scalar>(initialization.value));
      return;
  }
}

}  // namespace attune::nn

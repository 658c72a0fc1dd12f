#include "worker/data/dataset.h"

#include <cmath>

#include "core/check.h"

namespace attune::nn {
namespace {

// From the number, sum and sum of squares about `center`. Deviations this small
// beside the mean are rounding.
void SetScaling(double mean, double variance, int64_t at, Scaling& scaling) {
  const double deviation = std::sqrt(std::max(0.0, variance));
  const bool constant = deviation <= 1e-7 * std::abs(mean);
  const double scale = constant ? 0.0 : 1.0 / deviation;
  scaling.scale[at] = static_cast<Scalar>(scale);
  scaling.offset[at] = static_cast<Scalar>(-mean * scale);
}

Scaling StandardizeInputs(const Pixels& pixels,
                          absl::Span<const int64_t> examples) {
  int64_t sum = 0;
  int64_t squares = 0;
  for (const int64_t example : examples) {
    // An image of 64 Ki pixels fits into 32 bits; sums over integers are exact.
    const uint8_t* pixel = pixels.col(example).data();
    for (int64_t begin = 0; begin < pixels.rows(); begin += 65536) {
      const int64_t end = std::min(begin + 65536, pixels.rows());
      uint32_t part = 0;
      uint32_t part_squares = 0;
      for (int64_t i = begin; i < end; ++i) {
        const uint32_t value = pixel[i];
        part += value;
        part_squares += value * value;
      }
      sum += part;
      squares += part_squares;
    }
  }
  const double count =
      static_cast<double>(pixels.rows()) * static_cast<double>(examples.size());
  const double mean = static_cast<double>(sum) / count;
  Scaling scaling{.scale = Vector(1), .offset = Vector(1)};
  SetScaling(mean, static_cast<double>(squares) / count - mean * mean, 0,
             scaling);
  return scaling;
}

Scaling StandardizeInputs(const Matrix& inputs,
                          absl::Span<const int64_t> examples) {
  const auto count = static_cast<double>(examples.size());
  Eigen::VectorXd mean = Eigen::VectorXd::Zero(inputs.rows());
  for (const int64_t example : examples) {
    mean += inputs.col(example).cast<double>();
  }
  mean /= count;
  Eigen::VectorXd variance = Eigen::VectorXd::Zero(inputs.rows());
  for (const int64_t example : examples) {
    variance += (inputs.col(example).cast<double>() - mean).cwiseAbs2();
  }
  variance /= count;
  Scaling scaling{.scale = Vector(inputs.rows()),
                  .offset = Vector(inputs.rows())};
  for (int64_t i = 0; i < inputs.rows(); ++i) {
    SetScaling(mean[i], variance[i], i, scaling);
  }
  return scaling;
}

}  // namespace

int64_t Dataset::num_examples() const {
  return std::visit([](const auto& values) { return values.cols(); }, inputs);
}

int64_t Dataset::num_features() const {
  return std::visit([](const auto& values) { return values.rows(); }, inputs);
}

Scaling Standardize(const Dataset& dataset,
                    absl::Span<const int64_t> examples) {
  ATTUNE_CHECK(!examples.empty());
  return std::visit(
      [examples](const auto& inputs) {
        return StandardizeInputs(inputs, examples);
      },
      dataset.inputs);
}

}  // namespace attune::nn

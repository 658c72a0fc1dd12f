#include "worker/data/dataset.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "core/check.h"

namespace attune::nn {
namespace {

using Columns = Eigen::Ref<const Eigen::VectorXd>;

// Deviations this small beside the mean are rounding.
bool IsConstant(double mean, double deviation) {
  return deviation <= 1e-7 * std::abs(mean);
}

void SetScaling(double mean, double variance, int64_t at, Scaling& scaling) {
  const double deviation = std::sqrt(std::max(0.0, variance));
  const double scale = IsConstant(mean, deviation) ? 0.0 : 1.0 / deviation;
  scaling.scale[at] = static_cast<Scalar>(scale);
  scaling.offset[at] = static_cast<Scalar>(-mean * scale);
}

struct PixelSums {
  int64_t sum = 0;
  int64_t squares = 0;
};

void AddPixels(const uint8_t* pixel, int64_t count, PixelSums& sums) {
  // 64 Ki squares fit into 32 bits; sums over integers are exact.
  for (int64_t begin = 0; begin < count; begin += 65536) {
    const int64_t end = std::min(begin + 65536, count);
    uint32_t part = 0;
    uint32_t part_squares = 0;
    for (int64_t i = begin; i < end; ++i) {
      const uint32_t value = pixel[i];
      part += value;
      part_squares += value * value;
    }
    sums.sum += part;
    sums.squares += part_squares;
  }
}

Scaling StandardizeInputs(const Dataset& dataset, const Pixels& pixels,
                          absl::Span<const int64_t> examples) {
  const int64_t channels = std::max<int64_t>(1, dataset.image.channels);
  const int64_t plane = pixels.rows() / channels;
  std::vector<PixelSums> sums(static_cast<size_t>(channels));
  for (const int64_t example : examples) {
    const uint8_t* pixel = pixels.col(example).data();
    for (PixelSums& of_channel : sums) {
      AddPixels(pixel, plane, of_channel);
      pixel += plane;
    }
  }
  const double count =
      static_cast<double>(plane) * static_cast<double>(examples.size());
  Scaling scaling{.scale = Vector(channels), .offset = Vector(channels)};
  for (int64_t i = 0; i < channels; ++i) {
    const auto& [sum, squares] = sums[static_cast<size_t>(i)];
    const double mean = static_cast<double>(sum) / count;
    SetScaling(mean, static_cast<double>(squares) / count - mean * mean, i,
               scaling);
  }
  return scaling;
}

Eigen::VectorXd Mean(const Matrix& values, absl::Span<const int64_t> examples) {
  Eigen::VectorXd sum = Eigen::VectorXd::Zero(values.rows());
  for (const int64_t example : examples) {
    sum += values.col(example).cast<double>();
  }
  return sum / static_cast<double>(examples.size());
}

Eigen::VectorXd Variance(const Matrix& values,
                         absl::Span<const int64_t> examples,
                         const Eigen::VectorXd& mean) {
  Eigen::VectorXd sum = Eigen::VectorXd::Zero(values.rows());
  for (const int64_t example : examples) {
    sum += (values.col(example).cast<double>() - mean).cwiseAbs2();
  }
  return sum / static_cast<double>(examples.size());
}

// What stands for the missing inputs of each feature.
Eigen::VectorXd Imputed(const Dataset& dataset, const Matrix& inputs,
                        absl::Span<const int64_t> examples) {
  Eigen::VectorXd sum = Eigen::VectorXd::Zero(inputs.rows());
  Eigen::VectorXd count = Eigen::VectorXd::Zero(inputs.rows());
  for (const int64_t example : examples) {
    const Eigen::ArrayXd column = inputs.col(example).cast<double>();
    sum.array() += column.isNaN().select(0.0, column);
    count.array() += (!column.isNaN()).cast<double>();
  }
  Eigen::VectorXd imputed = sum.array() / count.array().max(1.0);
  for (const auto& [begin, size] : dataset.categories) {
    auto category = imputed.segment(begin, size);
    Eigen::Index most_frequent = 0;
    category.maxCoeff(&most_frequent);
    category.setZero();
    category[most_frequent] = 1.0;
  }
  return imputed;
}

Scaling StandardizeInputs(const Dataset& dataset, const Matrix& inputs,
                          absl::Span<const int64_t> examples) {
  Scaling scaling{.scale = Vector(inputs.rows()),
                  .offset = Vector(inputs.rows())};
  const auto set = [&scaling](const Eigen::VectorXd& mean,
                              const Eigen::VectorXd& variance) {
    for (int64_t i = 0; i < mean.size(); ++i) {
      SetScaling(mean[i], variance[i], i, scaling);
    }
  };
  if (!dataset.has_missing) {
    const Eigen::VectorXd mean = Mean(inputs, examples);
    set(mean, Variance(inputs, examples, mean));
    return scaling;
  }
  const Eigen::VectorXd imputed = Imputed(dataset, inputs, examples);
  Matrix filled(inputs.rows(), static_cast<int64_t>(examples.size()));
  std::vector<int64_t> all;
  for (size_t i = 0; i < examples.size(); ++i) {
    const auto column = inputs.col(examples[i]).array();
    filled.col(static_cast<int64_t>(i)) =
        column.isNaN().select(imputed.cast<Scalar>().array(), column);
    all.push_back(static_cast<int64_t>(i));
  }
  const Eigen::VectorXd mean = Mean(filled, all);
  set(mean, Variance(filled, all, mean));
  scaling.fill =
      scaling.scale.cwiseProduct(imputed.cast<Scalar>()) + scaling.offset;
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
  Scaling scaling = std::visit(
      [&](const auto& inputs) {
        return StandardizeInputs(dataset, inputs, examples);
      },
      dataset.inputs);
  if (!dataset.is_regression()) return scaling;
  const Eigen::VectorXd mean = Mean(dataset.targets, examples);
  const Eigen::VectorXd deviation =
      Variance(dataset.targets, examples, mean).cwiseSqrt();
  // A target that is constant among them keeps its unit, so that predictions
  // can be scaled back.
  const Eigen::VectorXd scale = (deviation.array() <= 1e-7 * mean.array().abs())
                                    .select(1.0, deviation.cwiseInverse());
  scaling.target_scale = scale.cast<Scalar>();
  scaling.target_offset = (-mean.cwiseProduct(scale)).cast<Scalar>();
  return scaling;
}

}  // namespace attune::nn

#include "worker/data/dataset.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "core/check.h"

namespace attune::nn {
namespace {

// Of each feature, or each channel.
struct Moments {
  Eigen::ArrayXd mean;
  Eigen::ArrayXd deviation;
};

// 1 / deviation, or `of_constant` where there is none.
Eigen::VectorXd ScaleOf(const Moments& moments, double of_constant) {
  // Deviations this small beside the mean are rounding.
  constexpr double kRounding = 4.0 * std::numeric_limits<double>::epsilon();
  return (moments.deviation <= kRounding * moments.mean.abs())
      .select(of_constant, moments.deviation.inverse());
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
  Moments moments{.mean = Eigen::ArrayXd(channels),
                  .deviation = Eigen::ArrayXd(channels)};
  for (int64_t i = 0; i < channels; ++i) {
    const auto& [sum, squares] = sums[static_cast<size_t>(i)];
    const double mean = static_cast<double>(sum) / count;
    moments.mean[i] = mean;
    moments.deviation[i] = std::sqrt(
        std::max(0.0, static_cast<double>(squares) / count - mean * mean));
  }
  return {.mean = moments.mean.matrix(), .scale = ScaleOf(moments, 0.0)};
}

// What is missing counts as `fill`. Sums are of distances, first from an
// example, then from the mean: so a great mean costs no digits, and what is
// constant has the deviation 0.
Moments MomentsOf(const Table& values, absl::Span<const int64_t> examples,
                  const Eigen::ArrayXd& fill) {
  const auto value = [&](int64_t example) -> Eigen::ArrayXd {
    const auto column = values.col(example).array();
    return column.isNaN().select(fill, column);
  };
  const auto count = static_cast<double>(examples.size());
  const Eigen::ArrayXd first = value(examples[0]);
  Eigen::ArrayXd sum = Eigen::ArrayXd::Zero(values.rows());
  for (const int64_t example : examples) sum += value(example) - first;
  Moments moments{.mean = first + sum / count};
  sum.setZero();
  for (const int64_t example : examples) {
    sum += (value(example) - moments.mean).square();
  }
  moments.deviation = (sum / count).sqrt();
  return moments;
}

// What stands for the missing inputs of each feature.
Eigen::ArrayXd Imputed(const Dataset& dataset, const Table& inputs,
                       absl::Span<const int64_t> examples) {
  const int64_t rows = inputs.rows();
  Eigen::ArrayXd first =
      Eigen::ArrayXd::Constant(rows, std::numeric_limits<double>::quiet_NaN());
  Eigen::ArrayXd sum = Eigen::ArrayXd::Zero(rows);
  Eigen::ArrayXd count = Eigen::ArrayXd::Zero(rows);
  for (const int64_t example : examples) {
    const auto column = inputs.col(example).array();
    first = first.isNaN().select(column, first);
    sum += column.isNaN().select(0.0, column - first);
    count += (!column.isNaN()).cast<double>();
  }
  Eigen::ArrayXd imputed =
      first.isNaN().select(0.0, first + sum / count.max(1.0));
  for (const auto& [begin, size] : dataset.categories) {
    auto category = imputed.segment(begin, size);
    Eigen::Index most_frequent = 0;
    category.maxCoeff(&most_frequent);
    category.setZero();
    category[most_frequent] = 1.0;
  }
  return imputed;
}

Scaling StandardizeInputs(const Dataset& dataset, const Table& inputs,
                          absl::Span<const int64_t> examples) {
  Eigen::ArrayXd fill = Eigen::ArrayXd::Zero(inputs.rows());
  if (dataset.has_missing) fill = Imputed(dataset, inputs, examples);
  const Moments moments = MomentsOf(inputs, examples, fill);
  Scaling scaling{.mean = moments.mean.matrix(),
                  .scale = ScaleOf(moments, 0.0)};
  if (dataset.has_missing) {
    scaling.fill = scaling.scale.array() * (fill - moments.mean);
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
  Scaling scaling = std::visit(
      [&](const auto& inputs) {
        return StandardizeInputs(dataset, inputs, examples);
      },
      dataset.inputs);
  if (!dataset.is_regression()) return scaling;
  const Moments moments = MomentsOf(
      dataset.targets, examples, Eigen::ArrayXd::Zero(dataset.targets.rows()));
  scaling.target_mean = moments.mean;
  // A target that is constant among them keeps its unit, so that predictions
  // can be scaled back.
  scaling.target_scale = ScaleOf(moments, 1.0);
  return scaling;
}

}  // namespace attune::nn

#include "server/search/parzen_estimator.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>
#include <numeric>
#include <utility>

#include "core/check.h"
#include "server/search/history.h"

namespace attune {
namespace {

constexpr double kWidest = 1.0;
constexpr double kMostMagic = 100.0;  // kernels that still make the floor lower

double NormalCdf(double x) { return 0.5 * std::erfc(-x / std::numbers::sqrt2); }

// log of (the integral of the Gaussian over [0, 1] times deviation times
// sqrt(2 pi)).
double LogNorm(double mean, double deviation) {
  const double inside =
      NormalCdf((1.0 - mean) / deviation) - NormalCdf((0.0 - mean) / deviation);
  return std::log(inside * deviation) + 0.5 * std::log(2.0 * std::numbers::pi);
}

int64_t RankOf(double unit, int64_t choices) {
  return std::clamp(static_cast<int64_t>(unit * static_cast<double>(choices)),
                    int64_t{0}, choices - 1);
}

// The mass that a kernel has at its own value, and at each other one: as if the
// value had been seen once beside `1 / kernels` times every value.
std::pair<double, double> ChoiceMasses(int64_t choices, size_t kernels) {
  const double background = 1.0 / static_cast<double>(kernels);
  const double sum = 1.0 + background * static_cast<double>(choices);
  return {(1.0 + background) / sum, background / sum};
}

// The distance of each mean to the farther of its neighbours, the ends of
// [0, 1] among these.
std::vector<double> NeighbourDistances(const std::vector<double>& means) {
  std::vector<size_t> order(means.size());
  std::iota(order.begin(), order.end(), size_t{0});
  std::sort(order.begin(), order.end(), [&means](size_t a, size_t b) {
    return means[a] != means[b] ? means[a] < means[b] : a < b;
  });
  std::vector<double> distances(means.size());
  for (size_t i = 0; i < order.size(); ++i) {
    const double mean = means[order[i]];
    const double left = i == 0 ? 0.0 : means[order[i - 1]];
    const double right = i + 1 == order.size() ? 1.0 : means[order[i + 1]];
    distances[order[i]] = std::max(mean - left, right - mean);
  }
  return distances;
}

}  // namespace

ParzenEstimator::ParzenEstimator(
    std::vector<ParzenDimension> dimensions,
    const std::vector<absl::Span<const double>>& rows,
    std::vector<double> weights)
    : dimensions_(std::move(dimensions)),
      kernels_(rows.size() + 1),
      weights_(std::move(weights)),
      factors_(dimensions_.size()) {
  ATTUNE_CHECK(!dimensions_.empty() && weights_.size() == rows.size());
  weights_.push_back(1.0);
  const double sum = std::accumulate(weights_.begin(), weights_.end(), 0.0);
  for (double& weight : weights_) {
    weight /= sum;
    log_weights_.push_back(std::log(weight));
  }
  for (size_t d = 0; d < dimensions_.size(); ++d) {
    if (dimensions_[d].choices > 0) {
      AddChoices(d, rows);
    } else {
      AddNumbers(d, rows);
    }
  }
}

void ParzenEstimator::AddNumbers(
    size_t dimension, const std::vector<absl::Span<const double>>& rows) {
  Factors& factors = factors_[dimension];
  constexpr double kPriorMean = 0.5;
  std::vector<double> known;
  for (const auto& row : rows) {
    if (row[dimension] != kInactiveUnit) known.push_back(row[dimension]);
  }
  known.push_back(kPriorMean);
  const auto count = static_cast<double>(known.size());
  const double narrowest = std::max(kWidest / std::min(kMostMagic, 1.0 + count),
                                    dimensions_[dimension].cell / 2.0);
  std::vector<double> widths(known.size());
  if (dimensions_.size() == 1) {
    widths = NeighbourDistances(known);
  } else {
    const double scott =
        0.2 * std::pow(std::max(1.0, count - 1.0),
                       -1.0 / (static_cast<double>(dimensions_.size()) + 4.0));
    std::fill(widths.begin(), widths.end(), scott);
  }
  widths.back() = kWidest;
  size_t next = 0;
  const auto add = [&](double mean, double deviation) {
    factors.means.push_back(mean);
    factors.inverse_deviations.push_back(1.0 / deviation);
    factors.log_norms.push_back(LogNorm(mean, deviation));
  };
  for (const auto& row : rows) {
    if (row[dimension] == kInactiveUnit) {
      factors.means.push_back(0.0);
      factors.inverse_deviations.push_back(0.0);
      factors.log_norms.push_back(0.0);
      continue;
    }
    add(row[dimension], std::clamp(widths[next], narrowest, kWidest));
    ++next;
  }
  add(kPriorMean, kWidest);
}

void ParzenEstimator::AddChoices(
    size_t dimension, const std::vector<absl::Span<const double>>& rows) {
  Factors& factors = factors_[dimension];
  for (const auto& row : rows) {
    factors.ranks.push_back(
        row[dimension] == kInactiveUnit
            ? -1
            : RankOf(row[dimension], dimensions_[dimension].choices));
  }
  factors.ranks.push_back(-1);  // the prior
}

std::vector<double> ParzenEstimator::Sample(Rng& rng) const {
  size_t kernel = 0;
  for (double left = rng.Uniform(); kernel + 1 < kernels_; ++kernel) {
    left -= weights_[kernel];
    if (left < 0.0) break;
  }
  std::vector<double> point;
  for (size_t d = 0; d < dimensions_.size(); ++d) {
    point.push_back(dimensions_[d].choices > 0
                        ? SampleChoice(d, kernel, rng)
                        : SampleNumber(factors_[d], kernel, rng));
  }
  return point;
}

double ParzenEstimator::SampleNumber(const Factors& factors, size_t kernel,
                                     Rng& rng) const {
  const double inverse = factors.inverse_deviations[kernel];
  if (inverse == 0.0) return rng.Uniform();
  // The mean is within, so at least a third of the draws is.
  while (true) {
    const double x = factors.means[kernel] + rng.Normal() / inverse;
    if (x >= 0.0 && x <= 1.0) return x;
  }
}

double ParzenEstimator::SampleChoice(size_t dimension, size_t kernel,
                                     Rng& rng) const {
  const int64_t choices = dimensions_[dimension].choices;
  const int64_t own = factors_[dimension].ranks[kernel];
  const auto [at_own, at_other] = ChoiceMasses(choices, kernels_);
  // The mass at its own value, beyond the share that every value has.
  const bool stays = own >= 0 && rng.Uniform() < at_own - at_other;
  const int64_t rank =
      stays ? own
            : static_cast<int64_t>(rng.Below(static_cast<uint64_t>(choices)));
  return (static_cast<double>(rank) + 0.5) / static_cast<double>(choices);
}

std::vector<double> ParzenEstimator::LogDensity(
    const std::vector<std::vector<double>>& points) const {
  std::vector<double> densities;
  std::vector<double> logs;
  for (const std::vector<double>& point : points) {
    logs = log_weights_;
    for (size_t d = 0; d < dimensions_.size(); ++d) {
      if (point[d] != kInactiveUnit) AddLogFactors(d, point[d], logs);
    }
    const double most = *std::max_element(logs.begin(), logs.end());
    double sum = 0.0;
    for (const double log : logs) sum += std::exp(log - most);
    densities.push_back(most + std::log(sum));
  }
  return densities;
}

void ParzenEstimator::AddLogFactors(size_t dimension, double x,
                                    std::vector<double>& logs) const {
  const Factors& factors = factors_[dimension];
  const int64_t choices = dimensions_[dimension].choices;
  if (choices == 0) {
    for (size_t i = 0; i < kernels_; ++i) {
      const double z = (x - factors.means[i]) * factors.inverse_deviations[i];
      logs[i] -= 0.5 * z * z + factors.log_norms[i];
    }
    return;
  }
  // As a density over the cells, so that a missing factor is 1 here too.
  const auto [at_own, at_other] = ChoiceMasses(choices, kernels_);
  const double log_own = std::log(at_own * static_cast<double>(choices));
  const double log_other = std::log(at_other * static_cast<double>(choices));
  const int64_t rank = RankOf(x, choices);
  for (size_t i = 0; i < kernels_; ++i) {
    if (factors.ranks[i] < 0) continue;
    logs[i] += factors.ranks[i] == rank ? log_own : log_other;
  }
}

}  // namespace attune

#ifndef ATTUNE_SERVER_SEARCH_PARZEN_ESTIMATOR_H_
#define ATTUNE_SERVER_SEARCH_PARZEN_ESTIMATOR_H_

#include <cstddef>
#include <cstdint>
#include <vector>

#include "absl/types/span.h"
#include "core/random.h"

namespace attune {

// One coordinate of the points that an estimator is of.
struct ParzenDimension {
  // Of a choice: how many values, each the middle of its cell; else 0.
  int64_t choices = 0;
  // Of a domain with n values: 1 / n. No kernel is narrower than half of that.
  double cell = 0.0;
};

// A density over points of the unit cube: a mixture of one kernel for each
// observation and one that knows nothing, the prior. A kernel is the product of
// one factor a coordinate: for a number a Gaussian at the observation, cut off
// at 0 and 1, for a choice more than its share for the observed value. Where an
// observation or a point has kInactiveUnit, the factor is 1.
//
// With the widths of Bergstra et al., "Algorithms for hyper-parameter
// optimization" (2011), for one coordinate: to the farther neighbour, as
// clipped in Optuna ("magic clip"); for several, Scott's rule:
// 0.2 n^(-1/(d + 4)).
class ParzenEstimator {
 public:
  // Of the observations, one row each, and their weights, all above 0; that of
  // the prior is 1. `dimensions` must not be empty.
  ParzenEstimator(std::vector<ParzenDimension> dimensions,
                  const std::vector<absl::Span<const double>>& rows,
                  std::vector<double> weights);

  // A point of this density; coordinates of kernels without one are uniform.
  std::vector<double> Sample(Rng& rng) const;

  // The logarithm of the density at each of `points`.
  std::vector<double> LogDensity(
      const std::vector<std::vector<double>>& points) const;

 private:
  // The kernels' factors of one coordinate: of a number the means, reciprocals
  // of the deviations (0: no factor) and logarithms of what normalizes; of a
  // choice the observed ranks (-1: no factor).
  struct Factors {
    std::vector<double> means;
    std::vector<double> inverse_deviations;
    std::vector<double> log_norms;
    std::vector<int64_t> ranks;
  };

  void AddNumbers(size_t dimension,
                  const std::vector<absl::Span<const double>>& rows);
  void AddChoices(size_t dimension,
                  const std::vector<absl::Span<const double>>& rows);
  double SampleNumber(const Factors& factors, size_t kernel, Rng& rng) const;
  double SampleChoice(size_t dimension, size_t kernel, Rng& rng) const;
  void AddLogFactors(size_t dimension, double x,
                     std::vector<double>& logs) const;

  const std::vector<ParzenDimension> dimensions_;
  size_t kernels_;               // the last one is the prior
  std::vector<double> weights_;  // of the kernels, together 1
  std::vector<double> log_weights_;
  std::vector<Factors> factors_;  // by dimension
};

}  // namespace attune

#endif  // ATTUNE_SERVER_SEARCH_PARZEN_ESTIMATOR_H_

#include "server/search/parzen_estimator.h"

#include <cmath>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "server/search/history.h"

namespace attune {
namespace {

using Rows = std::vector<absl::Span<const double>>;
using UnitPoints = std::vector<std::vector<double>>;

ParzenEstimator Estimator(const std::vector<ParzenDimension>& dimensions,
                          const UnitPoints& points) {
  return {dimensions, Rows(points.begin(), points.end()),
          std::vector<double>(points.size(), 1.0)};
}

double Density(const ParzenEstimator& estimator,
               const std::vector<double>& point) {
  return std::exp(estimator.LogDensity({point})[0]);
}

// The mean over the middles of a fine grid of cells: what is within the cube.
double Integral(const ParzenEstimator& estimator, size_t dimensions) {
  constexpr int kCells = 200;
  double sum = 0.0;
  double count = 0.0;
  for (int i = 0; i < kCells; ++i) {
    for (int j = 0; j < (dimensions == 2 ? kCells : 1); ++j) {
      std::vector<double> point = {(i + 0.5) / kCells};
      if (dimensions == 2) point.push_back((j + 0.5) / kCells);
      sum += Density(estimator, point);
      count += 1.0;
    }
  }
  return sum / count;
}

TEST(ParzenEstimatorTest, IsADensity) {
  EXPECT_NEAR(Integral(Estimator({{}}, {{0.1}, {0.15}, {1.0}}), 1), 1.0, 1e-3);
  EXPECT_NEAR(Integral(Estimator({{}}, {}), 1), 1.0, 1e-3);
  EXPECT_NEAR(
      Integral(Estimator({{}, {.choices = 4}}, {{0.1, 0.125}, {0.9, 0.625}}),
               2),
      1.0, 1e-3);
  EXPECT_NEAR(
      Integral(Estimator({{}, {}}, {{0.1, kInactiveUnit}, {0.9, 0.4}}), 2), 1.0,
      1e-3);
}

TEST(ParzenEstimatorTest, IsHighNearItsObservations) {
  const ParzenEstimator one = Estimator({{}}, {{0.2}, {0.22}, {0.21}});
  EXPECT_GT(Density(one, {0.21}), 1.5);
  EXPECT_LT(Density(one, {0.8}), 0.7);
  const ParzenEstimator choice =
      Estimator({{.choices = 4}}, {{0.125}, {0.125}, {0.375}});
  EXPECT_GT(Density(choice, {0.125}), Density(choice, {0.375}));
  EXPECT_GT(Density(choice, {0.375}), Density(choice, {0.625}));
  EXPECT_NEAR(Density(choice, {0.625}), Density(choice, {0.875}), 1e-12);
}

TEST(ParzenEstimatorTest, APointWithoutACoordinateIsThatOfTheOthers) {
  const ParzenEstimator both = Estimator({{}, {}}, {{0.3, 0.6}, {0.4, 0.1}});
  double mean = 0.0;
  for (int i = 0; i < 1000; ++i) {
    mean += Density(both, {0.5, (i + 0.5) / 1000}) / 1000;
  }
  EXPECT_NEAR(Density(both, {0.5, kInactiveUnit}), mean, 1e-4);
}

TEST(ParzenEstimatorTest, DrawsWhereItIsHigh) {
  const ParzenEstimator estimator =
      Estimator({{}, {.choices = 3}}, {{0.1, 0.5}, {0.12, 0.5}, {0.9, 0.5}});
  Rng rng(3);
  constexpr int kDraws = 4000;
  double low = 0.0;
  double middle = 0.0;
  for (int i = 0; i < kDraws; ++i) {
    const std::vector<double> point = estimator.Sample(rng);
    ASSERT_GE(point[0], 0.0);
    ASSERT_LE(point[0], 1.0);
    low += point[0] < 0.5 ? 1.0 / kDraws : 0.0;
    middle += point[1] == 0.5 ? 1.0 / kDraws : 0.0;
  }
  double density_low = 0.0;
  for (int i = 0; i < 500; ++i) {
    density_low += Density(estimator, {(i + 0.5) / 1000, kInactiveUnit}) / 1000;
  }
  EXPECT_NEAR(low, density_low, 0.032);  // four standard deviations
  EXPECT_NEAR(middle, Density(estimator, {kInactiveUnit, 0.5}) / 3.0, 0.032);
}

}  // namespace
}  // namespace attune

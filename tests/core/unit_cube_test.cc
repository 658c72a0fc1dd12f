#include "core/unit_cube.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "core/random.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/testing/builders.h"

namespace attune {
namespace {

using testing::ElementsAre;

// Whether `a` comes before `b` in the order of `domain`: by size, or by place.
bool ComesBefore(const Domain& domain, const ParameterValue& a,
                 const ParameterValue& b) {
  if (const auto* choice = std::get_if<Choice>(&domain)) {
    const auto& values = choice->values;
    return std::find(values.begin(), values.end(), a) <
           std::find(values.begin(), values.end(), b);
  }
  return *AsDouble(a) < *AsDouble(b);
}

std::vector<ParameterValue> Grid(const Domain& domain) {
  std::vector<ParameterValue> values;
  for (int64_t i = 0; i < GridSize(domain); ++i) {
    values.push_back(GridValue(domain, i));
  }
  return values;
}

class UnitCubeTest : public testing::TestWithParam<NamedDomain> {
 protected:
  const Domain& domain() const { return GetParam().domain; }
};

TEST_P(UnitCubeTest, EveryPositionGivesAValueOfTheDomain) {
  Rng rng(1);
  for (int i = 0; i < 1'000; ++i) {
    ASSERT_TRUE(Contains(domain(), FromUnit(domain(), rng.Uniform())));
  }
  EXPECT_TRUE(Contains(domain(), FromUnit(domain(), 0.0)));
  EXPECT_TRUE(Contains(domain(), FromUnit(domain(), 1.0)));
}

TEST_P(UnitCubeTest, IsMonotone) {
  constexpr int kSteps = 2'000;
  ParameterValue last = FromUnit(domain(), 0.0);
  for (int i = 1; i <= kSteps; ++i) {
    const ParameterValue value =
        FromUnit(domain(), static_cast<double>(i) / kSteps);
    ASSERT_FALSE(ComesBefore(domain(), value, last));
    last = value;
  }
}

TEST_P(UnitCubeTest, ValuesSurviveTheWayThereAndBack) {
  Rng rng(2);
  for (int i = 0; i < 1'000; ++i) {
    const ParameterValue value = FromUnit(domain(), rng.Uniform());
    const double u = ToUnit(domain(), value);
    ASSERT_GE(u, 0.0);
    ASSERT_LE(u, 1.0);
    const ParameterValue back = FromUnit(domain(), u);
    if (Cardinality(domain()).has_value()) {
      ASSERT_EQ(back, value) << ToString(value);
    } else {
      ASSERT_NEAR(std::get<double>(back), std::get<double>(value),
                  1e-12 * std::abs(std::get<double>(value)) + 1e-13);
    }
  }
}

TEST_P(UnitCubeTest, PositionsOfContinuousRangesSurviveToo) {
  const auto* range = std::get_if<DoubleRange>(&domain());
  if (range == nullptr || Cardinality(domain()).has_value()) return;
  EXPECT_EQ(std::get<double>(FromUnit(domain(), 0.0)), range->min);
  EXPECT_EQ(std::get<double>(FromUnit(domain(), 1.0)), range->max);
  for (int i = 0; i <= 64; ++i) {
    const double u = i / 64.0;
    EXPECT_NEAR(ToUnit(domain(), FromUnit(domain(), u)), u, 1e-12);
  }
}

TEST_P(UnitCubeTest, EveryValueOfAFiniteDomainIsReached) {
  const std::optional<int64_t> count = Cardinality(domain());
  if (!count.has_value()) return;
  ASSERT_EQ(GridSize(domain()), *count);
  std::set<double> positions;
  for (const ParameterValue& value : Grid(domain())) {
    const double u = ToUnit(domain(), value);
    positions.insert(u);
    EXPECT_EQ(FromUnit(domain(), u), value);
  }
  EXPECT_EQ(static_cast<int64_t>(positions.size()), *count);
  EXPECT_EQ(FromUnit(domain(), 0.0), GridValue(domain(), 0));
  EXPECT_EQ(FromUnit(domain(), 1.0), GridValue(domain(), *count - 1));
}

TEST_P(UnitCubeTest, GridValuesAscendAndBelongToTheDomain) {
  const std::vector<ParameterValue> grid = Grid(domain());
  for (size_t i = 0; i < grid.size(); ++i) {
    ASSERT_TRUE(Contains(domain(), grid[i]));
    if (i == 0) continue;
    ASSERT_TRUE(ComesBefore(domain(), grid[i - 1], grid[i]));
  }
}

INSTANTIATE_TEST_SUITE_P(AllDomains, UnitCubeTest,
                         testing::ValuesIn(AllDomains()),
                         [](const auto& test) { return test.param.name; });

// The share of each value among many uniform positions.
std::map<int64_t, double> Shares(const Domain& domain) {
  constexpr int kPositions = 200'000;
  std::map<int64_t, double> shares;
  for (int i = 0; i < kPositions; ++i) {
    const double u = (i + 0.5) / kPositions;
    shares[std::get<int64_t>(FromUnit(domain, u))] += 1.0 / kPositions;
  }
  return shares;
}

TEST(UnitCubeScaleTest, LinearIntegersAreEquallyLikely) {
  for (const auto& [value, share] : Shares(IntRange{.min = -3, .max = 4})) {
    EXPECT_NEAR(share, 1.0 / 8, 1e-4) << value;
  }
}

// The cell of v is [v - 1/2, v + 1/2] on the log scale of [1/2, 8.5].
TEST(UnitCubeScaleTest, LogIntegersAreAsLikelyAsTheirCellIsWide) {
  const IntRange range{.min = 1, .max = 8, .scale = Scale::kLog};
  for (const auto& [value, share] : Shares(range)) {
    const auto v = static_cast<double>(value);
    EXPECT_NEAR(share, std::log((v + 0.5) / (v - 0.5)) / std::log(17.0), 1e-4)
        << value;
  }
}

TEST(UnitCubeScaleTest, ReverseLogIntegersMirrorTheLogOnes) {
  const auto log = Shares(IntRange{.min = 1, .max = 8, .scale = Scale::kLog});
  const auto reverse =
      Shares(IntRange{.min = 1, .max = 8, .scale = Scale::kReverseLog});
  ASSERT_EQ(reverse.size(), log.size());
  for (const auto& [value, share] : reverse) {
    EXPECT_NEAR(share, log.at(9 - value), 1e-4) << value;
  }
}

TEST(UnitCubeScaleTest, ALargeStepOnALogScaleStaysAboveZero) {
  const IntRange range{
      .min = 1, .max = 9, .scale = Scale::kLog, .step = 4};  // 1, 5, 9
  const auto shares = Shares(range);
  ASSERT_EQ(shares.size(), 3u);
  const double all = std::log(11.0 / 0.5);
  EXPECT_NEAR(shares.at(1), std::log(3.0 / 0.5) / all, 1e-4);
  EXPECT_NEAR(shares.at(5), std::log(7.0 / 3.0) / all, 1e-4);
  EXPECT_NEAR(shares.at(9), std::log(11.0 / 7.0) / all, 1e-4);
}

TEST(UnitCubeScaleTest, TheMiddleOfALogRangeIsItsGeometricMean) {
  const DoubleRange range{.min = 1e-4, .max = 1.0, .scale = Scale::kLog};
  EXPECT_NEAR(std::get<double>(FromUnit(range, 0.5)), 1e-2, 1e-15);
  EXPECT_NEAR(ToUnit(range, 1e-3), 0.25, 1e-12);
}

// As on a log scale of 1 - x: 0.9, 0.99, 0.999 and 0.9999 are equally far
// apart.
TEST(UnitCubeScaleTest, TheReverseLogScaleBelowOneIsTheLogScaleToOne) {
  const DoubleRange beta2{
      .min = 0.9, .max = 0.9999, .scale = Scale::kReverseLog};
  EXPECT_NEAR(std::get<double>(FromUnit(beta2, 1.0 / 3)), 0.99, 1e-12);
  EXPECT_NEAR(std::get<double>(FromUnit(beta2, 2.0 / 3)), 0.999, 1e-12);
  EXPECT_NEAR(ToUnit(beta2, 0.99), 1.0 / 3, 1e-12);
  const DoubleRange from_zero{
      .min = 0.0, .max = 0.9999, .scale = Scale::kReverseLog};
  EXPECT_NEAR(std::get<double>(FromUnit(from_zero, 0.25)), 0.9, 1e-12);
}

TEST(UnitCubeScaleTest, EveryDecadeToOneGetsAsManySamples) {
  const DoubleRange beta2{
      .min = 0.9, .max = 0.9999, .scale = Scale::kReverseLog};
  constexpr int kSamples = 3'000;
  std::map<int, int> decades;
  Rng rng(1);
  for (int i = 0; i < kSamples; ++i) {
    const double value = std::get<double>(FromUnit(beta2, rng.Uniform()));
    ++decades[static_cast<int>(std::ceil(std::log10(1.0 - value)))];
  }
  ASSERT_EQ(decades.size(), 3u);
  // Five standard deviations of a count: sqrt(3000 / 3 * 2 / 3) = 26.
  EXPECT_NEAR(decades[-1], kSamples / 3, 130);  // 0.9 to 0.99
  EXPECT_NEAR(decades[-2], kSamples / 3, 130);
  EXPECT_NEAR(decades[-3], kSamples / 3, 130);  // 0.999 to 0.9999
}

// The cell of 0.9, in gaps to 1, is [0.05, 0.15] of [0.05, 1.05].
TEST(UnitCubeScaleTest, StepsBelowOneAreAsLikelyAsTheirCellIsWide) {
  const DoubleRange range{
      .min = 0.0, .max = 0.9, .scale = Scale::kReverseLog, .step = 0.1};
  const double share = std::log(0.15 / 0.05) / std::log(1.05 / 0.05);
  EXPECT_EQ(FromUnit(range, 1.0 - share + 1e-9), ParameterValue(0.9));
  EXPECT_EQ(FromUnit(range, 1.0 - share - 1e-9), ParameterValue(0.8));
  EXPECT_NEAR(ToUnit(range, 0.9), 1.0 - share / 2, 1e-9);
}

TEST(UnitCubeScaleTest, TheReverseLogScaleElsewhereMirrorsTheLogScale) {
  const DoubleRange range{.min = 1e-4, .max = 1.0, .scale = Scale::kReverseLog};
  EXPECT_NEAR(std::get<double>(FromUnit(range, 0.5)), 1.0001 - 1e-2, 1e-12);
  EXPECT_NEAR(ToUnit(range, 1.0001 - 1e-3), 0.75, 1e-9);
}

TEST(UnitCubeScaleTest, ListedValuesCountByRank) {
  const Discrete discrete{
      {int64_t{32}, int64_t{64}, int64_t{128}, int64_t{1024}}};
  EXPECT_DOUBLE_EQ(ToUnit(discrete, int64_t{32}), 0.125);
  EXPECT_DOUBLE_EQ(ToUnit(discrete, int64_t{1024}), 0.875);
  EXPECT_EQ(FromUnit(discrete, 0.49), ParameterValue(int64_t{64}));
}

TEST(GridTest, AContinuousRangeNeedsPoints) {
  DoubleRange range{.min = 0.0, .max = 1.0};
  EXPECT_EQ(GridSize(range), 0);
  range.points = 5;
  EXPECT_THAT(Grid(range), ElementsAre(ParameterValue(0.0), 0.25, 0.5, 0.75,
                                       ParameterValue(1.0)));
  range.points = 1;
  EXPECT_THAT(Grid(range), ElementsAre(ParameterValue(0.5)));
}

TEST(GridTest, PointsFollowTheScale) {
  const DoubleRange range{
      .min = 1e-3, .max = 10.0, .scale = Scale::kLog, .points = 5};
  const std::vector<ParameterValue> grid = Grid(range);
  ASSERT_EQ(grid.size(), 5u);
  EXPECT_EQ(std::get<double>(grid[0]), 1e-3);
  EXPECT_NEAR(std::get<double>(grid[1]), 1e-2, 1e-15);
  EXPECT_NEAR(std::get<double>(grid[3]), 1.0, 1e-13);
  EXPECT_EQ(std::get<double>(grid[4]), 10.0);
}

TEST(GridTest, PointsBelowOneFollowTheLogScaleToOne) {
  const std::vector<ParameterValue> grid = Grid(DoubleRange{
      .min = 0.9, .max = 0.9999, .scale = Scale::kReverseLog, .points = 4});
  ASSERT_EQ(grid.size(), 4u);
  EXPECT_EQ(std::get<double>(grid[0]), 0.9);
  EXPECT_NEAR(std::get<double>(grid[1]), 0.99, 1e-12);
  EXPECT_NEAR(std::get<double>(grid[2]), 0.999, 1e-12);
  EXPECT_EQ(std::get<double>(grid[3]), 0.9999);
}

std::vector<int64_t> IntGrid(const IntRange& range) {
  std::vector<int64_t> numbers;
  for (const ParameterValue& value : Grid(range)) {
    numbers.push_back(std::get<int64_t>(value));
  }
  return numbers;
}

TEST(GridTest, PointsOfIntegersAreDifferentAndKeepTheEnds) {
  EXPECT_THAT(
      IntGrid({.min = 1, .max = 1000, .scale = Scale::kLog, .points = 4}),
      ElementsAre(1, 10, 100, 1000));
  EXPECT_THAT(IntGrid({.min = 1, .max = 10, .scale = Scale::kLog, .points = 8}),
              ElementsAre(1, 2, 3, 4, 5, 6, 7, 10));
  EXPECT_THAT(
      IntGrid({.min = 1, .max = 10, .scale = Scale::kReverseLog, .points = 8}),
      ElementsAre(1, 4, 5, 6, 7, 8, 9, 10));
  EXPECT_THAT(IntGrid({.min = 0, .max = 3, .points = 9}),
              ElementsAre(0, 1, 2, 3));
  EXPECT_THAT(IntGrid({.min = 0, .max = 100, .step = 10, .points = 3}),
              ElementsAre(0, 50, 100));
  EXPECT_THAT(IntGrid({.min = 0, .max = 100, .points = 1}), ElementsAre(50));
}

}  // namespace
}  // namespace attune

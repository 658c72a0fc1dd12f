#include "worker/optim/line_search.h"

#include <cmath>
#include <limits>
#include <vector>

#include "gtest/gtest.h"

namespace attune::nn {
namespace {

using Function = LinePoint (*)(double);

struct LineSearchCase {
  const char* name;
  Function function;
  double first;
};

LinePoint Parabola(double t) {
  return {.t = t, .value = (t - 3.0) * (t - 3.0), .slope = 2.0 * (t - 3.0)};
}
// Falls for long and then rises steeply (Moré & Thuente 1994, function 1).
LinePoint Valley(double t) {
  const double b = 2.0;
  const double below = t * t + b;
  return {.t = t, .value = -t / below, .slope = (t * t - b) / (below * below)};
}
// Wavy (as Moré & Thuente's function 3): many places are flat.
LinePoint Waves(double t) {
  return {.t = t,
          .value = (t - 2.0) * (t - 2.0) + 0.3 * std::cos(8.0 * t),
          .slope = 2.0 * (t - 2.0) - 2.4 * std::sin(8.0 * t)};
}
// Not defined from 1 on.
LinePoint Wall(double t) {
  if (t >= 1.0) {
    return {.t = t,
            .value = std::numeric_limits<double>::quiet_NaN(),
            .slope = std::numeric_limits<double>::quiet_NaN()};
  }
  return {.t = t,
          .value = -std::log(1.0 - t) - 2.0 * t,
          .slope = 1.0 / (1.0 - t) - 2.0};
}

class WolfeConditionsTest : public testing::TestWithParam<LineSearchCase> {};

TEST_P(WolfeConditionsTest, FindsAPlaceWithBothConditions) {
  const Function function = GetParam().function;
  const LinePoint start = function(0.0);
  int evaluations = 0;
  const LinePoint found = StrongWolfeSearch(
      [&](double t) {
        ++evaluations;
        return function(t);
      },
      start, GetParam().first, {.curvature = 0.1});
  EXPECT_GT(found.t, 0.0);
  EXPECT_EQ(found.value, function(found.t).value);
  EXPECT_LE(found.value, start.value + 1e-4 * found.t * start.slope);
  EXPECT_LE(std::abs(found.slope), 0.1 * std::abs(start.slope));
  EXPECT_LE(evaluations, 26);
}

INSTANTIATE_TEST_SUITE_P(
    Functions, WolfeConditionsTest,
    testing::Values(LineSearchCase{"ParabolaFromNear", Parabola, 0.01},
                    LineSearchCase{"Parabola", Parabola, 1.0},
                    LineSearchCase{"ParabolaFromFar", Parabola, 1e4},
                    LineSearchCase{"ValleyFromNear", Valley, 1e-3},
                    LineSearchCase{"ValleyFromFar", Valley, 1e3},
                    LineSearchCase{"Waves", Waves, 1.0},
                    LineSearchCase{"WavesFromFar", Waves, 50.0},
                    LineSearchCase{"WallBeyond", Wall, 4.0},
                    LineSearchCase{"WallFromNear", Wall, 0.01}),
    [](const auto& test) { return test.param.name; });

TEST(LineSearchTest, TakesTheFirstPlaceIfItWillDo) {
  int evaluations = 0;
  const auto evaluate = [&](double t) {
    ++evaluations;
    return Parabola(t);
  };
  EXPECT_EQ(StrongWolfeSearch(evaluate, Parabola(0.0), 2.5).t, 2.5);
  EXPECT_EQ(evaluations, 1);
}

TEST(LineSearchTest, FindsTheMinimumOfACubicAtOnce) {
  std::vector<double> places;
  const auto cubic = [&](double t) {
    places.push_back(t);
    return LinePoint{
        .t = t, .value = t * t * t - 3.0 * t, .slope = 3.0 * t * t - 3.0};
  };
  const LinePoint start = {.slope = -3.0};
  EXPECT_NEAR(StrongWolfeSearch(cubic, start, 3.0).t, 1.0, 1e-12);
  EXPECT_EQ(places.size(), 2);
}

TEST(LineSearchTest, StaysAtTheStartIfNoPlaceIsLower) {
  // A slope that lies, as rounding can make one.
  const auto rising = [](double t) {
    return LinePoint{.t = t, .value = t, .slope = 1.0};
  };
  EXPECT_EQ(StrongWolfeSearch(rising, {.slope = -1.0}, 1.0).t, 0.0);
}

TEST(LineSearchTest, EndsWhereItFallsForEver) {
  int evaluations = 0;
  const auto falling = [&](double t) {
    ++evaluations;
    return LinePoint{.t = t, .value = -t, .slope = -1.0};
  };
  EXPECT_GT(StrongWolfeSearch(falling, {.slope = -1.0}, 1.0).t, 1.0);
  EXPECT_EQ(evaluations, 26);
}

}  // namespace
}  // namespace attune::nn

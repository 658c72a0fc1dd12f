#include "core/step_grid.h"

#include "gtest/gtest.h"

namespace attune {
namespace {

DoubleRange Doubles(double min, double max, double step) {
  return {.min = min, .max = max, .scale = Scale::kLinear, .step = step};
}

TEST(StepGridTest, CountsStepsThatRoundingMakesALittleShort) {
  EXPECT_EQ(StepCount(Doubles(0.0, 0.3, 0.1)), 4);  // 0.3 / 0.1 < 3
  EXPECT_EQ(StepCount(Doubles(0.1, 0.9, 0.1)), 9);
  EXPECT_EQ(StepCount(Doubles(0.0, 1.0, 1e-9)), 1'000'000'001);
  EXPECT_EQ(StepCount(Doubles(0.0, 1.0, 0.3)), 4);
  EXPECT_EQ(StepCount(Doubles(0.5, 0.5, 0.1)), 1);
}

TEST(StepGridTest, NeverPassesMax) {
  const DoubleRange range = Doubles(0.0, 0.3, 0.1);  // 3 * 0.1 > 0.3
  EXPECT_EQ(StepValue(range, 3), 0.3);
  EXPECT_EQ(StepValue(range, 0), 0.0);
}

TEST(StepGridTest, FindsTheNearestIndex) {
  const DoubleRange range = Doubles(0.1, 0.9, 0.1);
  for (int64_t i = 0; i < StepCount(range); ++i) {
    EXPECT_EQ(StepIndex(range, StepValue(range, i)), i);
  }
  EXPECT_EQ(StepIndex(range, 0.14), 0);
  EXPECT_EQ(StepIndex(range, 5.0), 8);
  EXPECT_EQ(StepIndex(range, -5.0), 0);
}

TEST(StepGridTest, CountsIntegersWithoutOverflow) {
  const IntRange range{.min = -kMaxInteger, .max = kMaxInteger};
  EXPECT_EQ(StepCount(range), 2 * kMaxInteger + 1);
  EXPECT_EQ(StepIndex(range, kMaxInteger), 2 * kMaxInteger);
  EXPECT_EQ(StepValue(range, 2 * kMaxInteger), kMaxInteger);
}

TEST(StepGridTest, TheLastIntegerMayLieBelowMax) {
  const IntRange range{.min = 0, .max = 10, .scale = Scale::kLinear, .step = 4};
  EXPECT_EQ(StepCount(range), 3);
  EXPECT_EQ(StepValue(range, 2), 8);
  EXPECT_EQ(StepIndex(range, 10), 2);
}

}  // namespace
}  // namespace attune

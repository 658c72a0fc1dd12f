#include "bench/result.h"

#include "gtest/gtest.h"

namespace attune {
namespace {

TEST(BenchResultTest, AGoalIsReachedFromItOn) {
  Result result = {.value = 500.0, .goal_value = 500.0};
  EXPECT_TRUE(result.reached());
  result.value = 499.0;
  EXPECT_FALSE(result.reached());
}

TEST(BenchResultTest, ALimitIsReachedUpToIt) {
  Result result = {.value = 20.0, .goal_value = 20.0, .is_limit = true};
  EXPECT_TRUE(result.reached());
  result.value = 20.1;
  EXPECT_FALSE(result.reached());
}

TEST(BenchResultTest, AGoalForTheRatioLooksAtTheRatio) {
  Result result = {.value = 3.0, .ratio = 1.3, .goal_ratio = 1.2};
  EXPECT_TRUE(result.reached());
  result.is_limit = true;
  EXPECT_FALSE(result.reached());
  result.ratio = 1.2;
  EXPECT_TRUE(result.reached());
}

TEST(BenchResultTest, TheLineForProgramsSaysWhatIsALimit) {
  EXPECT_EQ(ToString({.name = "lease_p99_64",
                      .value = 23.456,
                      .unit = "ms",
                      .goal_value = 20.0,
                      .is_limit = true}),
            "RESULT name=lease_p99_64 value=23.46 unit=ms ratio=none goal=<=20 "
            "short");
  EXPECT_EQ(ToString({.name = "report_p99",
                      .value = 2.5,
                      .unit = "ms",
                      .ratio = 1.1,
                      .goal_ratio = 1.2,
                      .is_limit = true}),
            "RESULT name=report_p99 value=2.5 unit=ms ratio=1.1 goal=<=1.2x "
            "ok");
  EXPECT_EQ(ToString({.name = "trial_cycles_8",
                      .value = 6123.4,
                      .unit = "1/s",
                      .ratio = 0.5,
                      .goal_value = 5000.0}),
            "RESULT name=trial_cycles_8 value=6123 unit=1/s ratio=0.5 "
            "goal=5000 ok");
}

TEST(BenchResultTest, ColumnsAreAsWideAsTheyNeedToBe) {
  Table table({"call", "a second"});
  table.Add({"bare echo", "9"});
  EXPECT_EQ(table.ToString(),
            "call       a second\n"
            "bare echo         9\n");
}

}  // namespace
}  // namespace attune

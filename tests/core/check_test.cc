#include "core/check.h"

#include "gtest/gtest.h"

namespace attune {
namespace {

TEST(CheckTest, PassesWhatHolds) {
  int evaluated = 0;
  ATTUNE_CHECK(++evaluated == 1);
  EXPECT_EQ(evaluated, 1);
}

TEST(CheckDeathTest, AbortsAndNamesTheConditionAndThePlace) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  EXPECT_DEATH(ATTUNE_CHECK(2 + 2 == 5),
               "check_test\\.cc:[0-9]+: check failed: 2 \\+ 2 == 5");
}

}  // namespace
}  // namespace attune

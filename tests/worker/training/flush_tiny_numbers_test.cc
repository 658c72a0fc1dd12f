#include "worker/training/flush_tiny_numbers.h"

#include <limits>

#include "gtest/gtest.h"

namespace attune {
namespace {

double HalfOfTheSmallestNormal() {
  volatile double smallest = std::numeric_limits<double>::min();
  return smallest * 0.5;
}

TEST(FlushTinyNumbersTest, FlushesWhileItLivesAndNotAfterwards) {
#if !defined(__SSE__)
  GTEST_SKIP() << "this processor has no such switch";
#endif
  {
    const FlushTinyNumbers flush;
    EXPECT_EQ(HalfOfTheSmallestNormal(), 0.0);
  }
  EXPECT_GT(HalfOfTheSmallestNormal(), 0.0);
}

}  // namespace
}  // namespace attune

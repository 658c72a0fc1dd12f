#include "server/search/sobol_sequence.h"

#include <set>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace attune {
namespace {

using testing::ElementsAre;

// Joe and Kuo print the first ten points of three dimensions in Gray code's
// order; in the order of the index these are eighths.
TEST(SobolSequenceTest, StartsAsInItsTables) {
  const auto eighths = [](int dimension) {
    std::vector<uint32_t> points;
    for (uint32_t i = 0; i < 8; ++i) {
      points.push_back(SobolPoint(i, dimension) >> 29);
    }
    return points;
  };
  EXPECT_THAT(eighths(0), ElementsAre(0, 4, 2, 6, 1, 5, 3, 7));
  EXPECT_THAT(eighths(1), ElementsAre(0, 4, 6, 2, 5, 1, 3, 7));
  EXPECT_THAT(eighths(2), ElementsAre(0, 4, 6, 2, 3, 7, 5, 1));
}

// 2^k points have one in each of 2^k slices, in every dimension.
TEST(SobolSequenceTest, EverySliceHasOnePointInEveryDimension) {
  for (int dimension = 0; dimension < kMostSobolDimensions; ++dimension) {
    std::set<uint32_t> plain;
    std::set<uint32_t> scrambled;
    for (uint32_t i = 0; i < 256; ++i) {
      const uint32_t point = SobolPoint(i, dimension);
      plain.insert(point >> 24);
      scrambled.insert(OwenScramble(point, 12345) >> 24);
    }
    EXPECT_EQ(plain.size(), 256) << dimension;
    EXPECT_EQ(scrambled.size(), 256) << dimension;
  }
}

// The first two dimensions are a (0, 2)-sequence: every box of 2^-a by 2^-b has
// one of 2^(a + b) points, also when they are scrambled.
TEST(SobolSequenceTest, EveryBoxOfTwoDimensionsHasOnePoint) {
  for (int a = 0; a <= 6; ++a) {
    std::set<uint32_t> boxes;
    for (uint32_t i = 0; i < 64; ++i) {
      const uint32_t x = OwenScramble(SobolPoint(i, 0), 7);
      const uint32_t y = OwenScramble(SobolPoint(i, 1), 8);
      const uint32_t column = a == 0 ? 0 : x >> (32 - a);
      const uint32_t row = a == 6 ? 0 : y >> (26 + a);
      boxes.insert(column << (6 - a) | row);
    }
    EXPECT_EQ(boxes.size(), 64) << a;
  }
}

TEST(OwenScrambleTest, FlipsABitByThoseAboveItAlone) {
  for (int bit = 0; bit < 31; ++bit) {
    const uint32_t below = (uint32_t{1} << bit) - 1;
    const uint32_t point = 0xA5A5A5A5U;
    EXPECT_EQ(
        (OwenScramble(point, 99) ^ OwenScramble(point ^ below, 99)) >> bit, 0U)
        << bit;
  }
  EXPECT_NE(OwenScramble(1, 1), OwenScramble(1, 2));
}

}  // namespace
}  // namespace attune

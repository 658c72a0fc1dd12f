#include "core/random.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <set>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace attune {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

std::vector<uint64_t> Draw(Rng rng, int count) {
  std::vector<uint64_t> numbers(static_cast<size_t>(count));
  for (uint64_t& number : numbers) number = rng.Bits();
  return numbers;
}

// The numbers that Blackman and Vigna's own C program prints.
TEST(RngTest, IsXoshiro256PlusPlus) {
  EXPECT_THAT(
      Draw(Rng::FromState({1, 2, 3, 4, 0}), 10),
      ElementsAre(41943041u, 58720359u, 3588806011781223u, 3591011842654386u,
                  9228616714210784205u, 9973669472204895162u,
                  14011001112246962877u, 12406186145184390807u,
                  15849039046786891736u, 10450023813501588000u));
}

TEST(RngTest, IsSeededBySplitmix64) {
  EXPECT_THAT(
      Rng(1234567).State(),
      ElementsAre(6457827717110365317u, 3203168211198807973u,
                  9817491932198370423u, 4593380528125082431u, 1234567u));
}

TEST(RngTest, GoesOnFromASavedState) {
  Rng rng(7);
  rng.Normal();
  Rng restored = Rng::FromState(rng.State());
  EXPECT_EQ(Draw(restored, 5), Draw(rng, 5));
  EXPECT_EQ(Draw(restored.Split("a"), 5), Draw(rng.Split("a"), 5));
}

TEST(RngTest, SplitDoesNotDependOnHowMuchWasDrawn) {
  Rng rng(7);
  const std::vector<uint64_t> before = Draw(rng.Split(3), 5);
  rng.Permutation(100);
  EXPECT_EQ(Draw(rng.Split(3), 5), before);
}

TEST(RngTest, SplitsDifferByKeySeedAndKind) {
  std::set<uint64_t> first_numbers;
  for (uint64_t seed = 0; seed < 20; ++seed) {
    first_numbers.insert(Rng(seed).Bits());
    for (uint64_t key = 0; key < 50; ++key) {
      first_numbers.insert(Rng(seed).Split(key).Bits());
    }
    first_numbers.insert(Rng(seed).Split("").Bits());
    first_numbers.insert(Rng(seed).Split("init").Bits());
    first_numbers.insert(Rng(seed).Split("shuffle").Bits());
    first_numbers.insert(Rng(seed).Split(1).Split(2).Bits());
    first_numbers.insert(Rng(seed).Split(2).Split(1).Bits());
  }
  EXPECT_EQ(first_numbers.size(), 20u * (1 + 50 + 3 + 2));
}

// The correlation of n pairs of independent uniform numbers has the standard
// deviation 1 / sqrt(n).
TEST(RngTest, NeighbouringSplitsAreIndependent) {
  constexpr int kPairs = 20'000;
  double sum = 0.0;
  const Rng root(1);
  for (uint64_t i = 0; i < kPairs; ++i) {
    const double a = root.Split(i).Uniform() - 0.5;
    const double b = root.Split(i + 1).Uniform() - 0.5;
    sum += 12.0 * a * b;
  }
  EXPECT_LT(std::abs(sum / kPairs), 5.0 / std::sqrt(kPairs));
}

TEST(RngTest, UniformFillsItsRangeEvenly) {
  Rng rng(3);
  std::array<int, 10> counts{};
  for (int i = 0; i < 100'000; ++i) {
    const double u = rng.Uniform();
    ASSERT_GE(u, 0.0);
    ASSERT_LT(u, 1.0);
    ++counts[static_cast<size_t>(u * 10.0)];
  }
  EXPECT_GT(*std::min_element(counts.begin(), counts.end()), 9'500);
  EXPECT_LT(*std::max_element(counts.begin(), counts.end()), 10'500);
}

TEST(RngTest, UniformStaysBelowMaxWhereRoundingIsCoarse) {
  Rng rng(3);
  const double min = 1.0;
  const double max = std::nextafter(1.0, 2.0);
  for (int i = 0; i < 1'000; ++i) EXPECT_EQ(rng.Uniform(min, max), min);
  EXPECT_EQ(rng.Uniform(2.0, 2.0), 2.0);
}

TEST(RngTest, BelowFillsItsRangeEvenly) {
  Rng rng(5);
  std::array<int, 7> counts{};
  for (int i = 0; i < 70'000; ++i) ++counts.at(rng.Below(7));
  EXPECT_GT(*std::min_element(counts.begin(), counts.end()), 9'500);
  EXPECT_LT(*std::max_element(counts.begin(), counts.end()), 10'500);
  EXPECT_EQ(rng.Below(1), 0u);
}

// With n = 3 * 2^62 a plain multiplication would give every third number half
// as often again as the others.
TEST(RngTest, BelowHasNoBiasForHugeRanges) {
  Rng rng(5);
  constexpr uint64_t kRange = 3ull << 62;
  int in_first_third = 0;
  for (int i = 0; i < 30'000; ++i) {
    const uint64_t number = rng.Below(kRange);
    ASSERT_LT(number, kRange);
    if (number < kRange / 3) ++in_first_third;
  }
  EXPECT_NEAR(in_first_third, 10'000, 500);
}

TEST(RngTest, NormalHasMeanZeroAndVarianceOne) {
  Rng rng(11);
  constexpr int kDraws = 100'000;
  double sum = 0.0;
  double squares = 0.0;
  int beyond_two = 0;
  for (int i = 0; i < kDraws; ++i) {
    const double x = rng.Normal();
    sum += x;
    squares += x * x;
    if (std::abs(x) > 2.0) ++beyond_two;
  }
  EXPECT_NEAR(sum / kDraws, 0.0, 0.016);
  EXPECT_NEAR(squares / kDraws, 1.0, 0.023);
  EXPECT_NEAR(beyond_two, 4'550, 330);
}

TEST(RngTest, PermutationHoldsEveryNumberOnce) {
  Rng rng(2);
  std::vector<int64_t> permutation = rng.Permutation(1'000);
  EXPECT_FALSE(std::is_sorted(permutation.begin(), permutation.end()));
  std::sort(permutation.begin(), permutation.end());
  for (int64_t i = 0; i < 1'000; ++i) {
    ASSERT_EQ(permutation[static_cast<size_t>(i)], i);
  }
  EXPECT_THAT(rng.Permutation(0), IsEmpty());
  EXPECT_THAT(rng.Permutation(1), ElementsAre(0));
}

TEST(RngTest, EveryPermutationIsEquallyLikely) {
  Rng rng(2);
  std::map<std::vector<int64_t>, int> counts;
  for (int i = 0; i < 60'000; ++i) ++counts[rng.Permutation(3)];
  EXPECT_EQ(counts.size(), 6u);
  for (const auto& [permutation, count] : counts) {
    EXPECT_NEAR(count, 10'000, 500);
  }
}

// Computed apart, from the definitions of FNV-1a and splitmix64.
TEST(StableHashTest, NeverChanges) {
  EXPECT_EQ(StableHash(""), 0xf52a15e9a9b5e89bu);
  EXPECT_EQ(StableHash("attune"), 0xfbae0646f969c70eu);
  EXPECT_NE(StableHash(absl::string_view("a\0", 2)), StableHash("a"));
}

}  // namespace
}  // namespace attune

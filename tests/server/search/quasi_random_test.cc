#include "server/search/quasi_random.h"

#include <cmath>
#include <set>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/testing/searched_study.h"
#include "tests/testing/status_matchers.h"

namespace attune {
namespace {

using testing::SizeIs;

constexpr int64_t kBlock = 81;

// How far the share of points in [0, x)^2 is from x^2 at the worst of a few x.
double Unevenness(Sequence sequence, int64_t points, uint64_t seed) {
  double worst = 0.0;
  for (const double x : {0.3, 0.5, 0.61, 0.8}) {
    double inside = 0.0;
    for (int64_t i = 0; i < points; ++i) {
      const std::vector<double> point =
          SequencePoint(sequence, i, 2, kBlock, seed);
      if (point[0] < x && point[1] < x) inside += 1.0;
    }
    worst =
        std::max(worst, std::abs(inside / static_cast<double>(points) - x * x));
  }
  return worst;
}

TEST(QuasiRandomTest, SequencesAreMoreEvenThanChance) {
  // The deviation of 256 random points is 0.03 at its worst place.
  for (const uint64_t seed : {1, 2, 3}) {
    EXPECT_LT(Unevenness(Sequence::kSobol, 256, seed), 0.015) << seed;
    EXPECT_LT(Unevenness(Sequence::kHalton, 256, seed), 0.02) << seed;
  }
}

// How many of as many slices of dimension `i` have a point of the first
// `count`.
size_t Slices(Sequence sequence, size_t i, int64_t first, int64_t count) {
  std::set<int64_t> slices;
  for (int64_t k = first; k < first + count; ++k) {
    slices.insert(
        static_cast<int64_t>(SequencePoint(sequence, k, 4, kBlock, 5)[i] *
                             static_cast<double>(count)));
  }
  return slices.size();
}

TEST(QuasiRandomTest, EveryBlockOfALatinHypercubeFillsEverySlice) {
  for (size_t i = 0; i < 4; ++i) {
    EXPECT_EQ(Slices(Sequence::kLatinHypercube, i, 0, kBlock), kBlock);
    EXPECT_EQ(Slices(Sequence::kLatinHypercube, i, kBlock, kBlock), kBlock);
  }
}

TEST(QuasiRandomTest, HaltonFillsTheSlicesOfItsPrimes) {
  const int64_t powers[] = {64, 81, 125, 343};
  for (size_t i = 0; i < 4; ++i) {
    EXPECT_EQ(Slices(Sequence::kHalton, i, 0, powers[i]),
              static_cast<size_t>(powers[i]));
  }
}

TEST(QuasiRandomTest, TheSeedMakesAnotherSequence) {
  for (const Sequence sequence :
       {Sequence::kSobol, Sequence::kHalton, Sequence::kLatinHypercube}) {
    const auto point = SequencePoint(sequence, 9, 3, kBlock, 1);
    EXPECT_EQ(SequencePoint(sequence, 9, 3, kBlock, 1), point);
    EXPECT_NE(SequencePoint(sequence, 9, 3, kBlock, 2), point);
    for (const double x : point) {
      EXPECT_GE(x, 0.0);
      EXPECT_LT(x, 1.0);
    }
  }
}

TEST(QuasiRandomTest, GoesOnBehindTheLastPointOfTheStudy) {
  SearchedStudy study({{{"x", DoubleRange{}, std::nullopt}}, {}});
  const QuasiRandomAlgorithm sobol(Sequence::kSobol);
  Rng rng(1);
  ATTUNE_ASSERT_OK_AND_ASSIGN(const std::vector<Suggestion> at_once,
                              sobol.Suggest(study.view(), 5, rng));
  ASSERT_THAT(at_once, SizeIs(5));
  EXPECT_EQ(at_once[4].tag, "sobol:4");
  for (int i = 0; i < 5; ++i) {
    study.Add({{{"x", 0.123 + i}}, ""});  // a person's
    ATTUNE_ASSERT_OK_AND_ASSIGN(const std::vector<Suggestion> one,
                                sobol.Suggest(study.view(), 1, rng));
    EXPECT_EQ(one[0], at_once[static_cast<size_t>(i)]);
    study.Add(one[0]);
  }
}

}  // namespace
}  // namespace attune

#include "worker/data/synthetic.h"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace attune::nn {
namespace {

const Table& Inputs(const Dataset& dataset) {
  return std::get<Table>(dataset.inputs);
}

class SyntheticTest : public testing::TestWithParam<std::string> {};

TEST_P(SyntheticTest, HasAsManyExamplesAsAskedFor) {
  const Dataset dataset = MakeSynthetic(GetParam(), {.samples = 31}, Rng(1));
  EXPECT_EQ(dataset.num_examples(), 31);
  EXPECT_EQ(dataset.is_regression()
                ? dataset.targets.cols()
                : static_cast<int64_t>(dataset.labels.size()),
            31);
}

TEST_P(SyntheticTest, FollowsItsSeed) {
  const auto inputs = [](uint64_t seed) {
    return Inputs(MakeSynthetic(GetParam(), {.samples = 50}, Rng(seed)));
  };
  EXPECT_EQ(inputs(1), inputs(1));
  EXPECT_NE(inputs(1), inputs(2));
}

TEST_P(SyntheticTest, IsMoreScatteredWithMoreNoise) {
  const auto at = [](double noise) {
    const Dataset dataset =
        MakeSynthetic(GetParam(), {.samples = 500, .noise = noise}, Rng(1));
    const Table& values =
        dataset.is_regression() ? dataset.targets : Inputs(dataset);
    return (values.array() - values.mean()).square().mean();
  };
  EXPECT_GT(at(5.0), at(0.0) + 10.0);
}

INSTANTIATE_TEST_SUITE_P(All, SyntheticTest,
                         testing::Values("spirals", "moons", "blobs", "xor",
                                         "friedman1"),
                         [](const auto& test) { return test.param; });

class ClassesTest : public testing::TestWithParam<std::string> {};

TEST_P(ClassesTest, HasEquallyManyOfEach) {
  const Dataset dataset = MakeSynthetic(GetParam(), {.samples = 60}, Rng(1));
  EXPECT_EQ(Inputs(dataset).rows(), 2);
  const int64_t share = 60 / dataset.num_classes();
  for (int32_t label = 0; label < dataset.num_classes(); ++label) {
    EXPECT_EQ(std::count(dataset.labels.begin(), dataset.labels.end(), label),
              share);
  }
}

INSTANTIATE_TEST_SUITE_P(All, ClassesTest,
                         testing::Values("spirals", "moons", "blobs", "xor"),
                         [](const auto& test) { return test.param; });

TEST(SpiralsTest, ArmsLieOppositeToEachOther) {
  const Dataset dataset =
      MakeSynthetic("spirals", {.samples = 200, .noise = 0.0}, Rng(1));
  for (int64_t i = 0; i < 200; ++i) {
    const double x = Inputs(dataset)(0, i);
    const double y = Inputs(dataset)(1, i);
    const double radius = std::hypot(x, y);
    EXPECT_LE(radius, 1.0);
    const double angle =
        3.0 * std::numbers::pi * radius + (i % 2 == 1 ? std::numbers::pi : 0.0);
    EXPECT_NEAR(x, radius * std::cos(angle), 1e-9);
    EXPECT_NEAR(y, radius * std::sin(angle), 1e-9);
  }
}

TEST(MoonsTest, LieOnHalfCircles) {
  const Dataset dataset =
      MakeSynthetic("moons", {.samples = 200, .noise = 0.0}, Rng(1));
  for (int64_t i = 0; i < 200; ++i) {
    const double x = Inputs(dataset)(0, i);
    const double y = Inputs(dataset)(1, i);
    if (i % 2 == 0) {
      EXPECT_NEAR(std::hypot(x, y), 1.0, 1e-9);
      EXPECT_GE(y, 0.0);
    } else {
      EXPECT_NEAR(std::hypot(x - 1.0, y - 0.5), 1.0, 1e-9);
      EXPECT_LE(y, 0.5);
    }
  }
}

TEST(BlobsTest, SurroundThreePointsOfTheUnitCircle) {
  const Dataset dataset =
      MakeSynthetic("blobs", {.samples = 3000, .noise = 0.3}, Rng(1));
  EXPECT_EQ(dataset.num_classes(), 3);
  Table center = Table::Zero(2, 3);
  for (int64_t i = 0; i < 3000; ++i) {
    center.col(i % 3) += Inputs(dataset).col(i) / 1000.0;
  }
  EXPECT_NEAR(center(0, 0), 1.0, 0.05);
  EXPECT_NEAR(center(1, 0), 0.0, 0.05);
  EXPECT_NEAR(center(0, 1), -0.5, 0.05);
  EXPECT_NEAR(center(1, 2), -std::sqrt(0.75), 0.05);
}

TEST(XorTest, ClassesAreQuadrants) {
  const Dataset dataset =
      MakeSynthetic("xor", {.samples = 400, .noise = 0.0}, Rng(1));
  for (int64_t i = 0; i < 400; ++i) {
    const double product = Inputs(dataset)(0, i) * Inputs(dataset)(1, i);
    EXPECT_EQ(product > 0.0 ? 0 : 1, dataset.labels[static_cast<size_t>(i)]);
  }
}

TEST(Friedman1Test, FollowsItsFormula) {
  const Dataset dataset =
      MakeSynthetic("friedman1", {.samples = 100, .noise = 0.0}, Rng(1));
  const Table& x = Inputs(dataset);
  EXPECT_EQ(x.rows(), 10);
  EXPECT_GE(x.minCoeff(), 0.0);
  EXPECT_LT(x.maxCoeff(), 1.0);
  for (int64_t i = 0; i < 100; ++i) {
    EXPECT_NEAR(dataset.targets(0, i),
                10.0 * std::sin(std::numbers::pi * x(0, i) * x(1, i)) +
                    20.0 * std::pow(x(2, i) - 0.5, 2) + 10.0 * x(3, i) +
                    5.0 * x(4, i),
                1e-9);
  }
}

}  // namespace
}  // namespace attune::nn

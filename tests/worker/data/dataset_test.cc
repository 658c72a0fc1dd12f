#include "worker/data/dataset.h"

#include <cmath>
#include <limits>
#include <numeric>
#include <vector>

#include "gtest/gtest.h"

namespace attune::nn {
namespace {

TEST(DatasetTest, StandardizesImagesByAllTheirPixels) {
  Dataset dataset;
  Pixels pixels(2, 3);
  pixels << 0, 20, 255,  //
      10, 30, 255;
  dataset.inputs = pixels;
  dataset.labels = {0, 1, 1};
  // Of 0, 10, 20, 30: mean 15, variance 125. The third is not asked for.
  const Scaling scaling = Standardize(dataset, {0, 1});
  ASSERT_EQ(scaling.scale.size(), 1);
  EXPECT_NEAR(scaling.scale[0], 1.0 / std::sqrt(125.0), 1e-15);
  EXPECT_EQ(scaling.mean[0], 15.0);
}

TEST(DatasetTest, StandardizesNumbersFeatureByFeature) {
  Dataset dataset;
  Table numbers(2, 3);
  numbers << 1.0, 3.0, 99.0,  //
      -10.0, 30.0, 99.0;
  dataset.inputs = numbers;
  const Scaling scaling = Standardize(dataset, {0, 1});
  Eigen::VectorXd scale(2);
  scale << 1.0, 0.05;
  Eigen::VectorXd mean(2);
  mean << 2.0, 10.0;
  EXPECT_TRUE(scaling.scale.isApprox(scale));
  EXPECT_TRUE(scaling.mean.isApprox(mean));
}

TEST(DatasetTest, AGreatMeanCostsNoDigits) {
  Dataset dataset;
  Table numbers(2, 8);
  for (int i = 0; i < 8; ++i) numbers.col(i) << i, 1.7e9 + i;
  dataset.inputs = numbers;
  dataset.targets = numbers;
  const Scaling scaling = Standardize(dataset, {0, 1, 2, 3, 4, 5, 6, 7});
  EXPECT_EQ(scaling.scale[0], scaling.scale[1]);
  EXPECT_EQ(scaling.mean[1], 1.7e9 + 3.5);
  EXPECT_EQ(scaling.target_scale[0], scaling.target_scale[1]);
  EXPECT_EQ(scaling.target_mean[1], 1.7e9 + 3.5);
}

TEST(DatasetTest, MakesAConstantFeatureZero) {
  Dataset dataset;
  // Of 0.1 a thousand times, sums are not exact. 0.3 here is rounded twice.
  Table numbers = Table::Constant(2, 1000, 0.1);
  for (int i = 0; i < 1000; i += 2) numbers.col(i)[1] = 0.3;
  for (int i = 1; i < 1000; i += 2) numbers.col(i)[1] = 0.1 + 0.2;
  dataset.inputs = numbers;
  std::vector<int64_t> all(1000);
  std::iota(all.begin(), all.end(), 0);
  EXPECT_EQ(Standardize(dataset, all).scale, Eigen::VectorXd::Zero(2));
}

TEST(DatasetTest, StandardizesImagesChannelByChannel) {
  Dataset dataset;
  Pixels pixels(4, 2);
  pixels << 0, 20,  //
      10, 30,       //
      7, 7,         //
      9, 9;
  dataset.inputs = pixels;
  dataset.image = {.channels = 2, .height = 1, .width = 2};
  const Scaling scaling = Standardize(dataset, {0, 1});
  ASSERT_EQ(scaling.scale.size(), 2);
  EXPECT_NEAR(scaling.scale[0], 1.0 / std::sqrt(125.0), 1e-15);
  EXPECT_NEAR(scaling.scale[1], 1.0, 1e-15);
  EXPECT_EQ(scaling.mean[1], 8.0);
}

TEST(DatasetTest, StandardizesTargetsOneByOne) {
  Dataset dataset;
  dataset.inputs = Table(Table::Zero(1, 3));
  dataset.targets = Table(2, 3);
  dataset.targets << 1.0, 3.0, 99.0,  //
      5.0, 5.0, 99.0;
  const Scaling scaling = Standardize(dataset, {0, 1});
  Eigen::VectorXd scale(2);
  scale << 1.0, 1.0;  // what is constant keeps its unit
  Eigen::VectorXd mean(2);
  mean << 2.0, 5.0;
  EXPECT_TRUE(scaling.target_scale.isApprox(scale));
  EXPECT_TRUE(scaling.target_mean.isApprox(mean));
}

TEST(DatasetTest, TakesAMissingNumberForTheMeanOfTheTrainingExamples) {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  Dataset dataset;
  Table numbers(1, 5);
  numbers << 1.0, nan, 3.0, nan, 99.0;
  dataset.inputs = numbers;
  dataset.has_missing = true;
  const Scaling scaling = Standardize(dataset, {0, 1, 2, 3});
  // As of 1, 2, 3, 2.
  EXPECT_NEAR(scaling.scale[0], std::sqrt(2.0), 1e-12);
  EXPECT_NEAR(scaling.mean[0], 2.0, 1e-12);
  EXPECT_NEAR(scaling.fill[0], 0.0, 1e-12);
}

TEST(DatasetTest, TakesAMissingCategoryForTheMostFrequentOne) {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  Dataset dataset;
  Table one_hot(3, 6);
  one_hot << 0, 0, 1, nan, 1, 1,  //
      1, 1, 0, nan, 0, 0,         //
      0, 0, 0, nan, 0, 0;
  dataset.inputs = one_hot;
  dataset.categories = {{.begin = 0, .size = 3}};
  dataset.has_missing = true;
  const Scaling scaling = Standardize(dataset, {0, 1, 2, 3});
  // Of the first four the second, so that it has mean 3/4, deviation 0.433.
  EXPECT_NEAR(scaling.fill[0], -0.25 / std::sqrt(3.0 / 16.0), 1e-12);
  EXPECT_NEAR(scaling.fill[1], 0.25 / std::sqrt(3.0 / 16.0), 1e-12);
  EXPECT_NEAR(scaling.fill[2], 0.0, 1e-12);
}

TEST(DatasetTest, AFeatureThatAllTrainingExamplesMissIsZero) {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  Dataset dataset;
  Table numbers(1, 3);
  numbers << nan, nan, 5.0;
  dataset.inputs = numbers;
  dataset.has_missing = true;
  const Scaling scaling = Standardize(dataset, {0, 1});
  EXPECT_EQ(scaling.scale[0], 0.0);
  EXPECT_EQ(scaling.fill[0], 0.0);
}

TEST(DatasetTest, KnowsItsSizes) {
  Dataset dataset;
  dataset.inputs = Table(Table::Zero(5, 3));
  dataset.labels = {0, 1, 0};
  dataset.classes = {"a", "b"};
  EXPECT_EQ(dataset.num_features(), 5);
  EXPECT_EQ(dataset.num_examples(), 3);
  EXPECT_EQ(dataset.num_classes(), 2);
}

}  // namespace
}  // namespace attune::nn

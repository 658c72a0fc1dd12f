#include "worker/data/dataset.h"

#include <cmath>
#include <limits>
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
  EXPECT_NEAR(scaling.offset[0], -15.0 / std::sqrt(125.0), 1e-14);
}

TEST(DatasetTest, StandardizesNumbersFeatureByFeature) {
  Dataset dataset;
  Matrix numbers(2, 3);
  numbers << 1.0, 3.0, 99.0,  //
      -10.0, 30.0, 99.0;
  dataset.inputs = numbers;
  const Scaling scaling = Standardize(dataset, {0, 1});
  Vector scale(2);
  scale << 1.0, 0.05;
  Vector offset(2);
  offset << -2.0, -0.5;
  EXPECT_TRUE(scaling.scale.isApprox(scale));
  EXPECT_TRUE(scaling.offset.isApprox(offset));
}

TEST(DatasetTest, MakesAConstantFeatureZero) {
  Dataset dataset;
  Matrix numbers = Matrix::Constant(1, 4, 0.1);
  dataset.inputs = numbers;
  const Scaling scaling = Standardize(dataset, {0, 1, 2, 3});
  EXPECT_EQ(scaling.scale[0], 0.0);
  EXPECT_EQ(scaling.offset[0], 0.0);
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
  EXPECT_NEAR(scaling.offset[1], -8.0, 1e-14);
}

TEST(DatasetTest, StandardizesTargetsOneByOne) {
  Dataset dataset;
  dataset.inputs = Matrix(Matrix::Zero(1, 3));
  dataset.targets = Matrix(2, 3);
  dataset.targets << 1.0, 3.0, 99.0,  //
      5.0, 5.0, 99.0;
  const Scaling scaling = Standardize(dataset, {0, 1});
  Vector scale(2);
  scale << 1.0, 1.0;  // what is constant keeps its unit
  Vector offset(2);
  offset << -2.0, -5.0;
  EXPECT_TRUE(scaling.target_scale.isApprox(scale));
  EXPECT_TRUE(scaling.target_offset.isApprox(offset));
}

TEST(DatasetTest, TakesAMissingNumberForTheMeanOfTheTrainingExamples) {
  const Scalar nan = std::numeric_limits<Scalar>::quiet_NaN();
  Dataset dataset;
  Matrix numbers(1, 5);
  numbers << 1.0, nan, 3.0, nan, 99.0;
  dataset.inputs = numbers;
  dataset.has_missing = true;
  const Scaling scaling = Standardize(dataset, {0, 1, 2, 3});
  // As of 1, 2, 3, 2.
  EXPECT_NEAR(scaling.scale[0], std::sqrt(2.0), 1e-12);
  EXPECT_NEAR(scaling.offset[0], -2.0 * std::sqrt(2.0), 1e-12);
  EXPECT_NEAR(scaling.fill[0], 0.0, 1e-12);
}

TEST(DatasetTest, TakesAMissingCategoryForTheMostFrequentOne) {
  const Scalar nan = std::numeric_limits<Scalar>::quiet_NaN();
  Dataset dataset;
  Matrix one_hot(3, 6);
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
  const Scalar nan = std::numeric_limits<Scalar>::quiet_NaN();
  Dataset dataset;
  Matrix numbers(1, 3);
  numbers << nan, nan, 5.0;
  dataset.inputs = numbers;
  dataset.has_missing = true;
  const Scaling scaling = Standardize(dataset, {0, 1});
  EXPECT_EQ(scaling.scale[0], 0.0);
  EXPECT_EQ(scaling.fill[0], 0.0);
}

TEST(DatasetTest, KnowsItsSizes) {
  Dataset dataset;
  dataset.inputs = Matrix(Matrix::Zero(5, 3));
  dataset.labels = {0, 1, 0};
  dataset.classes = {"a", "b"};
  EXPECT_EQ(dataset.num_features(), 5);
  EXPECT_EQ(dataset.num_examples(), 3);
  EXPECT_EQ(dataset.num_classes(), 2);
}

}  // namespace
}  // namespace attune::nn

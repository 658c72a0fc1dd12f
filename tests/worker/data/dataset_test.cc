#include "worker/data/dataset.h"

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

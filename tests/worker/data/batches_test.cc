#include "worker/data/batches.h"

#include <algorithm>
#include <vector>

#include "gtest/gtest.h"

namespace attune::nn {
namespace {

// Example i is the pixels (i, 2i) of class i.
Dataset Images() {
  Dataset dataset;
  Pixels pixels(2, 10);
  for (int i = 0; i < 10; ++i) {
    pixels.col(i) << static_cast<uint8_t>(i), static_cast<uint8_t>(2 * i);
    dataset.labels.push_back(i);
    dataset.classes.push_back(std::to_string(i));
  }
  dataset.inputs = pixels;
  return dataset;
}

const Scaling kHalf = {.mean = Vector::Constant(1, 2.0),
                       .scale = Vector::Constant(1, 0.5)};

std::vector<int32_t> LabelsOf(Batches& batches) {
  std::vector<int32_t> labels;
  for (int64_t i = 0; i < batches.size(); ++i) {
    const Batches::Batch batch = batches.Get(i);
    labels.insert(labels.end(), batch.labels.begin(), batch.labels.end());
  }
  return labels;
}

TEST(BatchesTest, GathersConvertsAndScalesPixels) {
  const Dataset dataset = Images();
  Batches batches(&dataset, kHalf, {7, 3}, {.batch_size = 2});
  const Batches::Batch batch = batches.Get(0);
  Matrix expected(2, 2);
  expected << 2.5, 0.5,  //
      6.0, 2.0;
  EXPECT_EQ(Matrix(batch.inputs), expected);
  EXPECT_EQ(batch.labels[0], 7);
  EXPECT_EQ(batch.labels[1], 3);
}

TEST(BatchesTest, ScalesNumbersFeatureByFeature) {
  Dataset dataset;
  dataset.inputs = Matrix(Matrix::Constant(2, 4, 3.0));
  dataset.labels = {0, 1, 0, 1};
  Scaling scaling = {.mean = Vector(2), .scale = Vector(2)};
  scaling.mean << 0.0, -0.5;
  scaling.scale << 1.0, 10.0;
  Batches batches(&dataset, scaling, {1}, {.batch_size = 4});
  Matrix expected(2, 1);
  expected << 3.0, 35.0;
  EXPECT_EQ(Matrix(batches.Get(0).inputs), expected);
}

TEST(BatchesTest, GathersTheTargetsOfARegression) {
  Dataset dataset;
  dataset.inputs = Matrix(Matrix::Zero(2, 3));
  Matrix targets(1, 3);
  targets << 5.0, 6.0, 7.0;
  dataset.targets = targets;
  const Scaling scaling = {.mean = Vector::Zero(2),
                           .scale = Vector::Ones(2),
                           .target_mean = Vector::Constant(1, 6.0),
                           .target_scale = Vector::Constant(1, 0.5)};
  Batches batches(&dataset, scaling, {2, 0}, {.batch_size = 2});
  const Batches::Batch batch = batches.Get(0);
  Matrix expected(1, 2);
  expected << 0.5, -0.5;
  EXPECT_EQ(Matrix(batch.targets), expected);
  EXPECT_TRUE(batch.labels.empty());
}

TEST(BatchesTest, LeavesTargetsAsTheyAreWithoutAScale) {
  Dataset dataset;
  dataset.inputs = Matrix(Matrix::Zero(1, 2));
  dataset.targets = Matrix::Constant(1, 2, 7.0);
  const Scaling scaling = {.mean = Vector::Zero(1), .scale = Vector::Ones(1)};
  Batches batches(&dataset, scaling, {1, 0}, {.batch_size = 2});
  EXPECT_EQ(Matrix(batches.Get(0).targets), dataset.targets);
}

TEST(BatchesTest, AClassificationHasNoTargets) {
  const Dataset dataset = Images();
  Batches batches(&dataset, kHalf, {7, 3}, {.batch_size = 2});
  EXPECT_EQ(batches.Get(0).targets.size(), 0);
}

TEST(BatchesTest, TheLastOneIsSmaller) {
  const Dataset dataset = Images();
  Batches batches(&dataset, kHalf, {0, 1, 2, 3, 4, 5, 6}, {.batch_size = 3});
  EXPECT_EQ(batches.size(), 3);
  EXPECT_EQ(batches.Get(1).inputs.cols(), 3);
  EXPECT_EQ(batches.Get(2).inputs.cols(), 1);
  EXPECT_EQ(batches.Get(2).labels.size(), 1);
}

TEST(BatchesTest, AShuffledRoundHasEveryExampleOnce) {
  const Dataset dataset = Images();
  Batches batches(&dataset, kHalf, {0, 1, 2, 3, 4, 5, 6, 7, 8},
                  {.batch_size = 4});
  batches.Shuffle(Rng(1));
  const std::vector<int32_t> first = LabelsOf(batches);
  batches.Shuffle(Rng(2));
  const std::vector<int32_t> second = LabelsOf(batches);
  EXPECT_NE(first, second);
  std::vector<int32_t> sorted = second;
  std::sort(sorted.begin(), sorted.end());
  EXPECT_EQ(sorted, (std::vector<int32_t>{0, 1, 2, 3, 4, 5, 6, 7, 8}));
}

TEST(BatchesTest, AnOrderDependsOnItsSeedAlone) {
  const Dataset dataset = Images();
  Batches batches(&dataset, kHalf, {0, 1, 2, 3, 4, 5, 6, 7, 8},
                  {.batch_size = 4});
  batches.Shuffle(Rng(1));
  const std::vector<int32_t> first = LabelsOf(batches);
  batches.Shuffle(Rng(2));
  batches.Shuffle(Rng(1));
  EXPECT_EQ(LabelsOf(batches), first);
}

TEST(BatchesTest, ChangesImagesByChanceIfAskedTo) {
  Dataset dataset = Images();
  dataset.image = {.channels = 1, .height = 1, .width = 2};
  Batches batches(&dataset, kHalf, {7},
                  {.batch_size = 1, .augmentation = {.flip = 1.0}});
  Rng rng(1);
  Matrix flipped(2, 1);
  flipped << 6.0, 2.5;
  EXPECT_EQ(Matrix(batches.GetAugmented(0, rng).inputs), flipped);
  EXPECT_EQ(batches.GetAugmented(0, rng).labels[0], 7);
  Matrix plain(2, 1);
  plain << 2.5, 6.0;
  EXPECT_EQ(Matrix(batches.Get(0).inputs), plain);
}

TEST(BatchesTest, DrawsNothingWithoutAugmentation) {
  const Dataset dataset = Images();
  Batches batches(&dataset, kHalf, {7, 3}, {.batch_size = 2});
  Rng rng(1);
  const Matrix augmented = batches.GetAugmented(0, rng).inputs;
  EXPECT_EQ(augmented, Matrix(batches.Get(0).inputs));
  EXPECT_EQ(rng.State(), Rng(1).State());
}

TEST(BatchesTest, SizeZeroIsTheWholeSet) {
  const Dataset dataset = Images();
  Batches batches(&dataset, kHalf, {0, 1, 2, 3, 4}, {.batch_size = 0});
  EXPECT_EQ(batches.size(), 1);
  EXPECT_EQ(batches.Get(0).inputs.cols(), 5);
}

}  // namespace
}  // namespace attune::nn

#include "worker/data/gather.h"

#include <limits>
#include <set>
#include <string>
#include <vector>

#include "gtest/gtest.h"

namespace attune::nn {
namespace {

// One image of 2 channels, 2 x 3 pixels: the first 1 ... 6, the second ten
// times that.
Dataset OneImage() {
  Dataset dataset;
  Pixels pixels(12, 1);
  pixels.col(0) << 1, 2, 3, 4, 5, 6, 10, 20, 30, 40, 50, 60;
  dataset.inputs = pixels;
  dataset.image = {.channels = 2, .height = 2, .width = 3};
  dataset.labels = {0};
  dataset.classes = {"0"};
  return dataset;
}

Scaling PerChannel() {
  Scaling scaling = {.mean = Vector(2), .scale = Vector(2)};
  scaling.mean << 0.0, -1000.0;
  scaling.scale << 1.0, 0.1;
  return scaling;
}

TEST(GatherTest, ScalesImagesChannelByChannel) {
  Vector column(12);
  GatherInputs(OneImage(), {0}, PerChannel(), {column.data(), 12, 1});
  Vector expected(12);
  expected << 1, 2, 3, 4, 5, 6, 101, 102, 103, 104, 105, 106;
  EXPECT_TRUE(column.isApprox(expected));
}

TEST(GatherTest, FillsInWhatIsMissing) {
  Dataset dataset;
  Matrix inputs(2, 2);
  inputs << 1.0, std::numeric_limits<Scalar>::quiet_NaN(),  //
      2.0, 3.0;
  dataset.inputs = inputs;
  Scaling scaling = {.mean = Vector::Constant(2, -1.0),
                     .scale = Vector::Ones(2),
                     .fill = Vector(2)};
  scaling.fill << 7.0, 8.0;
  Matrix gathered(2, 2);
  GatherInputs(dataset, {1, 0}, scaling, {gathered.data(), 2, 2});
  Matrix expected(2, 2);
  expected << 7.0, 2.0,  //
      4.0, 3.0;
  EXPECT_EQ(gathered, expected);
}

// The first channel's rows as digits, 0 where the image has moved away.
std::string Augmented(const Augmentation& augmentation, Rng& rng) {
  const Dataset dataset = OneImage();
  const Scaling scaling = PerChannel();
  Vector column(12);
  GatherAugmented(dataset, {0}, scaling, augmentation, rng,
                  {column.data(), 12, 1});
  std::string text;
  for (int i = 0; i < 6; ++i) {
    if (i == 3) text += ' ';
    text += std::to_string(std::lround(column[i]));
    // The second channel moves as the first.
    EXPECT_NEAR(column[6 + i], column[i] + 100.0, 1e-9);
  }
  return text;
}

std::set<std::string> AllAugmented(const Augmentation& augmentation) {
  Rng rng(3);
  std::set<std::string> seen;
  for (int i = 0; i < 500; ++i) seen.insert(Augmented(augmentation, rng));
  return seen;
}

TEST(GatherTest, ShiftsEitherWayAlongBothAxes) {
  EXPECT_EQ(AllAugmented({.shift = 1}),
            (std::set<std::string>{"000 012", "000 123", "000 230",  // down
                                   "012 045", "123 456", "230 560",  // as it is
                                   "045 000", "456 000", "560 000"}));  // up
}

TEST(GatherTest, FlipsLeftAndRight) {
  EXPECT_EQ(AllAugmented({.flip = 0.5}),
            (std::set<std::string>{"123 456", "321 654"}));
  EXPECT_EQ(AllAugmented({.flip = 1.0}), std::set<std::string>{"321 654"});
}

TEST(GatherTest, ShiftsWhatItHasFlipped) {
  EXPECT_EQ(AllAugmented({.shift = 1, .flip = 1.0}),
            (std::set<std::string>{"000 032", "000 321", "000 210",  //
                                   "032 065", "321 654", "210 540",  //
                                   "065 000", "654 000", "540 000"}));
}

TEST(GatherTest, CanShiftAnImageOutOfSight) {
  EXPECT_TRUE(AllAugmented({.shift = 5}).count("000 000") == 1);
}

TEST(GatherTest, IsChangedByItsOwnChanceAlone) {
  Rng one(7);
  Rng same(7);
  EXPECT_EQ(Augmented({.shift = 2, .flip = 0.5}, one),
            Augmented({.shift = 2, .flip = 0.5}, same));
  EXPECT_EQ(one.State(), same.State());
}

}  // namespace
}  // namespace attune::nn

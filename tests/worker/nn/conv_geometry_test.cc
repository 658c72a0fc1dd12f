#include "worker/nn/conv_geometry.h"

#include <string>

#include "gtest/gtest.h"

namespace attune::nn {
namespace {

struct ShapeCase {
  std::string name;
  ImageShape image;
  Window window;
  ImageShape output;
};

class OutputShapeTest : public testing::TestWithParam<ShapeCase> {};

TEST_P(OutputShapeTest, CountsThePositionsOfTheKernel) {
  EXPECT_EQ(OutputShape(GetParam().image, GetParam().window),
            GetParam().output);
}

INSTANTIATE_TEST_SUITE_P(
    All, OutputShapeTest,
    testing::Values(
        ShapeCase{"Valid", {3, 28, 20}, {5, 3}, {3, 24, 18}},
        ShapeCase{"ValidStride", {1, 28, 27}, {5, 5, 2}, {1, 12, 12}},
        ShapeCase{"Same",
                  {1, 7, 9},
                  {.height = 5, .width = 3, .padding = Padding::kSame},
                  {1, 7, 9}},
        ShapeCase{
            "SameStride",
            {1, 7, 8},
            {.height = 3, .width = 3, .stride = 2, .padding = Padding::kSame},
            {1, 4, 4}},
        ShapeCase{"TooLarge", {1, 4, 9}, {5, 5}, {1, 0, 5}},
        ShapeCase{"SameLargerThanTheImage",
                  {1, 2, 2},
                  {.height = 5, .width = 5, .padding = Padding::kSame},
                  {1, 2, 2}}),
    [](const auto& test) { return test.param.name; });

TEST(ConvGeometryTest, PadsOnceMoreAfterTheImageThanBefore) {
  const ConvGeometry geometry(
      {1, 6, 5}, {.height = 4, .width = 3, .padding = Padding::kSame}, 2,
      false);
  const ConvGeometry::Frame& frame = geometry.input_frame();
  EXPECT_EQ(frame.height, 9);
  EXPECT_EQ(frame.top, 1);
  EXPECT_EQ(frame.width, 7);
  EXPECT_EQ(frame.left, 1);
}

TEST(ConvGeometryTest, LeavesAnOddRowAndColumnOutOfThePool) {
  const ConvGeometry geometry({1, 9, 8}, {.height = 3, .width = 3}, 2, true);
  EXPECT_EQ(geometry.sums(), (ImageShape{2, 7, 6}));
  EXPECT_EQ(geometry.output(), (ImageShape{2, 3, 3}));
  EXPECT_EQ(geometry.Forward().groups.size(), 9);
}

TEST(ConvGeometryTest, GroupsWithTheSameTapsShareThem) {
  const Correlation forward =
      ConvGeometry({1, 8, 8}, {.height = 5, .width = 5}, 2, false).Forward();
  EXPECT_EQ(forward.groups.size(), 4);
  EXPECT_EQ(forward.taps.size(), 25);
}

// Of the input's first row only the kernel's first row was used.
TEST(ConvGeometryTest, LeavesOutTapsThatFindOnlyZeros) {
  const Correlation backward =
      ConvGeometry({1, 8, 8}, {.height = 5, .width = 5}, 2, false)
          .BackwardToInput();
  const Correlation::Group& first = backward.groups.front();
  EXPECT_EQ(first.end_tap - first.first_tap, 4);  // x from 0 to 3
}

TEST(ConvGeometryTest, StridesUseAPartOfTheKernelEach) {
  const Correlation backward =
      ConvGeometry({1, 9, 9}, {.height = 3, .width = 3, .stride = 2}, 2, false)
          .BackwardToInput();
  // Pixels with odd y and x meet the kernel's middle alone.
  const Correlation::Group& last = backward.groups.back();
  EXPECT_EQ(last.end_tap - last.first_tap, 1);
  EXPECT_EQ(backward.taps[static_cast<size_t>(last.first_tap)].weights,
            (1 * 3 + 1) * 2);
}

}  // namespace
}  // namespace attune::nn

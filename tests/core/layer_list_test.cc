#include "core/layer_list.h"

#include <string>
#include <vector>

#include "absl/strings/str_join.h"
#include "core/error.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/testing/status_matchers.h"

namespace attune {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::Field;
using testing::HasSubstr;

TEST(ParseLayerListTest, ReadsEveryLayer) {
  ATTUNE_ASSERT_OK_AND_ASSIGN(
      const std::vector<LayerItem> layers,
      ParseLayerList("conv 5x3x6, conv 3x3x32 stride 2 same, pool 2, "
                     "avgpool 3 stride 1, batch_norm, dropout 0.25, flatten, "
                     "dense 120"));
  EXPECT_EQ(layers, (std::vector<LayerItem>{
                        ConvLayer{.height = 5, .width = 3, .channels = 6},
                        ConvLayer{.height = 3,
                                  .width = 3,
                                  .channels = 32,
                                  .stride = 2,
                                  .same = true},
                        PoolLayer{.size = 2, .stride = 2},
                        PoolLayer{.size = 3, .stride = 1, .average = true},
                        BatchNormLayer{}, DropoutLayer{.rate = 0.25},
                        FlattenLayer{}, DenseLayer{.width = 120}}));
}

TEST(ParseLayerListTest, TakesModifiersInAnyOrderAndBlanksAnywhere) {
  EXPECT_EQ(ParseLayerList("  conv  3x3x8 valid  stride 2 ,dense 4"),
            ParseLayerList("conv 3x3x8 stride 2, dense 4"));
}

TEST(ParseLayerListTest, WritesWhatItReads) {
  const std::string text =
      "conv 5x5x6 stride 2 same, conv 3x3x8, pool 2, pool 3 stride 1, avgpool "
      "4, batch_norm, dropout 0.5, flatten, dense 10";
  ATTUNE_ASSERT_OK_AND_ASSIGN(const std::vector<LayerItem> layers,
                              ParseLayerList(text));
  EXPECT_EQ(absl::StrJoin(layers, ", ",
                          [](std::string* out, const LayerItem& item) {
                            out->append(ToString(item));
                          }),
            text);
}

TEST(ParseLayerListTest, KnowsLenet) {
  ATTUNE_ASSERT_OK_AND_ASSIGN(const std::vector<LayerItem> layers,
                              ParseLayerList(kLenetLayers));
  EXPECT_EQ(layers.size(), 6);
}

ImageSize After(const char* layer, const ImageSize& image) {
  return SizeAfter(ParseLayerList(layer).value()[0], image);
}

TEST(SizeAfterTest, CountsThePlacesOfAWindow) {
  EXPECT_EQ(After("conv 5x3x6", {28, 28}), (ImageSize{24, 26}));
  EXPECT_EQ(After("conv 5x5x6 stride 2", {28, 28}), (ImageSize{12, 12}));
  EXPECT_EQ(After("conv 5x5x6 same", {28, 28}), (ImageSize{28, 28}));
  EXPECT_EQ(After("conv 5x5x6 same stride 2", {7, 8}), (ImageSize{4, 4}));
  EXPECT_EQ(After("pool 2", {7, 2}), (ImageSize{3, 1}));
  EXPECT_EQ(After("avgpool 3 stride 1", {7, 3}), (ImageSize{5, 1}));
  EXPECT_EQ(After("batch_norm", {7, 3}), (ImageSize{7, 3}));
}

TEST(MisfitTest, IsAWindowLargerThanItsImage) {
  const auto misfit = [](const char* layer, const ImageSize& image) {
    return Misfit(ParseLayerList(layer).value()[0], image);
  };
  EXPECT_EQ(misfit("conv 5x3x6", {5, 3}), std::nullopt);
  EXPECT_EQ(misfit("conv 5x3x6", {4, 3}),
            "found an image of 4x3 pixels, expected at least 5x3");
  EXPECT_EQ(misfit("pool 2", {2, 1}),
            "found an image of 2x1 pixels, expected at least 2x2");
  EXPECT_EQ(misfit("conv 5x5x6 same", {1, 1}), std::nullopt);
  EXPECT_EQ(misfit("dense 8", {1, 1}), std::nullopt);
}

struct WrongCase {
  std::string name;
  std::string text;
  std::string field;
  std::string part;
};

class WrongLayerTest : public testing::TestWithParam<WrongCase> {};

TEST_P(WrongLayerTest, IsRefusedWithItsPlace) {
  const auto layers = ParseLayerList(GetParam().text);
  EXPECT_THAT(layers, StatusIs(absl::StatusCode::kInvalidArgument));
  EXPECT_THAT(Violations(layers.status()),
              ElementsAre(AllOf(
                  Field(&Violation::field, GetParam().field),
                  Field(&Violation::description, HasSubstr(GetParam().part)))));
}

std::string Repeated(const std::string& item, int count) {
  return absl::StrJoin(std::vector<std::string>(count, item), ",");
}

INSTANTIATE_TEST_SUITE_P(
    All, WrongLayerTest,
    testing::Values(
        WrongCase{"Unknown", "conv 3x3x8, pol 2", "[1]",
                  "found `pol 2`, expected one of conv, pool, avgpool, "
                  "batch_norm, dropout, flatten, dense; did you mean `pool`?"},
        WrongCase{"Number", "64", "[0]",
                  "did you mean `dense 64`? The widths of an mlp are "
                  "`hidden_layers`"},
        WrongCase{"Empty", "", "[0]", "found ``, expected one of conv"},
        WrongCase{"EmptyItem", "pool 2,,dense 4", "[1]", "found ``"},
        WrongCase{"NoKernel", "conv", "[0]", "as in `conv 5x5x6`"},
        WrongCase{"TwoNumbers", "conv 5x5", "[0]",
                  "found `conv 5x5`, expected `conv` with a kernel's height"},
        WrongCase{"NoChannels", "conv 5x5x0", "[0]", "found `conv 5x5x0`"},
        WrongCase{"Sign", "conv 5x+5x6", "[0]", "found `conv 5x+5x6`"},
        WrongCase{"LargeKernel", "conv 32x5x6", "[0]", "up to 31"},
        WrongCase{"Modifier", "conv 5x5x6 sam", "[0]",
                  "found `sam`, expected nothing more than stride or same or "
                  "valid, once each; did you mean `same`?"},
        WrongCase{"Twice", "conv 5x5x6 same valid", "[0]", "found `valid`"},
        WrongCase{"NoStride", "conv 5x5x6 stride", "[0]",
                  "found `stride`, expected `stride` and an integer from 1 to "
                  "31"},
        WrongCase{"ZeroStride", "pool 2 stride 0", "[0]", "found `stride 0`"},
        WrongCase{"PaddedPool", "pool 2 same", "[0]", "found `same`"},
        WrongCase{"PoolSize", "pool 2x2", "[0]",
                  "expected `pool` with a height and width from 1 to 31"},
        WrongCase{"Dropout", "dropout 1", "[0]", "below 1"},
        WrongCase{"Dense", "dense 9000", "[0]",
                  "expected `dense` with a width from 1 to 8192"},
        WrongCase{"More", "flatten 2", "[0]",
                  "expected `flatten` and nothing more"},
        WrongCase{"ImageBehindDense", "dense 4, conv 3x3x8", "[1]",
                  "found `conv 3x3x8` behind `dense 4`"},
        WrongCase{"TwoFlattens", "flatten, dense 4, flatten", "[2]",
                  "found `flatten` behind `flatten`"},
        WrongCase{"TooMany", Repeated("pool 1", 65), "",
                  "found 65 layers, expected at most 64"},
        WrongCase{"TooLong", std::string(1001, ' '), "",
                  "found a text of 1001 bytes, expected at most 1000"}),
    [](const auto& test) { return test.param.name; });

TEST(ParseLayerListTest, SaysAllThatIsWrongAtOnce) {
  EXPECT_EQ(
      Violations(ParseLayerList("cnv 3x3x8, pool 2, dens 4").status()).size(),
      2);
}

}  // namespace
}  // namespace attune

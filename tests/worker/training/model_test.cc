#include "worker/training/model.h"

#include <cstdint>
#include <functional>
#include <string>
#include <variant>
#include <vector>

#include "gtest/gtest.h"
#include "tests/testing/status_matchers.h"
#include "tests/worker/training/small_data.h"

namespace attune {
namespace {

using testing::HasSubstr;

Model MakeModel() {
  const nn::Dataset dataset = MakeBlobs(9);
  return {
      .settings = {{"hidden_layers", std::string("4")}},
      .params = nn::Vector::LinSpaced(6, 0, 1),
      .layer_state = nn::Vector::Ones(2),
      .scaling = {.mean = nn::Vector::Zero(4), .scale = nn::Vector::Ones(4)},
      .shape = ShapeOf(dataset),
      .about = {{"trial", "3"}}};
}

TEST(ModelTest, KeepsWhatItTakesToUseIt) {
  const Model model = MakeModel();
  const Model read = ModelFromTensors(ToTensors(model)).value();
  EXPECT_EQ(read.settings, model.settings);
  EXPECT_EQ(read.params, model.params);
  EXPECT_EQ(read.layer_state, model.layer_state);
  EXPECT_EQ(read.scaling.mean, model.scaling.mean);
  EXPECT_EQ(read.scaling.scale, model.scaling.scale);
  EXPECT_EQ(read.about.at("trial"), "3");
}

TEST(ModelTest, KnowsTheShapeOfTheDataAndNoExample) {
  const nn::Dataset shape =
      ModelFromTensors(ToTensors(MakeModel())).value().shape;
  EXPECT_EQ(shape.num_features(), 4);
  EXPECT_EQ(shape.num_examples(), 0);
  EXPECT_EQ(shape.classes, (std::vector<std::string>{"0", "1", "2"}));
  EXPECT_FALSE(shape.image.is_image());
}

TEST(ModelTest, KnowsTheShapeOfImages) {
  Model model = MakeModel();
  model.shape.inputs = nn::Pixels(12, 0);
  model.shape.image = {.channels = 3, .height = 2, .width = 2};
  model.scaling = {.mean = nn::Vector::Zero(3), .scale = nn::Vector::Ones(3)};
  const nn::Dataset shape = ModelFromTensors(ToTensors(model)).value().shape;
  EXPECT_TRUE(std::holds_alternative<nn::Pixels>(shape.inputs));
  EXPECT_EQ(shape.num_features(), 12);
  EXPECT_EQ(shape.image.channels, 3);
}

TEST(ModelTest, KnowsWhatItPredictsAndWhatIsMissing) {
  Model model = MakeModel();
  model.shape = ShapeOf(MakeLine(5));
  model.scaling = {.mean = nn::Vector::Zero(1),
                   .scale = nn::Vector::Ones(1),
                   .fill = nn::Vector::Constant(1, 0.5),
                   .target_mean = nn::Vector::Constant(1, 3.0),
                   .target_scale = nn::Vector::Constant(1, 2.0)};
  const Model read = ModelFromTensors(ToTensors(model)).value();
  EXPECT_TRUE(read.shape.is_regression());
  EXPECT_EQ(read.shape.num_examples(), 0);
  EXPECT_EQ(read.scaling.fill, model.scaling.fill);
  EXPECT_EQ(read.scaling.target_scale, model.scaling.target_scale);
  EXPECT_EQ(read.scaling.target_mean, model.scaling.target_mean);
}

TEST(ModelTest, RefusesWhatIsNoModel) {
  EXPECT_THAT(ModelFromTensors({.metadata = {{"format", "other"}}}),
              StatusIs(absl::StatusCode::kDataLoss, HasSubstr("`other`")));
  TensorFile file = ToTensors(MakeModel());
  file.tensors.erase("scale");
  EXPECT_THAT(ModelFromTensors(file),
              StatusIs(absl::StatusCode::kDataLoss, HasSubstr("`scale`")));
}

// What would make of a model that was changed another one, or none at all.
struct BrokenModel {
  std::string name;
  std::function<void(TensorFile&)> change;
  std::string why;
};

std::vector<int64_t>& Sizes(TensorFile& file) {
  return std::get<std::vector<int64_t>>(file.tensors["shape"]);
}

class BrokenModelTest : public testing::TestWithParam<BrokenModel> {};

TEST_P(BrokenModelTest, IsRefused) {
  TensorFile file = ToTensors(MakeModel());
  GetParam().change(file);
  EXPECT_THAT(ModelFromTensors(file),
              StatusIs(absl::StatusCode::kDataLoss, HasSubstr(GetParam().why)));
}

INSTANTIATE_TEST_SUITE_P(
    All, BrokenModelTest,
    testing::Values(
        BrokenModel{"FewSizes", [](auto& file) { Sizes(file).pop_back(); },
                    "found a shape of 7 sizes, expected 8"},
        BrokenModel{"NegativeFeatures", [](auto& file) { Sizes(file)[0] = -4; },
                    "found the size -4, expected from 0 to"},
        BrokenModel{"HugeFeatures",
                    [](auto& file) { Sizes(file)[0] = int64_t{1} << 62; },
                    "found the size 4611686018427387904"},
        BrokenModel{"NoFeatures", [](auto& file) { Sizes(file)[0] = 0; },
                    "found no features, expected at least one"},
        BrokenModel{"NothingToPredict", [](auto& file) { Sizes(file)[1] = 0; },
                    "found 0 classes and 0 targets, expected either"},
        BrokenModel{"TwoThingsToPredict",
                    [](auto& file) { Sizes(file)[5] = 1; },
                    "found 3 classes and 1 targets, expected either"},
        BrokenModel{"ImagesOfOtherSizes",
                    [](auto& file) {
                      Sizes(file)[2] = 1;
                      Sizes(file)[3] = 2;
                      Sizes(file)[4] = 3;
                    },
                    "found images of 1 x 2 x 3 pixels, expected 4 features"},
        BrokenModel{"ColumnsOfOtherFeatures",
                    [](auto& file) {
                      Sizes(file)[6] = 1;
                      file.metadata["column.0"] = "x";
                      file.metadata["column.0.0"] = "red";
                      file.metadata["column.0.1"] = "blue";
                    },
                    "found columns of 2 features, expected 4"},
        BrokenModel{"FewScales",
                    [](auto& file) {
                      file.tensors["scale"] = std::vector<double>{1, 1};
                    },
                    "found 4 means and 2 scales"},
        BrokenModel{
            "OneFill",
            [](auto& file) { file.tensors["fill"] = std::vector<double>{1}; },
            "found 1 values for what is missing"},
        BrokenModel{"AScaleOfNoTarget",
                    [](auto& file) {
                      file.tensors["target_scale"] = std::vector<double>{1};
                    },
                    "found 0 means and 1 scales of targets, expected 0"}),
    [](const auto& test) { return test.param.name; });

}  // namespace
}  // namespace attune

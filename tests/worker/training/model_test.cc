#include "worker/training/model.h"

#include <string>

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

}  // namespace
}  // namespace attune

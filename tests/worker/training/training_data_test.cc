#include "worker/training/training_data.h"

#include <fstream>
#include <string>

#include "gtest/gtest.h"
#include "tests/testing/idx_files.h"
#include "tests/testing/status_matchers.h"
#include "tests/testing/temporary_directory.h"
#include "tests/worker/training/small_data.h"

namespace attune {
namespace {

class TrainingDataTest : public testing::Test {
 protected:
  TrainingDataTest() {
    std::ofstream file(folder_.File("table.csv"));
    file << "x,target\n";
    for (int i = 0; i < 20; ++i) file << i << "," << i % 2 << "\n";
    WriteSmallFashionMnist(folder_.path(), 30);
    std::ofstream numbers(folder_.File("numbers.csv"));
    numbers << "x,target\n";
    for (int i = 0; i < 20; ++i) numbers << i << ",0." << i << "\n";
  }
  absl::StatusOr<TrainingData> Load(const std::string& name, uint64_t seed,
                                    Parameters settings = {}) {
    settings.Set("dataset", name);
    settings.AddMissing({{"validation_fraction", 0.25}});
    return LoadTrainingData(MakeConfig(settings), seed, cache_);
  }

  TemporaryDirectory folder_;
  nn::DatasetCache cache_{{folder_.path()}};
};

TEST_F(TrainingDataTest, SplitsByTheStudysSeed) {
  const TrainingData one = Load("table.csv", 1).value();
  EXPECT_EQ(one.split.train.size(), 15);
  EXPECT_EQ(one.split.validation.size(), 5);
  EXPECT_EQ(Load("table.csv", 1)->split.validation, one.split.validation);
  EXPECT_NE(Load("table.csv", 2)->split.validation, one.split.validation);
}

TEST_F(TrainingDataTest, StandardizesByTheTrainingExamplesAlone) {
  const TrainingData data = Load("table.csv", 1).value();
  double mean = 0.0;
  for (const int64_t example : data.split.train) {
    mean += static_cast<double>(example) / 15.0;
  }
  EXPECT_NEAR(data.scaling.mean[0], mean, 1e-9);
}

TEST_F(TrainingDataTest, ValidatesOnTheFold) {
  const auto load = [this](int64_t fold) {
    return Load("table.csv", 1, {{"folds", int64_t{4}}, {"fold", fold}})
        .value()
        .split;
  };
  EXPECT_EQ(load(3).validation.size(), 5);
  EXPECT_NE(load(3).validation, load(2).validation);
}

TEST_F(TrainingDataTest, ReadsTablesAsTheSettingsSay) {
  std::ofstream(folder_.File("odd.csv"))
      << "zip,y\n1,3\n2,1\n,2\n1,?\n2,4\n1,5\n1,1\n";
  Parameters settings = {{"target_column", std::string("y")},
                         {"task", std::string("classification")},
                         {"categorical", std::string("zip")},
                         {"missing", std::string("drop")}};
  const TrainingData data = Load("odd.csv", 1, settings).value();
  EXPECT_EQ(data.dataset->num_examples(), 5);
  EXPECT_EQ(data.dataset->num_features(), 2);
  EXPECT_EQ(data.dataset->num_classes(), 4);
  settings.Set("task", std::string("regression"));
  EXPECT_TRUE(Load("odd.csv", 1, settings)->dataset->is_regression());
}

TEST_F(TrainingDataTest, MadeUpDataFollowTheStudysSeed) {
  const Parameters settings = {{"samples", int64_t{40}}, {"noise", 0.0}};
  const nn::Dataset* const one = Load("moons", 1, settings)->dataset;
  EXPECT_EQ(one->num_examples(), 40);
  EXPECT_EQ(Load("moons", 1, settings)->dataset, one);
  EXPECT_NE(Load("moons", 2, settings)->dataset, one);
}

TEST_F(TrainingDataTest, WeighsClasses) {
  EXPECT_EQ(Load("table.csv", 1)->class_weights.size(), 0);
  const nn::Vector listed =
      Load("table.csv", 1, {{"class_weights", std::string("1,2.5")}})
          ->class_weights;
  ASSERT_EQ(listed.size(), 2);
  EXPECT_EQ(listed[1], 2.5);
  const TrainingData balanced =
      Load("table.csv", 1, {{"class_weights", std::string("balanced")}})
          .value();
  // 7 of one and 8 of the other.
  EXPECT_NEAR(balanced.class_weights.prod(), 7.5 / 7.0 * 7.5 / 8.0, 1e-12);
}

struct MisfitCase {
  std::string name;
  std::string dataset;
  Parameters settings;
  std::string why;
};

class MisfitTest : public TrainingDataTest,
                   public testing::WithParamInterface<MisfitCase> {};

TEST_P(MisfitTest, IsRefused) {
  EXPECT_THAT(Load(GetParam().dataset, 1, GetParam().settings),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       testing::HasSubstr(GetParam().why)));
}

INSTANTIATE_TEST_SUITE_P(
    All, MisfitTest,
    testing::Values(
        MisfitCase{"OtherNumberOfWeights",
                   "table.csv",
                   {{"class_weights", std::string("1,2,3")}},
                   "found 3, expected one for each of its 2 classes, 0, 1"},
        MisfitCase{"WeightsWithoutClasses",
                   "numbers.csv",
                   {{"class_weights", std::string("balanced")}},
                   "its target is a number, expected classes"},
        MisfitCase{"FlipWithoutImages",
                   "table.csv",
                   {{"flip", 0.5}},
                   "found no images"},
        MisfitCase{"ShiftOutOfTheImage",
                   "fashion-mnist",
                   {{"shift", int64_t{4}}},
                   "found 4 pixels and images of 4x4, expected fewer than 4"}),
    [](const auto& test) { return test.param.name; });

TEST_F(TrainingDataTest, StandardizesTargetsUnlessTheyAreChances) {
  const TrainingData data = Load("numbers.csv", 1).value();
  EXPECT_GT(data.scaling.target_scale[0], 2.0);
  const TrainingData chances =
      Load("numbers.csv", 1, {{"loss", std::string("binary_cross_entropy")}})
          .value();
  EXPECT_EQ(chances.scaling.target_scale[0], 1.0);
  EXPECT_EQ(chances.scaling.target_mean[0], 0.0);
}

TEST_F(TrainingDataTest, LeavesTargetsAsTheyAreIfToldSo) {
  const TrainingData data =
      Load("numbers.csv", 1, {{"standardize_targets", false}}).value();
  EXPECT_EQ(data.scaling.target_scale[0], 1.0);
  EXPECT_EQ(data.scaling.target_mean[0], 0.0);
}

TEST_F(TrainingDataTest, SaysThatAFileIsMissing) {
  EXPECT_THAT(Load("other.csv", 1), StatusIs(absl::StatusCode::kNotFound));
}

}  // namespace
}  // namespace attune

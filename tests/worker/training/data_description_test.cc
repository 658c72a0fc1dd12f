#include "worker/training/data_description.h"

#include <fstream>
#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/testing/idx_files.h"
#include "tests/testing/status_matchers.h"
#include "tests/testing/temporary_directory.h"

namespace attune {
namespace {

using testing::AllOf;
using testing::HasSubstr;

class DataDescriptionTest : public testing::Test {
 protected:
  DataDescriptionTest() {
    std::ofstream classes(folder_.File("classes.csv"));
    classes << "x,y,target\n";
    std::ofstream numbers(folder_.File("numbers.csv"));
    numbers << "x,target\n";
    for (int i = 0; i < 20; ++i) {
      classes << i << "," << i * i << (i % 2 == 0 ? ",even\n" : ",odd\n");
      numbers << i << ",0." << i << "\n";
    }
  }
  absl::StatusOr<std::string> Describe(const std::string& name,
                                       Parameters settings = {}) {
    settings.Set("dataset", name);
    return DescribeData(settings, cache_);
  }

  TemporaryDirectory folder_;
  nn::DatasetCache cache_{{folder_.path()}};
};

TEST_F(DataDescriptionTest, SaysWhatATableIs) {
  EXPECT_THAT(Describe("classes.csv", {{"validation_fraction", 0.25}}),
              IsOkAndHolds("classes.csv: classification, 20 examples of 2 "
                           "features, 2 classes; 15 to train on, 5 to validate "
                           "on"));
  EXPECT_THAT(Describe("numbers.csv", {{"validation_fraction", 0.25}}),
              IsOkAndHolds("numbers.csv: regression, 20 examples of 1 feature; "
                           "15 to train on, 5 to validate on"));
}

TEST_F(DataDescriptionTest, SaysWhatImagesAreAndHowManyAreKeptForTheEnd) {
  WriteSmallFashionMnist(folder_.path(), 240);
  EXPECT_THAT(
      Describe("fashion-mnist"),
      IsOkAndHolds(
          AllOf(HasSubstr("fashion-mnist: classification, 240 images of 4 x 4"),
                HasSubstr("200 to train on, 40 to validate on"))));
  EXPECT_THAT(Describe("xor"), IsOkAndHolds(HasSubstr(" to test with")));
}

TEST_F(DataDescriptionTest, TellsFolds) {
  EXPECT_THAT(
      Describe("classes.csv", {{"folds", int64_t{5}}}),
      IsOkAndHolds(HasSubstr("5 folds, each with 16 to train on, 4 to")));
}

TEST_F(DataDescriptionTest, PassesOverWhatTrialsComplete) {
  // Its `layers` are a parameter of the study.
  ATTUNE_EXPECT_OK(Describe("classes.csv", {{"network", std::string("cnn")}}));
}

TEST_F(DataDescriptionTest, RefusesWhatNoTrialCouldLearnFrom) {
  EXPECT_THAT(Describe("missing.csv"),
              StatusIs(absl::StatusCode::kNotFound,
                       AllOf(HasSubstr(folder_.File("missing.csv")),
                             HasSubstr("--data-dir"))));
  EXPECT_THAT(
      Describe("classes.csv", {{"target_column", std::string("colour")}}),
      StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("colour")));
  EXPECT_THAT(
      Describe("classes.csv", {{"class_weights", std::string("1,2,3")}}),
      StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("2 classes")));
}

}  // namespace
}  // namespace attune

#include "worker/training/training_data.h"

#include <fstream>
#include <string>

#include "gtest/gtest.h"
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
  }
  absl::StatusOr<TrainingData> Load(const std::string& name, uint64_t seed) {
    return LoadTrainingData(
        MakeConfig({{"dataset", name}, {"validation_fraction", 0.25}}), seed,
        cache_);
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
  EXPECT_NEAR(data.scaling.scale[0] * mean + data.scaling.offset[0], 0.0, 1e-9);
}

TEST_F(TrainingDataTest, SaysThatAFileIsMissing) {
  EXPECT_THAT(Load("other.csv", 1), StatusIs(absl::StatusCode::kNotFound));
}

}  // namespace
}  // namespace attune

#include "worker/training/prediction.h"

#include <fstream>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/testing/fake_clock.h"
#include "tests/testing/status_matchers.h"
#include "tests/testing/temporary_directory.h"
#include "tests/worker/training/small_data.h"
#include "worker/artifacts/trial_folder.h"
#include "worker/data/csv.h"
#include "worker/training/training_run.h"

namespace attune {
namespace {

using testing::AllOf;
using testing::HasSubstr;

class PredictionTest : public testing::Test {
 protected:
  // Learns from a table and reads the model that is kept.
  Model Learn(const nn::Dataset& dataset, const Parameters& settings) {
    const Assignment assignment = {
        .token = {.trial = {.study = {1}, .number = 1}},
        .study = "s",
        .task = NetworkTask{.settings = settings},
        .seed = 1};
    const auto run =
        TrainingRun::Create(assignment, MakeConfig(settings),
                            MakeTrainingData(dataset),
                            {.artifact_dir = folder_.path()}, &clock_)
            .value();
    while (std::holds_alternative<Measurement>(run->Advance({}).value())) {
    }
    return ReadModel(TrialFolder(folder_.path(), assignment).model_path())
        .value();
  }

  FakeClock clock_;
  TemporaryDirectory folder_;
};

// The class depends on the number and the colour.
std::string Table() {
  std::string text = "x,colour,target\n";
  for (int i = 0; i < 120; ++i) {
    const bool red = i % 3 == 0;
    text += std::to_string(i % 10) + (red ? ",red," : ",blue,") +
            ((i % 10 > 4) != red ? "yes" : "no") + "\n";
  }
  return text;
}

TEST_F(PredictionTest, SaysTheClassThatWasLearntAndHowSureItIs) {
  const nn::Dataset dataset = nn::ParseCsv(Table(), {}, "t").value();
  const Model model = Learn(dataset, {{"hidden_layers", int64_t{16}},
                                      {"learning_rate", 0.02},
                                      {"batch_size", int64_t{10}},
                                      {"epochs", int64_t{60}}});
  const std::string path = folder_.File("new.csv");
  std::ofstream(path) << "colour,x\nred,9\nblue,9\nred,0\nblue,0\n";
  const std::vector<Prediction> predictions =
      Predict(model, ReadExamples(model, path).value()).value();
  ASSERT_EQ(predictions.size(), 4);
  EXPECT_EQ(predictions[0].label, "no");
  EXPECT_EQ(predictions[1].label, "yes");
  EXPECT_EQ(predictions[2].label, "yes");
  EXPECT_EQ(predictions[3].label, "no");
  for (const Prediction& prediction : predictions) {
    EXPECT_GT(prediction.confidence, 0.9);
    EXPECT_LE(prediction.confidence, 1.0);
  }
}

TEST_F(PredictionTest, SaysNumbersInTheUnitsThatWereLearnt) {
  std::string text = "x,target\n";
  for (int i = 0; i < 100; ++i) {
    text += std::to_string(i) + "," + std::to_string(1000.5 + 20 * i) + "\n";
  }
  const nn::Dataset dataset = nn::ParseCsv(text, {}, "t").value();
  const Model model = Learn(dataset, {{"hidden_layers", std::string()},
                                      {"optimizer", std::string("sgd")},
                                      {"learning_rate", 0.1},
                                      {"batch_size", int64_t{10}},
                                      {"epochs", int64_t{100}}});
  const std::string path = folder_.File("new.csv");
  std::ofstream(path) << "x\n10\n50\n";
  const std::vector<Prediction> predictions =
      Predict(model, ReadExamples(model, path).value()).value();
  ASSERT_EQ(predictions.size(), 2);
  EXPECT_NEAR(predictions[0].targets.at(0), 1200.5, 1.0);
  EXPECT_NEAR(predictions[1].targets.at(0), 2000.5, 1.0);
}

TEST_F(PredictionTest, PredictsNothingForNoExamples) {
  const nn::Dataset dataset = nn::ParseCsv(Table(), {}, "t").value();
  const Model model = Learn(dataset, {{"epochs", int64_t{1}}});
  const std::string path = folder_.File("new.csv");
  std::ofstream(path) << "colour,x\n";
  EXPECT_THAT(Predict(model, ReadExamples(model, path).value()),
              IsOkAndHolds(testing::IsEmpty()));
}

TEST_F(PredictionTest, RefusesWhatIsNoModel) {
  const std::string path = folder_.File("model.safetensors");
  EXPECT_THAT(ReadModel(path),
              StatusIs(absl::StatusCode::kNotFound, HasSubstr(path)));
  std::ofstream(path) << "something else";
  EXPECT_THAT(ReadModel(path),
              StatusIs(absl::StatusCode::kDataLoss,
                       AllOf(HasSubstr(path), HasSubstr("found no model"))));
}

TEST_F(PredictionTest, RefusesWeightsThatDoNotFitTheSettings) {
  const nn::Dataset dataset = nn::ParseCsv(Table(), {}, "t").value();
  Model model = Learn(dataset, {{"epochs", int64_t{1}}});
  model.settings.Set("hidden_layers", int64_t{3});
  EXPECT_THAT(Predict(model, model.shape),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       HasSubstr("another version")));
}

}  // namespace
}  // namespace attune

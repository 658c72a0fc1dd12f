#include "worker/training/training_run.h"

#include <map>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/testing/fake_clock.h"
#include "tests/testing/status_matchers.h"
#include "tests/worker/training/small_data.h"

namespace attune {
namespace {

using testing::HasSubstr;

class TrainingRunTest : public testing::Test {
 protected:
  std::unique_ptr<TrainingRun> Start(Parameters settings) {
    return Start(std::move(settings), dataset_);
  }
  std::unique_ptr<TrainingRun> Start(Parameters settings,
                                     const nn::Dataset& dataset) {
    settings.insert({{"hidden_layers", int64_t{8}},
                     {"batch_size", int64_t{7}},
                     {"learning_rate", 0.01},
                     {"epochs", int64_t{5}}});
    return TrainingRun::Create(MakeConfig(settings), MakeTrainingData(dataset),
                               /*seed=*/3, &clock_)
        .value();
  }

  static Measurement NextMeasurement(TrainingRun& run) {
    return std::get<Measurement>(run.Advance({}).value());
  }

  const nn::Dataset dataset_ = MakeBlobs(80);
  FakeClock clock_;
};

TEST_F(TrainingRunTest, MeasuresEveryEpochAndThenIsFinished) {
  const auto run = Start({});
  for (int64_t epoch = 1; epoch <= 5; ++epoch) {
    EXPECT_EQ(NextMeasurement(*run).step, epoch);
  }
  EXPECT_EQ(std::get<Outcome>(run->Advance({}).value()), Outcome(Finished{}));
}

TEST_F(TrainingRunTest, LearnsWhatIsEasy) {
  const auto run = Start({{"epochs", int64_t{30}}});
  const double before = NextMeasurement(*run).metrics.at("training_loss");
  Measurement last;
  for (int epoch = 2; epoch <= 30; ++epoch) last = NextMeasurement(*run);
  EXPECT_LT(last.metrics.at("training_loss"), 0.5 * before);
  EXPECT_GT(last.metrics.at("validation_accuracy"), 0.8);
}

TEST_F(TrainingRunTest, LearnsALineAndMeasuresInItsUnits) {
  const nn::Dataset line = MakeLine(81);
  const auto run = Start({{"hidden_layers", std::string()},
                          {"optimizer", std::string("sgd")},
                          {"learning_rate", 0.1},
                          {"epochs", int64_t{60}}},
                         line);
  const double before = NextMeasurement(*run).metrics.at("validation_rmse");
  EXPECT_GT(before, 10.0);
  Measurement last;
  for (int epoch = 2; epoch <= 60; ++epoch) last = NextMeasurement(*run);
  EXPECT_LT(last.metrics.at("validation_rmse"), 5.0);
  EXPECT_GT(last.metrics.at("validation_r2"), 0.999);
  EXPECT_EQ(last.metrics.count("validation_accuracy"), 0u);
}

TEST_F(TrainingRunTest, RefusesALossThatDoesNotFitTheData) {
  const nn::Dataset line = MakeLine(12);
  EXPECT_THAT(
      TrainingRun::Create(MakeConfig({{"loss", std::string("cross_entropy")}}),
                          MakeTrainingData(line), 3, &clock_),
      StatusIs(absl::StatusCode::kInvalidArgument));
}

TEST_F(TrainingRunTest, SaysWhereTrainingDiverged) {
  const auto run =
      Start({{"optimizer", std::string("momentum")}, {"learning_rate", 1e9}});
  auto news = run->Advance({}).value();
  while (std::holds_alternative<Measurement>(news)) {
    news = run->Advance({}).value();
  }
  const auto outcome = std::get<Outcome>(news);
  EXPECT_THAT(std::get<Diverged>(outcome).reason,
              testing::AllOf(HasSubstr("the loss became"),
                             HasSubstr("the last finite loss was")));
}

TEST_F(TrainingRunTest, StopsWhenAsked) {
  const auto run = Start({});
  std::stop_source stop;
  stop.request_stop();
  EXPECT_THAT(run->Advance(stop.get_token()),
              StatusIs(absl::StatusCode::kCancelled, HasSubstr("epoch 1")));
}

}  // namespace
}  // namespace attune

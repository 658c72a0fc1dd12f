// What the schedules and the history of losses do to a TrainingRun.
#include <memory>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/testing/fake_clock.h"
#include "tests/testing/temporary_directory.h"
#include "tests/worker/training/small_data.h"
#include "worker/training/training_run.h"

namespace attune {
namespace {

using testing::DoubleEq;
using testing::ElementsAre;
using testing::SizeIs;

std::string Word(const char* word) { return word; }

class TrainingSchedulesTest : public testing::Test {
 protected:
  // `settings` instead of those of a small training whose epochs are one step
  // each.
  std::unique_ptr<TrainingRun> Start(Parameters settings,
                                     const std::string& artifact_dir = "") {
    settings.AddMissing({{"hidden_layers", int64_t{4}},
                         {"batch_size", Word("full")},
                         {"learning_rate", 0.4},
                         {"optimizer", Word("sgd")},
                         {"epochs", int64_t{5}}});
    return TrainingRun::Create({.study = "blobs",
                                .task = NetworkTask{.settings = settings},
                                .seed = 3},
                               MakeConfig(settings), MakeTrainingData(dataset_),
                               {.artifact_dir = artifact_dir,
                                .checkpoint_interval = absl::ZeroDuration()},
                               &clock_)
        .value();
  }

  // The metric after each epoch that is still to be measured.
  static std::vector<double> Finish(TrainingRun& run,
                                    const std::string& metric) {
    std::vector<double> values;
    while (true) {
      const auto news = run.Advance({}).value();
      const auto* const measurement = std::get_if<Measurement>(&news);
      if (measurement == nullptr) return values;
      values.push_back(measurement->metrics.at(metric));
    }
  }
  std::vector<double> Train(const Parameters& settings,
                            const std::string& metric) {
    return Finish(*Start(settings), metric);
  }

  const nn::Dataset dataset_ = MakeBlobs(80);
  FakeClock clock_;
};

TEST_F(TrainingSchedulesTest, TheLearningRateFollowsItsScheduleAfterAWarmup) {
  EXPECT_THAT(Train({{"schedule", Word("step")},
                     {"decay_epochs", int64_t{1}},
                     {"warmup_epochs", 2.0}},
                    "learning_rate"),
              ElementsAre(DoubleEq(0.2), DoubleEq(0.4), DoubleEq(0.4),
                          DoubleEq(0.2), DoubleEq(0.1)));
}

TEST_F(TrainingSchedulesTest, TheLearningRateFallsOnAPlateau) {
  // Only a loss a tenth as high would be an improvement.
  EXPECT_THAT(Train({{"schedule", Word("reduce_on_plateau")},
                     {"plateau_patience", int64_t{1}},
                     {"plateau_threshold", 0.9}},
                    "learning_rate"),
              ElementsAre(0.4, 0.4, 0.4, 0.2, 0.2));
}

TEST_F(TrainingSchedulesTest, TheLearningRateStaysWhileTheLossFalls) {
  EXPECT_THAT(Train({{"schedule", Word("reduce_on_plateau")},
                     {"plateau_patience", int64_t{0}},
                     {"plateau_threshold", 0.0}},
                    "learning_rate"),
              ElementsAre(0.4, 0.4, 0.4, 0.4, 0.4));
}

TEST_F(TrainingSchedulesTest, ThePlateauOutlivesAnInterruption) {
  const TemporaryDirectory folder;
  const Parameters settings = {{"schedule", Word("reduce_on_plateau")},
                               {"plateau_patience", int64_t{1}},
                               {"plateau_threshold", 0.9}};
  {
    const auto first = Start(settings, folder.path());
    for (int epoch = 1; epoch <= 2; ++epoch) (void)first->Advance({}).value();
  }
  EXPECT_THAT(Finish(*Start(settings, folder.path()), "learning_rate"),
              ElementsAre(0.4, 0.4, 0.4, 0.2, 0.2));
}

TEST_F(TrainingSchedulesTest, AMomentumThatRisesIsThatOfItsStep) {
  // v begins at 0, so the first momentum that counts is that of the second
  // step, which shows in its loss.
  const auto loss = [this](double second_momentum) {
    Parameters settings = {{"optimizer", Word("momentum")},
                           {"epochs", int64_t{2}}};
    Parameters ramp = settings;
    ramp.AddMissing({{"momentum_schedule", Word("linear")},
                     {"initial_momentum", 0.5},
                     {"momentum", 0.9},
                     {"momentum_epochs", int64_t{2}}});
    settings.Set("momentum", second_momentum);
    return std::pair(Train(ramp, "validation_loss").back(),
                     Train(settings, "validation_loss").back());
  };
  const auto [ramp, constant] = loss(0.7);
  EXPECT_DOUBLE_EQ(ramp, constant);
  const auto [same_ramp, other] = loss(0.9);
  EXPECT_NE(same_ramp, other);
}

TEST_F(TrainingSchedulesTest, TrainingEndsWhenPatienceIsOver) {
  // No loss falls by 10, so none is an improvement on the first.
  EXPECT_THAT(Train({{"early_stopping_patience", int64_t{2}},
                     {"early_stopping_delta", 10.0}},
                    "validation_loss"),
              SizeIs(3));
}

TEST_F(TrainingSchedulesTest, TrainingGoesOnWhileTheLossFalls) {
  EXPECT_THAT(
      Train({{"early_stopping_patience", int64_t{1}}}, "validation_loss"),
      SizeIs(5));
}

}  // namespace
}  // namespace attune

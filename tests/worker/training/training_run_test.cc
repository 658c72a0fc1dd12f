#include "worker/training/training_run.h"

#include <algorithm>
#include <filesystem>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/testing/fake_clock.h"
#include "tests/testing/status_matchers.h"
#include "tests/testing/temporary_directory.h"
#include "tests/worker/training/small_data.h"
#include "worker/artifacts/durable_file.h"
#include "worker/artifacts/tensor_file.h"
#include "worker/artifacts/trial_folder.h"
#include "worker/training/model.h"

namespace attune {
namespace {

using testing::HasSubstr;

// Where a trial keeps what it keeps, and its number.
struct Place {
  std::string artifact_dir;
  int64_t trial = 1;
  std::vector<std::string>* warnings = nullptr;  // of what could not be kept
  const Clock* clock = nullptr;  // one that stands still, unless it is given
};

// Every look at it is a second later than the one before.
class TickingClock : public Clock {
 public:
  absl::Time Now() const override {
    return absl::FromUnixSeconds(1'700'000'000 + ++looks_);
  }
  bool SleepUntil(absl::Time /*deadline*/, std::stop_token /*stop*/) override {
    return true;
  }

 private:
  mutable int64_t looks_ = 0;
};

class TrainingRunTest : public testing::Test {
 protected:
  // `settings` instead of those of a small and quick training.
  std::unique_ptr<TrainingRun> Start(const Parameters& settings,
                                     const Place& place = {}) {
    return Create(settings, dataset_, place).value();
  }
  absl::StatusOr<std::unique_ptr<TrainingRun>> Create(
      Parameters settings, const nn::Dataset& dataset,
      const Place& place = {}) {
    settings.AddMissing({{"hidden_layers", int64_t{8}},
                         {"batch_size", int64_t{7}},
                         {"learning_rate", 0.01},
                         {"epochs", int64_t{5}}});
    return TrainingRun::Create(
        MakeAssignment(settings, place.trial), MakeConfig(settings),
        MakeTrainingData(dataset),
        {.artifact_dir = place.artifact_dir,
         .checkpoint_interval = absl::ZeroDuration(),
         .warn =
             [to = place.warnings](const absl::Status& status) {
               if (to == nullptr) return;
               to->emplace_back(status.message());
             }},
        place.clock == nullptr ? &clock_ : place.clock);
  }

  static Assignment MakeAssignment(const Parameters& settings, int64_t trial) {
    return {.token = {.trial = {.study = {1}, .number = trial}},
            .study = "blobs",
            .task = NetworkTask{.settings = settings},
            .objectives = {{.metric = "validation_accuracy",
                            .goal = Goal::kMaximize}},
            .seed = static_cast<uint64_t>(trial)};
  }
  static TrialFolder FolderIn(const TemporaryDirectory& folder) {
    return {folder.path(), MakeAssignment({}, 1)};
  }

  // All that is still to be measured.
  static std::vector<Measurement> Finish(TrainingRun& run) {
    std::vector<Measurement> measurements;
    while (true) {
      const auto news = run.Advance({}).value();
      const auto* const measurement = std::get_if<Measurement>(&news);
      if (measurement == nullptr) return measurements;
      measurements.push_back(*measurement);
    }
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

// Gradient descent with the whole set, and with one example a step: the
// direction of the second is right on average only, which the curve shows.
TEST_F(TrainingRunTest, TheWholeSetFallsSteadilyAndSingleExamplesDoNot) {
  const auto train = [this](const Parameters& batch) {
    Parameters settings = batch;
    settings.AddMissing({{"optimizer", std::string("sgd")},
                         {"hidden_layers", std::string()},
                         {"epochs", int64_t{40}}});
    std::vector<double> losses;
    for (const Measurement& measurement : Finish(*Start(settings))) {
      losses.push_back(measurement.metrics.at("validation_loss"));
    }
    return losses;
  };
  const auto rises = [](const std::vector<double>& curve) {
    int count = 0;
    for (size_t i = 1; i < curve.size(); ++i) {
      if (curve[i] > curve[i - 1]) ++count;
    }
    return count;
  };
  const std::vector<double> whole =
      train({{"batch_size", std::string("full")}, {"learning_rate", 0.05}});
  const std::vector<double> single =
      train({{"batch_size", int64_t{1}}, {"learning_rate", 0.05}});
  EXPECT_EQ(rises(whole), 0);
  EXPECT_GT(rises(single), 0);
}

TEST_F(TrainingRunTest, TheWholeSetIsOneStepWhateverTheSeed) {
  // The weights begin alike, so that only the order could differ.
  const Parameters settings = {{"batch_size", std::string("full")},
                               {"optimizer", std::string("sgd")},
                               {"init", std::string("constant")}};
  const std::vector<Measurement> one = Finish(*Start(settings));
  const std::vector<Measurement> other = Finish(*Start(settings, {.trial = 2}));
  for (size_t i = 0; i < one.size(); ++i) {
    EXPECT_NEAR(one[i].metrics.at("validation_loss"),
                other[i].metrics.at("validation_loss"), 1e-12);
  }
}

TEST_F(TrainingRunTest, LearnsALineAndMeasuresInItsUnits) {
  const nn::Dataset line = MakeLine(81);
  const auto run = Create({{"hidden_layers", std::string()},
                           {"optimizer", std::string("sgd")},
                           {"learning_rate", 0.1},
                           {"epochs", int64_t{60}}},
                          line)
                       .value();
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
  EXPECT_THAT(Create({{"loss", std::string("cross_entropy")}}, line),
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

// With every kind of memory that a training has.
const Parameters kRestless = {{"optimizer", std::string("nadam")},
                              {"ema_decay", 0.9},
                              {"batch_norm", true},
                              {"dropout", 0.3},
                              {"schedule", std::string("cosine")}};

TEST_F(TrainingRunTest, GoesOnBitForBitWhereAnAttemptWasInterrupted) {
  const TemporaryDirectory folder;
  const std::vector<Measurement> whole = Finish(*Start(kRestless));
  {
    const auto first = Start(kRestless, {folder.path()});
    NextMeasurement(*first);
    NextMeasurement(*first);
  }
  // The second attempt repeats what may not have arrived.
  EXPECT_EQ(Finish(*Start(kRestless, {folder.path()})), whole);
}

TEST_F(TrainingRunTest, GoesOnBitForBitWithTheCurvatureOfLbfgs) {
  const Parameters lbfgs = {{"optimizer", std::string("lbfgs")},
                            {"batch_size", std::string("full")},
                            {"learning_rate", 1.0}};
  const TemporaryDirectory folder;
  const std::vector<Measurement> whole = Finish(*Start(lbfgs));
  {
    const auto first = Start(lbfgs, {folder.path()});
    NextMeasurement(*first);
    NextMeasurement(*first);
  }
  EXPECT_EQ(Finish(*Start(lbfgs, {folder.path()})), whole);
}

TEST_F(TrainingRunTest, TheTimeGoesOnWhereAnAttemptWasInterrupted) {
  const TickingClock clock;
  const TemporaryDirectory folder;
  const auto seconds = [](const std::vector<Measurement>& measurements) {
    std::vector<double> all;
    for (const Measurement& measurement : measurements) {
      all.push_back(measurement.metrics.at("elapsed_seconds"));
    }
    return all;
  };
  const std::vector<double> whole =
      seconds(Finish(*Start({}, {.clock = &clock})));
  ASSERT_EQ(whole.size(), 5u);
  EXPECT_GT(whole[0], 0.0);
  for (size_t i = 1; i < 5; ++i) EXPECT_GT(whole[i], whole[i - 1]);
  {
    const auto first =
        Start({}, {.artifact_dir = folder.path(), .clock = &clock});
    NextMeasurement(*first);
    NextMeasurement(*first);
  }
  EXPECT_EQ(seconds(Finish(
                *Start({}, {.artifact_dir = folder.path(), .clock = &clock}))),
            whole);
}

// 60 examples to train on are 9 minibatches of 7, the last one of 4.
TEST_F(TrainingRunTest, ReportsStepsOnTheWayAndTheSameEpochs) {
  Parameters reporting = kRestless;
  reporting.Set("report_every_steps", int64_t{4});
  const std::vector<Measurement> plain = Finish(*Start(kRestless));
  const std::vector<Measurement> all = Finish(*Start(reporting));
  std::vector<int64_t> steps;
  std::vector<Measurement> epochs;
  for (const Measurement& measurement : all) {
    steps.push_back(measurement.step);
    if (measurement.step % 9 == 0) epochs.push_back(measurement);
  }
  EXPECT_THAT(steps, testing::ElementsAre(4, 8, 9, 12, 16, 18, 20, 24, 27, 28,
                                          32, 36, 40, 44, 45));
  for (Measurement& measurement : epochs) {
    measurement.step /= 9;
    EXPECT_EQ(measurement.metrics.at("epoch"),
              static_cast<double>(measurement.step));
    measurement.metrics.erase("epoch");
  }
  EXPECT_EQ(epochs, plain);
  EXPECT_EQ(all[3].metrics.at("epoch"), 12.0 / 9.0);
}

TEST_F(TrainingRunTest, AReportHasTheMeanSinceTheLastOne) {
  const auto losses = [this](int64_t every) {
    std::vector<double> all;
    for (const Measurement& measurement : Finish(
             *Start({{"epochs", int64_t{1}}, {"report_every_steps", every}}))) {
      all.push_back(measurement.metrics.at("training_loss"));
    }
    return all;
  };
  const std::vector<double> ones = losses(1);
  const std::vector<double> fours = losses(4);
  ASSERT_EQ(ones.size(), 9u);
  ASSERT_EQ(fours.size(), 3u);
  EXPECT_NEAR(fours[0], (ones[0] + ones[1] + ones[2] + ones[3]) / 4.0, 1e-12);
  EXPECT_NEAR(fours[1], (ones[4] + ones[5] + ones[6] + ones[7]) / 4.0, 1e-12);
  // The epoch's own is over all of it.
  EXPECT_EQ(fours[2], ones[8]);
}

TEST_F(TrainingRunTest, GoesOnBitForBitWithReportsWithinEpochs) {
  Parameters reporting = kRestless;
  reporting.Set("report_every_steps", int64_t{4});
  const TemporaryDirectory folder;
  const std::vector<Measurement> whole = Finish(*Start(reporting));
  {
    // Lost in the third epoch, after a report of it.
    const auto first = Start(reporting, {folder.path()});
    while (NextMeasurement(*first).step < 20) {
    }
  }
  std::vector<std::string> warnings;
  EXPECT_EQ(Finish(*Start(reporting, {.artifact_dir = folder.path(),
                                      .warnings = &warnings})),
            whole);
  EXPECT_THAT(warnings, testing::IsEmpty());
}

TEST_F(TrainingRunTest, DoesNotRepeatTheEpochsOfACheckpoint) {
  const TemporaryDirectory folder;
  const std::string checkpoint = FolderIn(folder).checkpoint_path();
  {
    const auto first = Start(kRestless, {folder.path()});
    for (int epoch = 1; epoch <= 3; ++epoch) NextMeasurement(*first);
  }
  const auto written = std::filesystem::last_write_time(checkpoint);
  const auto second = Start(kRestless, {folder.path()});
  for (int epoch = 1; epoch <= 3; ++epoch) NextMeasurement(*second);
  EXPECT_EQ(std::filesystem::last_write_time(checkpoint), written);
  NextMeasurement(*second);
  EXPECT_NE(std::filesystem::last_write_time(checkpoint), written);
}

TEST_F(TrainingRunTest, BeginsAnewBesideTheCheckpointOfOtherSettings) {
  const TemporaryDirectory folder;
  NextMeasurement(*Start({{"dropout", 0.3}}, {folder.path()}));
  EXPECT_EQ(Finish(*Start({}, {folder.path()})), Finish(*Start({})));
}

// Damage that the file's checksum does not tell, as another version might have
// written it.
class DamagedCheckpointTest
    : public TrainingRunTest,
      public testing::WithParamInterface<
          std::pair<std::string, void (*)(TensorFile&)>> {};

TEST_P(DamagedCheckpointTest, ATrialBeginsAnewBesideIt) {
  const TemporaryDirectory folder;
  const TrialFolder files = FolderIn(folder);
  {
    const auto first = Start(kRestless, {folder.path()});
    NextMeasurement(*first);
    NextMeasurement(*first);
  }
  TensorFile file = files.ReadCheckpoint().value();
  GetParam().second(file);
  ATTUNE_ASSERT_OK(files.WriteCheckpoint(file));
  std::vector<std::string> warnings;
  const auto run =
      Start(kRestless, {.artifact_dir = folder.path(), .warnings = &warnings});
  EXPECT_THAT(warnings, testing::ElementsAre(
                            HasSubstr("going on from a checkpoint: it begins "
                                      "anew: found ")));
  EXPECT_TRUE(std::filesystem::exists(files.refused_path()));
  EXPECT_EQ(Finish(*run), Finish(*Start(kRestless)));
}

template <typename T>
std::vector<T>& TensorIn(TensorFile& file, const std::string& name) {
  return std::get<std::vector<T>>(file.tensors.at(name));
}

INSTANTIATE_TEST_SUITE_P(
    All, DamagedCheckpointTest,
    testing::Values(
        std::pair("version",
                  [](TensorFile& file) { file.metadata["format"] = "x"; }),
        std::pair("identity",
                  [](TensorFile& file) { file.metadata["identity"] = "x"; }),
        std::pair("weights",
                  [](TensorFile& file) {
                    TensorIn<nn::Scalar>(file, "params").pop_back();
                  }),
        std::pair("moments",
                  [](TensorFile& file) {
                    TensorIn<nn::Scalar>(file, "optimizer.0").pop_back();
                  }),
        std::pair("average",
                  [](TensorFile& file) {
                    TensorIn<nn::Scalar>(file, "optimizer.3").clear();
                  }),
        std::pair("type",
                  [](TensorFile& file) {
                    file.tensors["params"] = std::vector<int64_t>{1};
                  }),
        std::pair("epoch",
                  [](TensorFile& file) {
                    TensorIn<int64_t>(file, "counters")[0] = 3;
                  }),
        std::pair("measurements",
                  [](TensorFile& file) {
                    file.tensors.erase("measurements.validation_loss");
                  })),
    [](const auto& test) { return std::string(test.param.first); });

TEST_F(TrainingRunTest, LooksAtTheTestExamplesOnceAtTheEnd) {
  const Parameters settings = {{"epochs", int64_t{3}}};
  TrainingData data = MakeTrainingData(dataset_);
  data.test = &dataset_;
  const auto run =
      TrainingRun::Create({.task = NetworkTask{.settings = settings}},
                          MakeConfig(settings), std::move(data), {}, &clock_)
          .value();
  EXPECT_EQ(NextMeasurement(*run).metrics.count("test_accuracy"), 0);
  EXPECT_EQ(NextMeasurement(*run).metrics.count("test_accuracy"), 0);
  const Measurement last = NextMeasurement(*run);
  EXPECT_EQ(last.metrics.count("test_accuracy"), 1);
  EXPECT_EQ(last.metrics.count("test_loss"), 1);
}

TEST_F(TrainingRunTest, KeepsTheWeightsOfTheBestEpoch) {
  const TemporaryDirectory folder;
  const auto run = Start({{"learning_rate", 0.1}}, {folder.path()});
  const std::vector<Measurement> measurements = Finish(*run);
  size_t best = 0;
  for (size_t i = 0; i < measurements.size(); ++i) {
    if (measurements[i].metrics.at("validation_accuracy") >
        measurements[best].metrics.at("validation_accuracy")) {
      best = i;
    }
  }
  const std::string bytes =
      ReadWholeFile(FolderIn(folder).model_path()).value();
  const TensorFile model = DecodeTensors(bytes, "model").value();
  EXPECT_EQ(model.metadata.at("epoch"), absl::StrCat(best + 1));
}

TEST_F(TrainingRunTest, KeepsWhatTheModelTakesForWhat) {
  const TemporaryDirectory folder;
  const auto run = Start({{"learning_rate", 0.1}}, {folder.path()});
  double best = 0.0;
  for (const Measurement& measurement : Finish(*run)) {
    best = std::max(best, measurement.metrics.at("validation_accuracy"));
  }
  const std::string csv =
      ReadWholeFile(FolderIn(folder).confusion_path()).value();
  const std::vector<std::string> lines =
      absl::StrSplit(csv, '\n', absl::SkipEmpty());
  ASSERT_EQ(lines.size(), 4u);
  EXPECT_EQ(lines[0], "label,0,1,2");
  int all = 0;
  int right = 0;
  for (size_t row = 1; row <= 3; ++row) {
    const std::vector<std::string> cells = absl::StrSplit(lines[row], ',');
    ASSERT_EQ(cells.size(), 4u);
    for (size_t i = 1; i <= 3; ++i) all += std::stoi(cells[i]);
    right += std::stoi(cells[row]);
  }
  EXPECT_EQ(all, 20);
  EXPECT_DOUBLE_EQ(right / 20.0, best);
}

TEST_F(TrainingRunTest, KeepsNothingBesideAModelThatCouldNotBeKept) {
  const TemporaryDirectory folder;
  std::filesystem::create_directories(FolderIn(folder).model_path());
  std::vector<std::string> warnings;
  Finish(*Start({}, {.artifact_dir = folder.path(), .warnings = &warnings}));
  EXPECT_THAT(warnings, testing::Contains(HasSubstr("keeping the model")));
  EXPECT_FALSE(std::filesystem::exists(FolderIn(folder).confusion_path()));
}

TEST_F(TrainingRunTest, KeepsNoModelIfToldSo) {
  const TemporaryDirectory folder;
  const auto run =
      Start({{"keep_weights", std::string("none")}}, {folder.path()});
  Finish(*run);
  EXPECT_FALSE(std::filesystem::exists(FolderIn(folder).model_path()));
}

TEST_F(TrainingRunTest, KeepsAsManyModelsOfTheStudyAsTold) {
  const TemporaryDirectory folder;
  for (int64_t trial = 1; trial <= 4; ++trial) {
    const auto run =
        Start({{"keep_models", int64_t{2}}}, {folder.path(), trial});
    Finish(*run);
  }
  int models = 0;
  for (const auto& entry :
       std::filesystem::recursive_directory_iterator(folder.path())) {
    if (entry.path().filename() == "model.safetensors") ++models;
  }
  EXPECT_EQ(models, 2);
}

TEST_F(TrainingRunTest, LbfgsFallsInEveryEpochAndFast) {
  const auto run = Start({{"optimizer", std::string("lbfgs")},
                          {"batch_size", std::string("full")},
                          {"learning_rate", 1.0},
                          {"epochs", int64_t{20}}});
  double last = NextMeasurement(*run).metrics.at("training_loss");
  for (int epoch = 2; epoch <= 20; ++epoch) {
    const double loss = NextMeasurement(*run).metrics.at("training_loss");
    EXPECT_LT(loss, last);
    last = loss;
  }
  const auto adam = Start({{"batch_size", std::string("full")},
                           {"learning_rate", 0.05},
                           {"epochs", int64_t{20}}});
  double other = 0.0;
  for (int epoch = 1; epoch <= 20; ++epoch) {
    other = NextMeasurement(*adam).metrics.at("training_loss");
  }
  EXPECT_LT(last, 0.1 * other);
}

TEST_F(TrainingRunTest, MeasuresTheAverageOfTheWeightsAndTrainsThemselves) {
  const auto plain = Start({{"optimizer", std::string("sgd")}});
  const auto averaged =
      Start({{"optimizer", std::string("sgd")}, {"ema_decay", 0.9}});
  for (int epoch = 1; epoch <= 3; ++epoch) {
    const Measurement one = NextMeasurement(*plain);
    const Measurement other = NextMeasurement(*averaged);
    EXPECT_EQ(one.metrics.at("training_loss"),
              other.metrics.at("training_loss"));
    // Behind the weights while they improve.
    EXPECT_LT(one.metrics.at("validation_loss"),
              other.metrics.at("validation_loss"));
  }
}

TEST_F(TrainingRunTest, AveragesTheRunningStatisticsAsTheWeights) {
  // What a model has of batch_norm after so many steps.
  const auto statistics = [this](int64_t steps, double ema_decay) {
    const TemporaryDirectory folder;
    Finish(*Start({{"batch_size", std::string("full")},
                   {"batch_norm", true},
                   {"keep_weights", std::string("last")},
                   {"epochs", steps},
                   {"ema_decay", ema_decay}},
                  {folder.path()}));
    const std::string bytes =
        ReadWholeFile(FolderIn(folder).model_path()).value();
    return ModelFromTensors(DecodeTensors(bytes, "model").value())
        .value()
        .layer_state;
  };
  const nn::Vector one = statistics(1, 0.0);
  const nn::Vector two = statistics(2, 0.0);
  EXPECT_FALSE(one.isApprox(two));
  EXPECT_TRUE(statistics(2, 0.5).isApprox((0.5 * one + two) / 1.5));
}

class RegularizationSettingTest
    : public TrainingRunTest,
      public testing::WithParamInterface<std::string> {};

TEST_P(RegularizationSettingTest, ChangesTheCurve) {
  const auto plain = Start({});
  const auto changed = Start({{GetParam(), 0.5}});
  for (int epoch = 1; epoch <= 2; ++epoch) {
    NextMeasurement(*plain);
    NextMeasurement(*changed);
  }
  EXPECT_NE(NextMeasurement(*plain).metrics.at("validation_loss"),
            NextMeasurement(*changed).metrics.at("validation_loss"));
}

INSTANTIATE_TEST_SUITE_P(All, RegularizationSettingTest,
                         testing::Values("l1", "l2", "weight_decay",
                                         "clip_norm", "clip_value",
                                         "ema_decay"),
                         [](const auto& test) { return test.param; });

}  // namespace
}  // namespace attune

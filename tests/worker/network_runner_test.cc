#include "worker/network_runner.h"

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <set>
#include <stop_token>
#include <string>
#include <thread>
#include <vector>

#include "core/network_metrics.h"
#include "core/network_settings.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/testing/idx_files.h"
#include "tests/testing/status_matchers.h"
#include "worker/engine_choice.h"

namespace attune {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;

#if defined(__x86_64__)
const bool kHasBf16 = __builtin_cpu_supports("avx512bf16") != 0;
#else
const bool kHasBf16 = false;
#endif

struct Curve {
  std::vector<Measurement> measurements;
  Outcome outcome;
};

class NetworkRunnerTest : public testing::Test {
 protected:
  NetworkRunnerTest() : folder_(TestFolder()) {
    WriteSmallFashionMnist(folder_, 240);
    runner_ = NewNetworkRunner({.data_dir = folder_}, &clock_);
  }

  Assignment MakeAssignment(const Parameters& parameters) const {
    Assignment assignment;
    assignment.study = "small";
    assignment.task = NetworkTask{.settings = {{"hidden_layers", int64_t{16}},
                                               {"batch_size", int64_t{32}},
                                               {"learning_rate", 0.01},
                                               {"epochs", int64_t{4}}}};
    assignment.parameters = parameters;
    assignment.seed = 11;
    assignment.study_seed = 5;
    return assignment;
  }

  Curve Run(const Assignment& assignment) {
    const std::unique_ptr<TrialRun> run = runner_->Start(assignment).value();
    Curve curve;
    while (true) {
      auto news = run->Advance({}).value();
      if (auto* const outcome = std::get_if<Outcome>(&news)) {
        curve.outcome = *outcome;
        return curve;
      }
      curve.measurements.push_back(std::get<Measurement>(news));
    }
  }
  Curve Run(const Parameters& parameters) {
    return Run(MakeAssignment(parameters));
  }

  // What the last epoch measured.
  double Last(const Parameters& parameters, const std::string& metric) {
    return Run(parameters).measurements.back().metrics.at(metric);
  }

  // Of every epoch, as text, without what depends on how fast this machine is.
  static std::vector<std::string> Losses(const Curve& curve) {
    std::vector<std::string> texts;
    for (Measurement measurement : curve.measurements) {
      measurement.metrics.erase("samples_per_second");
      measurement.metrics.erase(kElapsedSeconds);
      std::string& text = texts.emplace_back();
      for (const auto& [metric, value] : measurement.metrics) {
        text += metric + "=" + ToString(ParameterValue(value)) + " ";
      }
    }
    return texts;
  }

  const std::string folder_;
  SystemClock clock_;
  std::unique_ptr<TrialRunner> runner_;
};

TEST_F(NetworkRunnerTest, ReportsEveryMetricInEveryEpochThenFinishes) {
  const Curve curve = Run(Parameters{});
  EXPECT_TRUE(std::holds_alternative<Finished>(curve.outcome));
  std::vector<int64_t> steps;
  for (const Measurement& measurement : curve.measurements) {
    steps.push_back(measurement.step);
    for (const std::string& metric : NetworkMetrics({})) {
      EXPECT_EQ(measurement.metrics.count(metric), 1) << metric;
    }
    EXPECT_EQ(measurement.metrics.size(), NetworkMetrics({}).size());
  }
  EXPECT_THAT(steps, ElementsAre(1, 2, 3, 4));
}

TEST_F(NetworkRunnerTest, Learns) {
  const Curve curve = Run({{"epochs", int64_t{30}}});
  EXPECT_LT(curve.measurements.back().metrics.at("training_loss"),
            0.2 * curve.measurements.front().metrics.at("training_loss"));
  EXPECT_GT(curve.measurements.back().metrics.at("validation_accuracy"), 0.9);
}

TEST_F(NetworkRunnerTest, TheSameSeedGivesTheSameCurveBitForBit) {
  const Assignment assignment = MakeAssignment({{"dropout", 0.3}});
  const std::vector<std::string> alone = Losses(Run(assignment));
  // And so it does while other slots train beside it.
  std::vector<std::vector<std::string>> together(3);
  std::vector<std::thread> threads;
  for (auto& curve : together) {
    threads.emplace_back([&] { curve = Losses(Run(assignment)); });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_THAT(together, testing::Each(alone));
}

TEST_F(NetworkRunnerTest, AnotherSeedGivesAnotherCurve) {
  Assignment assignment = MakeAssignment({});
  const std::vector<std::string> before = Losses(Run(assignment));
  assignment.seed = 12;
  EXPECT_NE(Losses(Run(assignment)), before);
}

TEST_F(NetworkRunnerTest, AnotherStudySeedValidatesOnOtherExamples) {
  Assignment assignment = MakeAssignment({});
  const std::vector<std::string> before = Losses(Run(assignment));
  assignment.study_seed = 6;
  EXPECT_NE(Losses(Run(assignment)), before);
}

TEST_F(NetworkRunnerTest, LearnsWithConvolutions) {
  const Parameters network = {
      {"network", std::string("cnn")},
      {"layers",
       std::string("conv 3x3x8 same, pool 2, conv 2x2x8, batch_norm, dense 8")},
      {"epochs", int64_t{30}}};
  const Curve curve = Run(network);
  EXPECT_LT(curve.measurements.back().metrics.at("training_loss"),
            0.2 * curve.measurements.front().metrics.at("training_loss"));
  EXPECT_GT(curve.measurements.back().metrics.at("validation_accuracy"), 0.9);
  EXPECT_EQ(Losses(Run(network)), Losses(curve));
}

TEST_F(NetworkRunnerTest, ReportsWithinEpochsWhatIsKnownWithoutMeasuring) {
  const Curve curve = Run({{"report_every_steps", int64_t{5}}});
  // 200 examples to train on in minibatches of 32.
  std::vector<int64_t> steps;
  for (const Measurement& measurement : curve.measurements) {
    steps.push_back(measurement.step);
    const bool is_epoch = measurement.step % 7 == 0;
    EXPECT_EQ(measurement.metrics.count("validation_loss"), is_epoch ? 1 : 0);
    EXPECT_EQ(measurement.metrics.at("epoch"),
              static_cast<double>(measurement.step) / 7.0);
    for (const char* const metric : {"training_loss", "learning_rate",
                                     "samples_per_second", kElapsedSeconds}) {
      EXPECT_EQ(measurement.metrics.count(metric), 1) << metric;
    }
  }
  EXPECT_THAT(steps, ElementsAre(5, 7, 10, 14, 15, 20, 21, 25, 28));
}

TEST_F(NetworkRunnerTest, RefusesToReportStepsOfSeveralFolds) {
  EXPECT_THAT(runner_->Start(MakeAssignment(
                  {{"folds", int64_t{2}}, {"report_every_steps", int64_t{5}}})),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       HasSubstr("expected it only beside `fold`")));
}

TEST_F(NetworkRunnerTest, RefusesLayersThatTheImagesAreTooSmallFor) {
  EXPECT_THAT(
      runner_->Start(MakeAssignment({{"network", std::string("cnn")},
                                     {"layers", std::string("conv 5x4x2")}})),
      StatusIs(absl::StatusCode::kInvalidArgument,
               HasSubstr("`conv 5x4x2`: found an image of 4x4 pixels, expected "
                         "at least 5x4")));
}

class NetworkSettingTest
    : public NetworkRunnerTest,
      public testing::WithParamInterface<std::pair<std::string, Parameters>> {};

// Each case changes one setting of a curve that has those beside it.
TEST_P(NetworkSettingTest, ChangesTheCurve) {
  Parameters changed = GetParam().second;
  Parameters plain = changed;
  plain.Erase(GetParam().first);
  EXPECT_NE(Losses(Run(changed)), Losses(Run(plain)));
}

std::string Word(const char* word) { return word; }

const std::pair<std::string, Parameters> kSettings[] = {
    {"learning_rate", {{"learning_rate", 0.02}}},
    {"batch_size", {{"batch_size", int64_t{16}}}},
    {"batch_size", {{"batch_size", Word("full")}}},
    {"epochs", {{"epochs", int64_t{3}}}},
    {"hidden_layers", {{"hidden_layers", Word("20,12")}}},
    {"activation", {{"activation", Word("tanh")}}},
    {"activation", {{"activation", Word("leaky_relu")}}},
    {"activation", {{"activation", Word("elu")}}},
    {"activation", {{"activation", Word("gelu")}}},
    {"activation", {{"activation", Word("swish")}}},
    {"activation", {{"activation", Word("sigmoid")}}},
    {"activation", {{"activation", Word("softplus")}}},
    {"init", {{"init", Word("xavier_uniform")}}},
    {"init", {{"init", Word("xavier_normal")}}},
    {"init", {{"init", Word("he_uniform")}}},
    {"init", {{"init", Word("lecun_uniform")}}},
    {"init", {{"init", Word("lecun_normal")}}},
    {"init", {{"init", Word("orthogonal")}}},
    {"init", {{"init", Word("truncated_normal")}}},
    {"init", {{"init", Word("constant")}}},
    {"fan_mode", {{"fan_mode", Word("out")}}},
    {"fan_mode", {{"fan_mode", Word("avg")}}},
    {"init_value", {{"init", Word("constant")}, {"init_value", 0.1}}},
    {"dropout", {{"dropout", 0.5}}},
    {"batch_norm", {{"batch_norm", true}}},
    {"residual", {{"residual", true}, {"hidden_layers", Word("9,9")}}},
    {"network", {{"network", Word("cnn")}, {"layers", Word("conv 2x2x4")}}},
    {"dropout",
     {{"network", Word("cnn")},
      {"layers", Word("conv 2x2x4, pool 2, dense 8")},
      {"dropout", 0.5}}},
    {"activation",
     {{"network", Word("cnn")},
      {"layers", Word("conv 2x2x4, batch_norm, pool 3")},
      {"activation", Word("gelu")}}},
    {"loss", {{"loss", Word("mse")}}},
    {"loss", {{"loss", Word("mae")}}},
    {"loss", {{"loss", Word("huber")}}},
    {"loss", {{"loss", Word("binary_cross_entropy")}}},
    {"label_smoothing", {{"label_smoothing", 0.1}}},
    {"huber_delta", {{"loss", Word("huber")}, {"huber_delta", 0.1}}},
    {"optimizer", {{"optimizer", Word("sgd")}}},
    {"momentum", {{"optimizer", Word("momentum")}, {"momentum", 0.5}}},
    {"momentum", {{"optimizer", Word("nesterov")}, {"momentum", 0.5}}},
    {"rho", {{"optimizer", Word("rmsprop")}, {"rho", 0.5}}},
    {"beta1", {{"beta1", 0.5}}},
    {"beta2", {{"beta2", 0.9}}},
    {"epsilon", {{"epsilon", 0.01}}},
    {"schedule", {{"schedule", Word("cosine")}}},
    {"schedule", {{"schedule", Word("linear")}}},
    {"schedule", {{"schedule", Word("step")}, {"decay_epochs", int64_t{1}}}},
    {"schedule", {{"schedule", Word("exponential")}}},
    {"schedule", {{"schedule", Word("inverse_time")}}},
    {"schedule", {{"schedule", Word("polynomial")}}},
    {"schedule", {{"schedule", Word("one_cycle")}}},
    {"decay_rate", {{"schedule", Word("exponential")}, {"decay_rate", 0.1}}},
    {"decay_epochs",
     {{"schedule", Word("linear")}, {"decay_epochs", int64_t{2}}}},
    {"decay_power", {{"schedule", Word("polynomial")}, {"decay_power", 1.0}}},
    {"final_learning_rate",
     {{"schedule", Word("cosine")}, {"final_learning_rate", 0.005}}},
    {"restart_epochs",
     {{"schedule", Word("cosine")}, {"restart_epochs", int64_t{1}}}},
    {"restart_factor",
     {{"schedule", Word("cosine")},
      {"restart_epochs", int64_t{1}},
      {"restart_factor", int64_t{2}}}},
    {"cycle_rise", {{"schedule", Word("one_cycle")}, {"cycle_rise", 0.5}}},
    {"cycle_divisor",
     {{"schedule", Word("one_cycle")}, {"cycle_divisor", 5.0}}},
    {"warmup_epochs", {{"warmup_epochs", 0.5}}},
    {"momentum_schedule",
     {{"optimizer", Word("momentum")}, {"momentum_schedule", Word("linear")}}},
    {"momentum_schedule",
     {{"optimizer", Word("nesterov")},
      {"momentum_schedule", Word("one_cycle")}}},
    {"initial_momentum",
     {{"optimizer", Word("momentum")},
      {"momentum_schedule", Word("linear")},
      {"initial_momentum", 0.0}}},
    {"momentum_epochs",
     {{"optimizer", Word("momentum")},
      {"momentum_schedule", Word("linear")},
      {"momentum_epochs", int64_t{1}}}},
    {"cycle_momentum",
     {{"optimizer", Word("momentum")},
      {"momentum_schedule", Word("one_cycle")},
      {"cycle_momentum", 0.5}}},
    {"early_stopping_delta",
     {{"early_stopping_patience", int64_t{1}}, {"early_stopping_delta", 9.0}}},
    {"train_examples", {{"train_examples", int64_t{64}}}},
    {"validation_fraction", {{"validation_fraction", 0.5}}},
    {"folds", {{"folds", int64_t{3}}}},
    {"fold", {{"folds", int64_t{3}}, {"fold", int64_t{1}}}},
    {"shift", {{"shift", int64_t{1}}}},
    {"flip", {{"flip", 0.5}}},
    {"class_weights", {{"class_weights", Word("1,2,0.5")}}},
    {"noise", {{"dataset", Word("moons")}, {"noise", 0.5}}},
    {"samples", {{"dataset", Word("moons")}, {"samples", int64_t{90}}}},
};

INSTANTIATE_TEST_SUITE_P(All, NetworkSettingTest, testing::ValuesIn(kSettings),
                         [](const auto& test) {
                           return test.param.first + "_" +
                                  std::to_string(test.index);
                         });

TEST_F(NetworkRunnerTest, ReportsTheRateOfTheEpochsLastStep) {
  // 200 training examples, one step an epoch.
  const Curve curve = Run({{"schedule", std::string("linear")},
                           {"batch_size", std::string("full")},
                           {"learning_rate", 0.4}});
  std::vector<double> rates;
  for (const Measurement& measurement : curve.measurements) {
    rates.push_back(measurement.metrics.at("learning_rate"));
  }
  EXPECT_THAT(rates,
              ElementsAre(0.4, testing::DoubleEq(0.3), testing::DoubleEq(0.2),
                          testing::DoubleEq(0.1)));
}

TEST_F(NetworkRunnerTest, ALossThatIsNotFiniteEndsTheTrial) {
  const Curve curve = Run({{"optimizer", std::string("sgd")},
                           {"hidden_layers", std::string("16,16")},
                           {"learning_rate", 1e9}});
  const auto* const diverged = std::get_if<Diverged>(&curve.outcome);
  ASSERT_NE(diverged, nullptr);
  EXPECT_THAT(diverged->reason,
              AllOf(HasSubstr("the loss became"), HasSubstr("at step "),
                    HasSubstr("(epoch 1); the last finite loss was ")));
}

TEST_F(NetworkRunnerTest, StopsWhenAsked) {
  const std::unique_ptr<TrialRun> run =
      runner_->Start(MakeAssignment({})).value();
  std::stop_source stop;
  ATTUNE_ASSERT_OK(run->Advance(stop.get_token()));
  stop.request_stop();
  EXPECT_THAT(run->Advance(stop.get_token()),
              StatusIs(absl::StatusCode::kCancelled, HasSubstr("epoch 2")));
}

TEST_F(NetworkRunnerTest, DiscardsTheCheckpointOfATrialThatIsOver) {
  const std::string kept = folder_ + "/kept";
  runner_ = NewNetworkRunner({.data_dir = folder_,
                              .artifact_dir = kept,
                              .checkpoint_interval = absl::ZeroDuration()},
                             &clock_);
  const auto count = [&kept] {
    using Iterator = std::filesystem::recursive_directory_iterator;
    return std::count_if(Iterator(kept), Iterator(), [](const auto& entry) {
      return entry.path().filename() == "checkpoint.safetensors";
    });
  };
  const Assignment assignment = MakeAssignment({});
  ATTUNE_ASSERT_OK(runner_->Start(assignment).value()->Advance({}));
  EXPECT_EQ(count(), 1);
  runner_->Discard(assignment);
  EXPECT_EQ(count(), 0);
}

TEST_F(NetworkRunnerTest, TrainsOnATable) {
  std::string table = "x,y,quadrant\n";
  for (int i = 0; i < 200; ++i) {
    const int x = i % 20 - 10;
    const int y = i / 20 - 5;
    table += std::to_string(x) + "," + std::to_string(y) + "," +
             (x < 0 ? "west" : "east") + "\n";
  }
  WriteFile(folder_ + "/points.csv", table);
  Assignment assignment = MakeAssignment({{"epochs", int64_t{30}}});
  std::get<NetworkTask>(assignment.task)
      .settings.Set("dataset", std::string("points.csv"));
  std::get<NetworkTask>(assignment.task)
      .settings.Set("target_column", std::string("quadrant"));
  EXPECT_GT(
      Run(assignment).measurements.back().metrics.at("validation_accuracy"),
      0.9);
}

// A table of 64 examples to train on and 32 to validate, whose numbers all
// begin at `origin`.
class OriginTest : public NetworkRunnerTest {
 protected:
  Assignment Assign(int64_t origin, const std::string& target) const {
    std::string table = "x,number,class\n";
    for (int i = 0; i < 96; ++i) {
      table += std::to_string(origin + i % 10) + "," +
               std::to_string(origin + i % 7) + ".5," +
               (i % 10 < 4 ? "low" : "high") + "\n";
    }
    const std::string name = std::to_string(origin) + ".csv";
    WriteFile(folder_ + "/" + name, table);
    return MakeAssignment({{"dataset", name},
                           {"target_column", target},
                           {"validation_fraction", 1.0 / 3.0}});
  }
};

TEST_F(OriginTest, ChangesNoCurve) {
  EXPECT_EQ(Losses(Run(Assign(1'700'000'000, "number"))),
            Losses(Run(Assign(0, "number"))));
}

TEST_F(OriginTest, ChangesNoPrediction) {
  const auto predict = [this](int64_t origin) {
    const std::string kept = folder_ + "/kept" + std::to_string(origin);
    runner_ =
        NewNetworkRunner({.data_dir = folder_, .artifact_dir = kept}, &clock_);
    Run(Assign(origin, "class"));
    PredictOptions options = {.input_path = folder_ + "/" +
                                            std::to_string(origin) + ".csv"};
    for (const auto& entry :
         std::filesystem::recursive_directory_iterator(kept)) {
      if (entry.path().filename() == "model.safetensors") {
        options.model_path = entry.path().string();
      }
    }
    return PredictFile(options);
  };
  const absl::StatusOr<std::string> of_small = predict(0);
  ATTUNE_ASSERT_OK(of_small);
  EXPECT_THAT(predict(1'700'000'000), IsOkAndHolds(*of_small));
}

TEST_F(NetworkRunnerTest, TheObjectiveSaysWhatATableIsOf) {
  std::string table = "x,target\n";
  for (int i = 0; i < 40; ++i) {
    table += std::to_string(i) + "," + std::to_string(i % 4) + "\n";
  }
  WriteFile(folder_ + "/whole.csv", table);
  Assignment assignment = MakeAssignment({});
  Parameters& settings = std::get<NetworkTask>(assignment.task).settings;
  settings.Set("dataset", std::string("whole.csv"));
  const auto metric_is_there = [&](const char* metric) {
    assignment.objectives = {{.metric = metric}};
    return Run(assignment).measurements.back().metrics.count(metric) == 1;
  };
  EXPECT_TRUE(metric_is_there("validation_accuracy"));
  EXPECT_TRUE(metric_is_there("validation_rmse"));
  settings.Set("task", std::string("classification"));
  EXPECT_FALSE(metric_is_there("validation_rmse"));
}

TEST_F(NetworkRunnerTest, TrainsInBf16WhereTheProcessorCan) {
  const Parameters bf16 = {{"precision", std::string("bf16")}};
  if (!kHasBf16) {
    EXPECT_THAT(runner_->Start(MakeAssignment(bf16)),
                StatusIs(absl::StatusCode::kFailedPrecondition,
                         HasSubstr("without AVX512-BF16")));
    return;
  }
  const Curve curve = Run(bf16);
  EXPECT_EQ(Losses(Run(bf16)), Losses(curve));
  const Curve in_float = Run(Parameters{});
  EXPECT_NE(Losses(in_float), Losses(curve));
  const auto loss = [](const Curve& of) {
    return of.measurements.back().metrics.at("validation_loss");
  };
  EXPECT_NEAR(loss(curve), loss(in_float), 0.05 * loss(in_float));
}

TEST_F(NetworkRunnerTest, AllFoldsAreTheMeansOfEach) {
  const auto loss = [this](const Parameters& parameters) {
    return Last(parameters, "validation_loss");
  };
  const auto fold = [&loss](int64_t number) {
    return loss({{"folds", int64_t{3}}, {"fold", number}});
  };
  EXPECT_NEAR(loss({{"folds", int64_t{3}}}),
              (fold(0) + fold(1) + fold(2)) / 3.0, 1e-12);
}

TEST_F(NetworkRunnerTest, LearnsFromMadeUpClasses) {
  const Parameters parameters = {{"dataset", Word("xor")},
                                 {"samples", int64_t{300}},
                                 {"epochs", int64_t{60}}};
  EXPECT_GT(Last(parameters, "validation_accuracy"), 0.9);
}

TEST_F(NetworkRunnerTest, LearnsToPredictANumber) {
  const Parameters parameters = {{"dataset", Word("friedman1")},
                                 {"samples", int64_t{400}},
                                 {"epochs", int64_t{60}}};
  EXPECT_GT(Last(parameters, "validation_r2"), 0.8);
}

TEST_F(NetworkRunnerTest, RefusesWhatIsNoNetwork) {
  Assignment assignment = MakeAssignment({});
  assignment.task = FunctionTask{.name = "sphere"};
  EXPECT_THAT(runner_->Start(assignment),
              StatusIs(absl::StatusCode::kInvalidArgument));
  EXPECT_THAT(
      runner_->Start(MakeAssignment({{"learning_rate", -1.0}})),
      StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("learning_rate")));
}

TEST_F(NetworkRunnerTest, SaysWhatIsMissingIfADatasetIs) {
  Assignment assignment = MakeAssignment({});
  std::get<NetworkTask>(assignment.task)
      .settings.Set("dataset", std::string("missing.csv"));
  EXPECT_THAT(runner_->Start(assignment),
              StatusIs(absl::StatusCode::kNotFound,
                       AllOf(HasSubstr(folder_ + "/missing.csv"),
                             HasSubstr("--data-dir"))));
}

TEST_F(NetworkRunnerTest, DescribesADatasetWithoutATrial) {
  EXPECT_THAT(DescribeDataset({.settings = R"({"dataset": "fashion-mnist"})",
                               .data_dir = folder_}),
              IsOkAndHolds(HasSubstr("240 images of 4 x 4, 3 classes")));
  EXPECT_THAT(DescribeDataset({.settings = "dataset", .data_dir = folder_}),
              StatusIs(absl::StatusCode::kDataLoss));
}

// The loader picks the best build that the processor runs, if it is not told
// otherwise. With sanitizers there is one build only.
TEST(EngineTest, IsBuiltForThisProcessor) {
#if defined(ATTUNE_TESTS_SANITIZED)
  EXPECT_STRNE(EngineName(), "");
#else
  const char* const chosen = std::getenv("ATTUNE_ENGINE");
  const EngineBuilds builds = EngineBuildsHere();
  EXPECT_EQ(EngineName(),
            chosen != nullptr ? chosen : builds.names[builds.runnable - 1]);
#endif
}

}  // namespace
}  // namespace attune

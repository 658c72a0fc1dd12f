#include "core/network_conflicts.h"

#include <string>
#include <utility>
#include <vector>

#include "core/network_settings.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace attune {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

std::string Text(const char* text) { return text; }

// As `field: description`.
std::vector<std::string> Conflicts(const Parameters& settings,
                                   std::vector<ParameterSpec> parameters = {}) {
  std::vector<Violation> violations;
  CheckConflicts(settings, {.parameters = std::move(parameters)}, violations);
  std::vector<std::string> texts;
  for (const Violation& violation : violations) {
    texts.push_back(violation.field + ": " + violation.description);
  }
  return texts;
}

TEST(CheckConflictsTest, ASettingCountsWhereAnotherHasItsWord) {
  EXPECT_THAT(
      Conflicts({{"restart_epochs", int64_t{2}}, {"schedule", Text("cosine")}}),
      IsEmpty());
  EXPECT_THAT(
      Conflicts({{"restart_epochs", int64_t{2}}, {"schedule", Text("linear")}}),
      ElementsAre("train.restart_epochs: found `restart_epochs: 2` where "
                  "`schedule` is linear, expected it only where "
                  "`schedule` is cosine"));
}

TEST(CheckConflictsTest, DefaultsCountAsWell) {
  EXPECT_THAT(
      Conflicts({{"momentum_epochs", int64_t{2}}}),
      ElementsAre(
          "train.momentum_epochs: found `momentum_epochs: 2` "
          "where `momentum_schedule` is constant by default, expected it "
          "only where `momentum_schedule` is linear"));
  EXPECT_THAT(
      Conflicts({{"momentum_schedule", Text("linear")}}),
      ElementsAre(
          "train.momentum_schedule: found `momentum_schedule: linear` "
          "where `optimizer` is adam by default, expected it only where "
          "`optimizer` is momentum or nesterov"));
}

TEST(CheckConflictsTest, AnOptimizerHasItsOwnSettings) {
  EXPECT_THAT(
      Conflicts({{"momentum", 0.5}, {"optimizer", Text("sgd")}}),
      ElementsAre(
          "train.momentum: found `momentum: 0.5` where `optimizer` is sgd, "
          "expected it only where `optimizer` is momentum or "
          "nesterov"));
  EXPECT_THAT(Conflicts({{"momentum", 0.5}, {"optimizer", Text("nesterov")}}),
              IsEmpty());
}

// A setting, an optimizer that has it, and the one most like it that has not.
struct OfOptimizer {
  std::string setting;
  const char* has;
  const char* has_not;
};
class OptimizerSettingTest : public testing::TestWithParam<OfOptimizer> {};

TEST_P(OptimizerSettingTest, CountsWhereTheRuleHasIt) {
  const auto& [setting, has, has_not] = GetParam();
  const ParameterValue value =
      FindNetworkSetting(setting)->type == SettingType::kBool
          ? ParameterValue(false)
          : ParameterValue(0.5);
  EXPECT_THAT(Conflicts({{setting, value}, {"optimizer", Text(has)}}),
              IsEmpty());
  EXPECT_THAT(Conflicts({{setting, value}, {"optimizer", Text(has_not)}}),
              testing::SizeIs(1));
}

INSTANTIATE_TEST_SUITE_P(
    Settings, OptimizerSettingTest,
    testing::Values(OfOptimizer{"momentum", "momentum", "rmsprop"},
                    OfOptimizer{"rho", "adadelta", "adagrad"},
                    OfOptimizer{"beta1", "lion", "rmsprop"},
                    OfOptimizer{"beta2", "nadam", "rmsprop"},
                    OfOptimizer{"epsilon", "adadelta", "lion"},
                    OfOptimizer{"epsilon_inside_root", "adagrad", "adadelta"},
                    OfOptimizer{"bias_correction", "amsgrad", "rmsprop"}));

TEST(CheckConflictsTest, NoModelsStayWhereNoneIsKept) {
  EXPECT_THAT(Conflicts({{"keep_models", int64_t{2}}}), IsEmpty());
  EXPECT_THAT(
      Conflicts({{"keep_models", int64_t{2}}, {"keep_weights", Text("none")}}),
      testing::SizeIs(1));
}

TEST(CheckConflictsTest, OneTrialThatNeedsItIsEnough) {
  const ParameterSpec rate = {.name = "decay_power",
                              .domain = DoubleRange{.min = 1.0, .max = 3.0}};
  EXPECT_THAT(
      Conflicts({}, {{.name = "schedule",
                      .domain = Choice{{Text("cosine"), Text("polynomial")}}},
                     rate}),
      IsEmpty());
  EXPECT_THAT(
      Conflicts({}, {{.name = "schedule",
                      .domain = Choice{{Text("cosine"), Text("linear")}}},
                     rate}),
      ElementsAre("parameters.decay_power: found `decay_power` where "
                  "`schedule` is cosine or linear, expected it only where "
                  "`schedule` is polynomial"));
}

TEST(CheckConflictsTest, LayersAreThoseOfTheNetwork) {
  const std::pair<std::string, ParameterValue> layers = {"layers",
                                                         Text("pool 2")};
  EXPECT_THAT(Conflicts({{"network", Text("cnn")}, layers}), IsEmpty());
  EXPECT_THAT(
      Conflicts({layers}),
      ElementsAre("train.layers: found `layers: pool 2` where `network` is "
                  "mlp by default, expected it only where `network` is cnn"));
  EXPECT_THAT(
      Conflicts({{"network", Text("lenet")}, {"hidden_layers", Text("8")}}),
      ElementsAre(
          "train.hidden_layers: found `hidden_layers: 8` where `network` "
          "is lenet, expected it only where `network` is mlp"));
}

TEST(CheckConflictsTest, ACnnNeedsLayers) {
  EXPECT_THAT(Conflicts({{"network", Text("cnn")}}),
              ElementsAre("train.network: found `cnn` without `layers`, "
                          "expected both"));
  EXPECT_THAT(
      Conflicts({}, {{.name = "network",
                      .domain = Choice{{Text("mlp"), Text("cnn")}}}}),
      ElementsAre("parameters.network: found `cnn` without `layers`, expected "
                  "both"));
  EXPECT_THAT(Conflicts({}, {{.name = "network",
                              .domain = Choice{{Text("mlp"), Text("cnn")}}},
                             {.name = "layers",
                              .domain = Choice{{Text("pool 2")}},
                              .when = Condition{"network", {Text("cnn")}}}}),
              IsEmpty());
}

TEST(CheckConflictsTest, TrialsWithoutAParameterHaveTheSetting) {
  const ParameterSpec optimizer = {
      .name = "optimizer", .domain = Choice{{Text("sgd"), Text("adam")}}};
  const ParameterSpec schedule = {
      .name = "schedule",
      .domain = Choice{{Text("linear"), Text("step")}},
      .when = Condition{.parameter = "optimizer", .any_of = {Text("sgd")}}};
  const Parameters settings = {{"schedule", Text("cosine")},
                               {"restart_epochs", int64_t{2}}};
  EXPECT_THAT(Conflicts(settings, {optimizer, schedule}), IsEmpty());
}

TEST(CheckConflictsTest, WhatIsNoWordIsReportedElsewhere) {
  const Parameters settings = {{"schedule", Text("cosin")},
                               {"restart_epochs", int64_t{2}}};
  EXPECT_THAT(Conflicts(settings), IsEmpty());
  EXPECT_THAT(ValidateNetworkTask(settings, {}), testing::SizeIs(1));
}

TEST(CheckConflictsTest, AWarmupLeavesEpochs) {
  EXPECT_THAT(Conflicts({{"epochs", int64_t{3}}, {"warmup_epochs", 2.5}}),
              IsEmpty());
  EXPECT_THAT(
      Conflicts({{"epochs", int64_t{3}}, {"warmup_epochs", int64_t{3}}}),
      ElementsAre("train.warmup_epochs: found `warmup_epochs: 3` where "
                  "`epochs` is 3, expected fewer than all `epochs`"));
  EXPECT_THAT(
      Conflicts({{"warmup_epochs", 3.0}},
                {{.name = "epochs", .domain = IntRange{.min = 2, .max = 9}}}),
      IsEmpty());
}

TEST(CheckConflictsTest, ADeltaNeedsPatience) {
  EXPECT_THAT(Conflicts({{"early_stopping_delta", 0.1}}),
              ElementsAre("train.early_stopping_delta: found "
                          "`early_stopping_delta: 0.1` without "
                          "`early_stopping_patience`, expected both"));
  EXPECT_THAT(Conflicts({{"early_stopping_delta", 0.1},
                         {"early_stopping_patience", int64_t{2}}}),
              IsEmpty());
}

TEST(CheckConflictsTest, StepsAreReportedWhereAnEpochHasSeveral) {
  const auto with = [](Parameters settings) {
    settings.Set("report_every_steps", int64_t{10});
    return Conflicts(settings);
  };
  const std::string found =
      "train.report_every_steps: found `report_every_steps: 10` where ";
  EXPECT_THAT(with({}), IsEmpty());
  EXPECT_THAT(
      with({{"batch_size", Text("full")}}),
      ElementsAre(found + "`batch_size` is full, so that an epoch is one step, "
                          "expected minibatches"));
  EXPECT_THAT(
      with({{"optimizer", Text("lbfgs")}}),
      ElementsAre(found + "`optimizer` is lbfgs, so that an epoch is one step, "
                          "expected minibatches"));
  EXPECT_THAT(with({{"folds", int64_t{5}}, {"fold", int64_t{0}}}), IsEmpty());
  EXPECT_THAT(
      with({{"folds", int64_t{5}}}),
      ElementsAre(found + "a trial trains on each of `folds: 5`, which report "
                          "together after each epoch, expected it only beside "
                          "`fold`"));
}

TEST(CheckConflictsTest, AFactorNeedsRestarts) {
  const Parameters settings = {{"schedule", Text("cosine")},
                               {"restart_factor", int64_t{2}}};
  EXPECT_THAT(Conflicts(settings),
              ElementsAre("train.restart_factor: found `restart_factor: 2` "
                          "without `restart_epochs`, expected both"));
  EXPECT_THAT(Conflicts(settings, {{.name = "restart_epochs",
                                    .domain = IntRange{.min = 0, .max = 4}}}),
              IsEmpty());
}

TEST(CheckConflictsTest, ALinearModelHasNothingOfHiddenLayers) {
  EXPECT_THAT(
      Conflicts({{"hidden_layers", Text("")}, {"dropout", 0.2}}),
      ElementsAre(
          "train.dropout: found `dropout: 0.2` where `hidden_layers` is "
          "empty, expected it only where there are hidden layers"));
  EXPECT_THAT(
      Conflicts({{"depth", int64_t{0}},
                 {"width", int64_t{8}},
                 {"activation", Text("tanh")},
                 {"batch_norm", true}}),
      ElementsAre(testing::HasSubstr("`activation: tanh` where `depth` is 0"),
                  testing::HasSubstr("`batch_norm: true` where `depth`")));
  EXPECT_THAT(Conflicts({{"hidden_layers", Text("")}}), IsEmpty());
}

TEST(CheckConflictsTest, OneTrialWithHiddenLayersIsEnough) {
  const Parameters dropout = {{"dropout", 0.2}};
  EXPECT_THAT(Conflicts(dropout, {{.name = "hidden_layers",
                                   .domain = Choice{{Text(""), Text("8")}}}}),
              IsEmpty());
  EXPECT_THAT(Conflicts(dropout, {{.name = "depth",
                                   .domain = IntRange{.min = 0, .max = 2}}}),
              IsEmpty());
  EXPECT_THAT(
      Conflicts({{"network", Text("lenet")}, {"activation", Text("tanh")}}),
      IsEmpty());
}

TEST(CheckConflictsTest, DropoutOfACnnWantsADenseLayer) {
  const auto with = [](const char* layers) {
    return Conflicts(
        {{"network", Text("cnn")}, {"layers", Text(layers)}, {"dropout", 0.2}});
  };
  EXPECT_THAT(with("conv 3x3x4, pool 2, dropout 0.1"),
              ElementsAre(testing::StartsWith(
                  "train.dropout: found `dropout` where no `layers` have a "
                  "dense layer, behind which it acts, expected one")));
  EXPECT_THAT(with("conv 3x3x4, dense 8"), IsEmpty());
  EXPECT_THAT(with("konv 3x3x4"), IsEmpty());  // reported elsewhere
}

TEST(CheckConflictsTest, ActivationOfACnnWantsAConvOrADenseLayer) {
  const auto with = [](const char* layers) {
    return Conflicts({{"network", Text("cnn")},
                      {"layers", Text(layers)},
                      {"activation", Text("tanh")}});
  };
  EXPECT_THAT(with("pool 2, batch_norm"),
              ElementsAre(testing::HasSubstr("found `activation` where no")));
  EXPECT_THAT(with("pool 2, conv 3x3x4"), IsEmpty());
  EXPECT_THAT(with("pool 2, dense 8"), IsEmpty());
}

TEST(CheckConflictsTest, OneListWithADenseLayerIsEnoughForDropout) {
  const ParameterSpec layers = {
      .name = "layers",
      .domain = Choice{{Text("conv 3x3x4"), Text("conv 3x3x4, dense 8")}}};
  EXPECT_THAT(Conflicts({{"network", Text("cnn")}, {"dropout", 0.2}}, {layers}),
              IsEmpty());
  EXPECT_THAT(Conflicts({{"layers", Text("conv 3x3x4")}, {"dropout", 0.2}},
                        {{.name = "network",
                          .domain = Choice{{Text("cnn"), Text("mlp")}}}}),
              IsEmpty());
}

TEST(ValidateNetworkTaskTest, FindsConflicts) {
  EXPECT_THAT(ValidateNetworkTask({{"decay_power", 3.0}}, {}),
              testing::SizeIs(1));
}

TEST(CheckConflictsTest, ALossHasItsOwnSettings) {
  EXPECT_THAT(Conflicts({{"label_smoothing", 0.1}}), IsEmpty());
  EXPECT_THAT(Conflicts({{"label_smoothing", 0.1}, {"loss", Text("mse")}}),
              ElementsAre("train.label_smoothing: found `label_smoothing: 0.1` "
                          "where `loss` is mse, expected it only where `loss` "
                          "is auto or cross_entropy"));
  EXPECT_THAT(
      Conflicts({{"huber_delta", 2.0}}),
      ElementsAre(
          "train.huber_delta: found `huber_delta: 2.0` where `loss` "
          "is auto by default, expected it only where `loss` is huber"));
  EXPECT_THAT(Conflicts({{"class_weights", Text("balanced")},
                         {"loss", Text("binary_cross_entropy")}}),
              testing::SizeIs(1));
  EXPECT_THAT(Conflicts({{"dataset", Text("friedman1")},
                         {"standardize_targets", false},
                         {"loss", Text("binary_cross_entropy")}}),
              testing::SizeIs(1));
}

TEST(CheckConflictsTest, AnInitHasItsOwnSettings) {
  EXPECT_THAT(Conflicts({{"fan_mode", Text("out")}}), IsEmpty());
  EXPECT_THAT(
      Conflicts({{"fan_mode", Text("out")}, {"init", Text("xavier_normal")}}),
      ElementsAre(testing::HasSubstr("`init` is xavier_normal")));
  EXPECT_THAT(Conflicts({{"init_value", 0.5}}),
              ElementsAre(testing::HasSubstr("only where `init` is constant")));
}

TEST(CheckConflictsTest, BatchNormWantsMoreThanOneExample) {
  EXPECT_THAT(Conflicts({{"batch_norm", true}, {"batch_size", int64_t{2}}}),
              IsEmpty());
  EXPECT_THAT(
      Conflicts({{"batch_norm", true}, {"batch_size", int64_t{1}}}),
      ElementsAre(
          "train.batch_norm: found `batch_norm: true` where `batch_size` is "
          "1, expected more: a single example has no variance"));
}

TEST(CheckConflictsTest, ResidualWantsTwoLayersOfOneWidth) {
  const auto with = [](const char* layers) {
    return Conflicts({{"residual", true}, {"hidden_layers", Text(layers)}});
  };
  EXPECT_THAT(with("64,32,32"), IsEmpty());
  EXPECT_THAT(
      with("32,64,32"),
      ElementsAre("train.residual: found `residual: true` where "
                  "`hidden_layers` is 32,64,32, expected a hidden layer "
                  "that is as wide as the one before it, as in "
                  "`128,128`"));
  // One layer of 128 is the default.
  EXPECT_THAT(Conflicts({{"residual", true}}), testing::SizeIs(1));
}

TEST(CheckConflictsTest, ResidualWantsADepthOfTwo) {
  const auto with = [](int64_t depth) {
    return Conflicts(
        {{"residual", true}, {"depth", depth}, {"width", int64_t{16}}});
  };
  EXPECT_THAT(with(1), testing::SizeIs(1));
  EXPECT_THAT(with(2), IsEmpty());
}

TEST(CheckConflictsTest, ATunedStructureMaySuitResidual) {
  EXPECT_THAT(
      Conflicts({{"residual", true}, {"width", int64_t{16}}},
                {{.name = "depth", .domain = IntRange{.min = 1, .max = 4}}}),
      IsEmpty());
}

}  // namespace
}  // namespace attune

#include <string>
#include <vector>

#include "core/network_settings.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/testing/status_matchers.h"

namespace attune {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::Field;
using testing::HasSubstr;
using testing::IsEmpty;

std::string Text(const char* text) { return text; }

auto Wrong(const std::string& field, const std::string& part) {
  return AllOf(Field("field", &Violation::field, field),
               Field("description", &Violation::description, HasSubstr(part)));
}

SearchSpace Space(const std::string& name, Domain domain) {
  SearchSpace space;
  space.parameters = {{.name = name, .domain = std::move(domain)}};
  return space;
}

const NetworkConfig kDefaults = {.dataset = "fashion-mnist",
                                 .train_examples = 0,
                                 .network = "mlp",
                                 .hidden_layers = {128},
                                 .activation = "relu",
                                 .initialization = "he_normal",
                                 .fan_mode = "in",
                                 .init_value = 0.01,
                                 .dropout = 0.0,
                                 .batch_norm = false,
                                 .residual = false,
                                 .precision = "float",
                                 .loss = "auto",
                                 .label_smoothing = 0.0,
                                 .huber_delta = 1.0,
                                 .standardize_targets = true,
                                 .optimizer = "adam",
                                 .learning_rate = 0.001,
                                 .momentum = 0.9,
                                 .rho = 0.9,
                                 .beta1 = 0.9,
                                 .beta2 = 0.999,
                                 .epsilon = 1e-8,
                                 .epsilon_inside_root = false,
                                 .bias_correction = true,
                                 .centered = false,
                                 .rmsprop_momentum = 0.0,
                                 .lbfgs_history = 10,
                                 .l1 = 0.0,
                                 .l2 = 0.0,
                                 .weight_decay = 0.0,
                                 .clip_norm = 0.0,
                                 .clip_value = 0.0,
                                 .ema_decay = 0.0,
                                 .schedule = "constant",
                                 .decay_rate = 0.5,
                                 .decay_epochs = 5,
                                 .decay_power = 2.0,
                                 .final_learning_rate = 0.0,
                                 .restart_epochs = 0,
                                 .restart_factor = 1,
                                 .cycle_rise = 0.3,
                                 .cycle_divisor = 25.0,
                                 .plateau_patience = 10,
                                 .plateau_threshold = 1e-4,
                                 .plateau_cooldown = 0,
                                 .warmup_epochs = 0.0,
                                 .momentum_schedule = "constant",
                                 .initial_momentum = 0.5,
                                 .momentum_epochs = 5,
                                 .cycle_momentum = 0.85,
                                 .batch_size = 64,
                                 .epochs = 10,
                                 .early_stopping_patience = 0,
                                 .early_stopping_delta = 0.0,
                                 .validation_fraction = 1.0 / 6.0,
                                 .target_column = "target",
                                 .task = "auto",
                                 .missing = "refuse",
                                 .samples = 1000,
                                 .noise = 0.05,
                                 .keep_weights = "best",
                                 .keep_models = 3};

TEST(ResolveNetworkConfigTest, HasDefaults) {
  ATTUNE_ASSERT_OK_AND_ASSIGN(const NetworkConfig config,
                              ResolveNetworkConfig({}, {}));
  EXPECT_EQ(config, kDefaults);
}

// A legal value that is not the default.
ParameterValue OtherValue(const Setting& setting) {
  std::vector<ParameterValue> values = {
      0.25,        0.5,         2.0,           int64_t{1}, int64_t{2},
      int64_t{20}, true,        false,         Text("3"),  Text("a.csv"),
      Text("a,b"), Text("1,2"), Text("pool 2")};
  for (const absl::string_view word : setting.words) {
    values.emplace_back(std::string(word));
  }
  for (const ParameterValue& value : values) {
    if (value != setting.default_value &&
        CheckSetting(setting, value) == std::nullopt) {
      return value;
    }
  }
  ADD_FAILURE() << "no value for " << setting.name;
  return setting.default_value;
}

TEST(ResolveNetworkConfigTest, TakesEverySettingByItsName) {
  ATTUNE_ASSERT_OK_AND_ASSIGN(const NetworkConfig defaults,
                              ResolveNetworkConfig({}, {}));
  for (const Setting& setting : NetworkSettings()) {
    SCOPED_TRACE(std::string(setting.name));
    Parameters settings = {{std::string(setting.name), OtherValue(setting)}};
    if (setting.name == "depth") settings.Set("width", int64_t{7});
    if (setting.name == "width") settings.Set("depth", int64_t{3});
    if (setting.name == "network") settings.Set("layers", Text("pool 2"));
    if (setting.name == "layers") settings.Set("network", Text("cnn"));
    ATTUNE_ASSERT_OK_AND_ASSIGN(const NetworkConfig config,
                                ResolveNetworkConfig(settings, {}));
    EXPECT_NE(config, defaults);
  }
}

TEST(ResolveNetworkConfigTest, AnEndThatIsNotSaidIsThatOfTheTraining) {
  const Parameters linear = {{"schedule", Text("linear")}};
  const Parameters three = {{"decay_epochs", int64_t{3}}};
  EXPECT_EQ(ResolveNetworkConfig(linear, {})->decay_epochs, 0);
  EXPECT_EQ(ResolveNetworkConfig(linear, three)->decay_epochs, 3);
  EXPECT_EQ(ResolveNetworkConfig({}, {{"schedule", Text("polynomial")}})
                ->decay_epochs,
            0);
}

TEST(ResolveNetworkConfigTest, TakesWhatIsSaidOfTheData) {
  ATTUNE_ASSERT_OK_AND_ASSIGN(
      const NetworkConfig config,
      ResolveNetworkConfig({{"folds", int64_t{4}},
                            {"fold", int64_t{2}},
                            {"categorical", Text("zip,month")},
                            {"class_weights", Text("1,2.5")}},
                           {}));
  EXPECT_EQ(config.folds, 4);
  EXPECT_EQ(config.fold, 2);
  EXPECT_THAT(config.categorical, ElementsAre("zip", "month"));
  EXPECT_THAT(config.class_weights, ElementsAre(1.0, 2.5));
  EXPECT_FALSE(config.balanced_classes);
}

TEST(ResolveNetworkConfigTest, ClassesCanBeBalanced) {
  ATTUNE_ASSERT_OK_AND_ASSIGN(
      const NetworkConfig config,
      ResolveNetworkConfig({{"class_weights", Text("balanced")}}, {}));
  EXPECT_TRUE(config.balanced_classes);
  EXPECT_THAT(config.class_weights, IsEmpty());
}

TEST(ResolveNetworkConfigTest, AParameterOverridesTheSettingOfItsName) {
  ATTUNE_ASSERT_OK_AND_ASSIGN(
      const NetworkConfig config,
      ResolveNetworkConfig({{"epochs", int64_t{3}}, {"dropout", 0.1}},
                           {{"epochs", int64_t{7}},
                            {"learning_rate", int64_t{1}},
                            {"batch_size", Text("full")}}));
  EXPECT_EQ(config.epochs, 7);
  EXPECT_EQ(config.dropout, 0.1);
  EXPECT_EQ(config.learning_rate, 1.0);
  EXPECT_EQ(config.batch_size, 0);
}

TEST(ResolveNetworkConfigTest, TakesTheOptimizersOwnDefaults) {
  const auto with = [](const char* optimizer, Parameters settings) {
    settings.Set("optimizer", Text(optimizer));
    return ResolveNetworkConfig({}, settings).value();
  };
  EXPECT_EQ(with("adamw", {}).weight_decay, 0.01);
  EXPECT_EQ(with("lion", {}).beta2, 0.99);
  EXPECT_EQ(with("lion", {}).learning_rate, 1e-4);
  EXPECT_EQ(with("adagrad", {}).epsilon, 1e-10);
  EXPECT_EQ(with("adadelta", {}).learning_rate, 1.0);
  EXPECT_EQ(with("lbfgs", {}).batch_size, 0);
  // What is set counts more.
  EXPECT_EQ(with("adadelta", {{"learning_rate", 0.5}}).learning_rate, 0.5);
}

struct LayersCase {
  std::string name;
  Parameters settings;
  std::vector<int64_t> layers;
};

class HiddenLayersTest : public testing::TestWithParam<LayersCase> {};

TEST_P(HiddenLayersTest, AreResolved) {
  ATTUNE_ASSERT_OK_AND_ASSIGN(const NetworkConfig config,
                              ResolveNetworkConfig(GetParam().settings, {}));
  EXPECT_EQ(config.hidden_layers, GetParam().layers);
}

INSTANTIATE_TEST_SUITE_P(
    All, HiddenLayersTest,
    testing::Values(LayersCase{"None", {{"hidden_layers", Text("")}}, {}},
                    LayersCase{
                        "Three", {{"hidden_layers", Text("4,5,6")}}, {4, 5, 6}},
                    LayersCase{"Integer", {{"hidden_layers", int64_t{4}}}, {4}},
                    LayersCase{"DepthAndWidth",
                               {{"depth", int64_t{3}}, {"width", int64_t{8}}},
                               {8, 8, 8}},
                    LayersCase{"DepthZero", {{"depth", int64_t{0}}}, {}},
                    LayersCase{"DepthZeroAndWidth",
                               {{"depth", int64_t{0}}, {"width", int64_t{8}}},
                               {}}),
    [](const auto& test) { return test.param.name; });

TEST(ResolveNetworkConfigTest, RefusesAllThatIsWrongAtOnce) {
  const auto config =
      ResolveNetworkConfig({{"epoch", int64_t{3}}, {"optimizer", Text("adm")}},
                           {{"dropout", 1.0}, {"lr", 0.1}});
  EXPECT_THAT(config, StatusIs(absl::StatusCode::kInvalidArgument));
  EXPECT_THAT(
      Violations(config.status()),
      ElementsAre(Wrong("train.epoch", "did you mean `epochs`?"),
                  Wrong("train.optimizer", "did you mean `adam`?"),
                  Wrong("parameters.dropout", "below 1.0"),
                  Wrong("parameters.lr", "did you mean `learning_rate`?")));
}

TEST(ResolveNetworkConfigTest, KnowsLenetsLayers) {
  ATTUNE_ASSERT_OK_AND_ASSIGN(
      const NetworkConfig config,
      ResolveNetworkConfig({{"network", Text("lenet")}}, {}));
  EXPECT_EQ(config.layers, ParseLayerList(kLenetLayers).value());
}

TEST(ResolveNetworkConfigTest, AnMlpHasNoListOfLayers) {
  ATTUNE_ASSERT_OK_AND_ASSIGN(
      const NetworkConfig config,
      ResolveNetworkConfig({{"layers", Text("conv 3x3x4")}},
                           {{"network", Text("mlp")}}));
  EXPECT_THAT(config.layers, IsEmpty());
}

TEST(ResolveNetworkConfigTest, ACnnNeedsLayers) {
  EXPECT_THAT(
      Violations(ResolveNetworkConfig({}, {{"network", Text("cnn")}}).status()),
      ElementsAre(Wrong("parameters.network", "`cnn` without `layers`")));
}

TEST(ResolveNetworkConfigTest, SaysWhichLayerIsWrong) {
  EXPECT_THAT(
      Violations(ResolveNetworkConfig({{"network", Text("cnn")},
                                       {"layers", Text("conv 3x3x4, pol 2")}},
                                      {})
                     .status()),
      ElementsAre(Wrong("train.layers[1]", "did you mean `pool`?")));
}

TEST(ResolveNetworkConfigTest, RefusesContradictingLayers) {
  EXPECT_THAT(Violations(ResolveNetworkConfig({{"hidden_layers", Text("4")}},
                                              {{"depth", int64_t{1}}})
                             .status()),
              ElementsAre(Wrong("parameters.depth", "beside `hidden_layers`")));
  EXPECT_THAT(
      Violations(ResolveNetworkConfig({{"depth", int64_t{1}}}, {}).status()),
      ElementsAre(Wrong("train.depth", "found `depth` without `width`")));
  EXPECT_THAT(
      Violations(ResolveNetworkConfig({}, {{"width", int64_t{1}}}).status()),
      ElementsAre(Wrong("parameters.width", "found `width` without `depth`")));
}

TEST(ValidateNetworkTaskTest, AcceptsTheDesignsStudy) {
  SearchSpace space;
  space.parameters = {
      {.name = "optimizer",
       .domain = Choice{{Text("sgd"), Text("momentum"), Text("adam")}}},
      {.name = "learning_rate",
       .domain = DoubleRange{.min = 1e-4, .max = 0.5, .scale = Scale::kLog}},
      {.name = "momentum",
       .domain = DoubleRange{.min = 0.5, .max = 0.99},
       .when = Condition{"optimizer", {Text("momentum")}}},
      {.name = "batch_size", .domain = Discrete{{int64_t{32}, int64_t{64}}}},
      {.name = "dropout", .domain = DoubleRange{.min = 0.0, .max = 0.6}},
      {.name = "hidden_layers",
       .domain = Choice{{Text("256,128"), Text("64")}}},
      {.name = "epochs", .domain = IntRange{.min = 1, .max = 20}}};
  EXPECT_THAT(ValidateNetworkTask({{"dataset", Text("fashion-mnist")}}, space),
              IsEmpty());
}

TEST(ValidateNetworkTaskTest, BatchSizesMayMixNumbersAndFull) {
  EXPECT_THAT(ValidateNetworkTask(
                  {}, Space("batch_size", Choice{{int64_t{32}, Text("full")}})),
              IsEmpty());
}

TEST(ValidateNetworkTaskTest, NumbersMayBeTunedAsIntegers) {
  EXPECT_THAT(ValidateNetworkTask(
                  {}, Space("learning_rate", IntRange{.min = 1, .max = 3})),
              IsEmpty());
}

struct TuneCase {
  std::string name;
  std::string setting;
  Domain domain;
  std::string field;
  std::string part;
};

class InvalidTuningTest : public testing::TestWithParam<TuneCase> {};

TEST_P(InvalidTuningTest, IsRefusedWithItsField) {
  EXPECT_THAT(ValidateNetworkTask(GetParam().setting == "layers"
                                      ? Parameters{{"network", Text("cnn")}}
                                      : Parameters{},
                                  Space(GetParam().setting, GetParam().domain)),
              ElementsAre(Wrong(GetParam().field, GetParam().part)));
}

INSTANTIATE_TEST_SUITE_P(
    All, InvalidTuningTest,
    testing::Values(
        TuneCase{"Unknown", "learning_rat", DoubleRange{},
                 "parameters.learning_rat", "did you mean `learning_rate`?"},
        TuneCase{"UnknownAndFar", "temperature", DoubleRange{},
                 "parameters.temperature", "(`attune settings` lists them)"},
        TuneCase{"OtherName", "lr", DoubleRange{}, "parameters.lr",
                 "did you mean `learning_rate`?"},
        TuneCase{"FormerName", "label_column", Choice{},
                 "parameters.label_column", "did you mean `target_column`?"},
        TuneCase{"RangeForNames", "class_weights", IntRange{},
                 "parameters.class_weights", "each `none`, `balanced`, or"},
        TuneCase{"RangeForLayers", "layers", IntRange{}, "parameters.layers",
                 "each a list of layers"},
        TuneCase{"WrongLayer", "layers",
                 Choice{{Text("pool 2"), Text("pool 2, pool")}},
                 "parameters.layers.values[1][1]", "found `pool`"},
        TuneCase{"NotTunable", "dataset", Choice{{Text("a.csv")}},
                 "parameters.dataset", "`dataset` is set under `train`"},
        TuneCase{"DoublesForIntegers", "epochs",
                 DoubleRange{.min = 1.0, .max = 5.0}, "parameters.epochs",
                 "write `min` and `max` without a point"},
        TuneCase{"DoublesForBatches", "batch_size",
                 DoubleRange{.min = 1.0, .max = 5.0}, "parameters.batch_size",
                 "without a point"},
        TuneCase{"RangeForWords", "optimizer", IntRange{},
                 "parameters.optimizer",
                 "expected a list of values, each one of sgd"},
        TuneCase{"DoublesForTruth", "bias_correction", DoubleRange{},
                 "parameters.bias_correction", "each true or false"},
        TuneCase{"MinTooSmall", "learning_rate",
                 DoubleRange{.min = 0.0, .max = 0.1},
                 "parameters.learning_rate.min", "of at least 1e-30"},
        TuneCase{"MaxTooLarge", "epochs", IntRange{.min = 1, .max = 100'001},
                 "parameters.epochs.max", "from 1 to 100000"},
        TuneCase{"WrongValue", "init",
                 Choice{{Text("he_normal"), Text("he_unifrom")}},
                 "parameters.init.values[1]", "did you mean `he_uniform`?"},
        TuneCase{"FractionListed", "epochs", Discrete{{int64_t{1}, 2.5}},
                 "parameters.epochs.values[1]", "without a point"}),
    [](const auto& test) { return test.param.name; });

TEST(ValidateNetworkTaskTest, DataAreCheckedTogether) {
  EXPECT_THAT(ValidateNetworkTask({{"fold", int64_t{1}}}, {}),
              ElementsAre(Wrong("train.fold", "without `folds`")));
}

TEST(ValidateNetworkTaskTest, LayersAreGivenOneWay) {
  SearchSpace space = Space("depth", IntRange{.min = 1, .max = 3});
  EXPECT_THAT(ValidateNetworkTask({{"width", int64_t{32}}}, space), IsEmpty());
  EXPECT_THAT(
      ValidateNetworkTask({}, space),
      ElementsAre(Wrong("parameters.depth", "found `depth` without `width`")));
  EXPECT_THAT(
      ValidateNetworkTask(
          {{"width", int64_t{32}}, {"hidden_layers", Text("4")}}, space),
      ElementsAre(Wrong("parameters.depth", "beside `hidden_layers`"),
                  Wrong("train.width", "beside `hidden_layers`")));
}

}  // namespace
}  // namespace attune

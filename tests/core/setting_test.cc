#include <fstream>
#include <iterator>
#include <limits>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "core/network_settings.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace attune {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Optional;
using testing::SizeIs;

std::string Text(const char* text) { return text; }

std::optional<std::string> Check(absl::string_view name,
                                 const ParameterValue& value) {
  const Setting* setting = FindNetworkSetting(name);
  if (setting == nullptr) return "no such setting";
  return CheckSetting(*setting, value);
}

TEST(NetworkSettingsTest, WhatATrainingDependsOnCanBeTuned) {
  for (const char* name :
       {"learning_rate", "momentum", "beta1", "beta2", "rho", "epsilon",
        "batch_size", "epochs", "hidden_layers", "depth", "width", "dropout",
        "init", "optimizer", "schedule", "activation", "batch_norm", "loss",
        "label_smoothing"}) {
    const Setting* setting = FindNetworkSetting(name);
    ASSERT_NE(setting, nullptr) << name;
    EXPECT_TRUE(setting->tunable) << name;
  }
  for (const char* name : {"dataset", "train_examples", "validation_fraction",
                           "folds", "target_column", "task", "categorical",
                           "missing", "samples", "noise"}) {
    const Setting* setting = FindNetworkSetting(name);
    ASSERT_NE(setting, nullptr) << name;
    EXPECT_FALSE(setting->tunable) << name;
  }
}

TEST(NetworkSettingsTest, WhatOfTheDataChangesATrialCanBeTuned) {
  for (const char* name : {"fold", "shift", "flip", "class_weights"}) {
    EXPECT_TRUE(FindNetworkSetting(name)->tunable) << name;
  }
}

TEST(NetworkSettingsTest, TheDocumentsHaveEverySettingAndItsWords) {
  std::string documents;
  for (const char* name : {"training.md", "data.md"}) {
    std::ifstream file(std::string(ATTUNE_SOURCE_DIR "/docs/") + name);
    ASSERT_TRUE(file.good()) << name;
    documents.append(std::istreambuf_iterator<char>(file), {});
  }
  // As `name`, `name: value` or `other: value`.
  const auto has = [&documents](const std::string& word) {
    return absl::StrContains(documents, "`" + word + "`") ||
           absl::StrContains(documents, "`" + word + ": ") ||
           absl::StrContains(documents, ": " + word + "`");
  };
  for (const Setting& setting : NetworkSettings()) {
    EXPECT_TRUE(has(std::string(setting.name))) << setting.name;
    for (const absl::string_view word : setting.words) {
      EXPECT_TRUE(has(std::string(word))) << setting.name << ": " << word;
    }
  }
}

TEST(CheckSettingTest, NumbersLieInTheirRange) {
  EXPECT_EQ(Check("dropout", 0.0), std::nullopt);
  EXPECT_EQ(Check("dropout", int64_t{0}), std::nullopt);
  EXPECT_THAT(Check("dropout", 1.0),
              Optional(Text("found the number `1.0`, expected a number of at "
                            "least 0.0 and below 1.0")));
  EXPECT_THAT(Check("learning_rate", 0.0),
              Optional(HasSubstr("expected a number of at least 1e-30")));
  EXPECT_EQ(Check("decay_rate", 1.0), std::nullopt);
  EXPECT_NE(Check("decay_rate", 0.0), std::nullopt);
  EXPECT_NE(Check("momentum", std::numeric_limits<double>::quiet_NaN()),
            std::nullopt);
  EXPECT_THAT(Check("momentum", Text("0.9")),
              Optional(HasSubstr("found the text `0.9`")));
}

TEST(CheckSettingTest, WhatLimitsStepsIsNoRoundingError) {
  for (const char* name : {"clip_norm", "clip_value"}) {
    EXPECT_EQ(Check(name, 0.0), std::nullopt) << name;
    EXPECT_EQ(Check(name, 1e-12), std::nullopt) << name;
    EXPECT_THAT(Check(name, 1e-13),
                Optional(Text("found the number `1e-13`, expected 0 or a "
                              "number of at least 1e-12 and of at most "
                              "1000000000.0")))
        << name;
    EXPECT_NE(Check(name, -1.0), std::nullopt) << name;
  }
  EXPECT_EQ(Check("huber_delta", 1e-12), std::nullopt);
  EXPECT_THAT(Check("huber_delta", 1e-13),
              Optional(HasSubstr("expected a number of at least 1e-12")));
  EXPECT_NE(Check("huber_delta", 0.0), std::nullopt);
}

TEST(CheckSettingTest, WhatStepsMultiplyByIsNotZeroInFloat) {
  for (const char* name : {"learning_rate", "epsilon"}) {
    EXPECT_EQ(Check(name, 1e-30), std::nullopt) << name;
    EXPECT_NE(Check(name, 1e-31), std::nullopt) << name;
    EXPECT_NE(Check(name, 0.0), std::nullopt) << name;
  }
}

TEST(CheckSettingTest, ATextIsNotEmpty) {
  EXPECT_EQ(Check("target_column", Text("y")), std::nullopt);
  EXPECT_THAT(Check("target_column", Text("")),
              Optional(Text("found the text ``, expected a text that is not "
                            "empty")));
}

TEST(CheckSettingTest, IntegersAreIntegers) {
  EXPECT_EQ(Check("epochs", int64_t{1}), std::nullopt);
  EXPECT_THAT(Check("epochs", 3.0),
              Optional(Text("found the number `3.0`, expected an integer from "
                            "1 to 100000, written without a point")));
  EXPECT_THAT(Check("epochs", int64_t{0}),
              Optional(HasSubstr("found the integer `0`")));
  EXPECT_NE(Check("epochs", true), std::nullopt);
  EXPECT_EQ(Check("depth", int64_t{0}), std::nullopt);
  EXPECT_NE(Check("width", int64_t{0}), std::nullopt);
}

TEST(CheckSettingTest, WordsAreKnown) {
  EXPECT_EQ(Check("optimizer", Text("nesterov")), std::nullopt);
  EXPECT_THAT(Check("activation", Text("rellu")),
              Optional(AllOf(HasSubstr("found the text `rellu`, expected one "
                                       "of relu, "),
                             HasSubstr("did you mean `relu`?"))));
  EXPECT_NE(Check("optimizer", true), std::nullopt);
}

TEST(CheckSettingTest, BatchesAreIntegersOrFull) {
  EXPECT_EQ(Check("batch_size", int64_t{1}), std::nullopt);
  EXPECT_EQ(Check("batch_size", Text("full")), std::nullopt);
  EXPECT_THAT(Check("batch_size", Text("half")),
              Optional(HasSubstr("or `full`")));
  EXPECT_NE(Check("batch_size", int64_t{0}), std::nullopt);
  EXPECT_NE(Check("batch_size", 32.0), std::nullopt);
}

TEST(CheckSettingTest, LayersAreWidths) {
  EXPECT_EQ(Check("hidden_layers", Text("256,128")), std::nullopt);
  EXPECT_EQ(Check("hidden_layers", Text("")), std::nullopt);
  EXPECT_EQ(Check("hidden_layers", int64_t{64}), std::nullopt);
  EXPECT_THAT(Check("hidden_layers", Text("256,0")),
              Optional(HasSubstr("as in `256,128`")));
  EXPECT_NE(Check("hidden_layers", int64_t{0}), std::nullopt);
  EXPECT_NE(Check("hidden_layers", true), std::nullopt);
}

TEST(CheckSettingTest, TheRestIsCheckedToo) {
  EXPECT_EQ(Check("bias_correction", false), std::nullopt);
  EXPECT_THAT(Check("bias_correction", int64_t{1}),
              Optional(HasSubstr("expected true or false")));
  EXPECT_EQ(Check("dataset", Text("fashion-mnist")), std::nullopt);
  EXPECT_EQ(Check("dataset", Text("/data/irises.csv")), std::nullopt);
  EXPECT_THAT(Check("dataset", Text("fashion_mnist")),
              Optional(HasSubstr("expected one of fashion-mnist, cifar-10")));
  EXPECT_NE(Check("target_column", Text("")), std::nullopt);
  EXPECT_NE(Check("target_column", std::string(1001, 'x')), std::nullopt);
}

TEST(CheckSettingTest, NamesAreNames) {
  EXPECT_EQ(Check("categorical", Text("zip,month")), std::nullopt);
  EXPECT_THAT(Check("categorical", Text("")),
              Optional(HasSubstr("expected names of columns")));
  EXPECT_NE(Check("categorical", int64_t{1}), std::nullopt);
}

TEST(CheckSettingTest, WeightsAreAWordOrNumbersAbove0) {
  EXPECT_EQ(Check("class_weights", Text("none")), std::nullopt);
  EXPECT_EQ(Check("class_weights", Text("balanced")), std::nullopt);
  EXPECT_EQ(Check("class_weights", Text("1,2.5")), std::nullopt);
  EXPECT_THAT(
      Check("class_weights", Text("1,0")),
      Optional(HasSubstr("a number above 0 and of at most 1000000000.0 for "
                         "each class")));
  EXPECT_NE(Check("class_weights", Text("1,2e9")), std::nullopt);
  EXPECT_NE(Check("class_weights", Text("even")), std::nullopt);
  EXPECT_NE(Check("class_weights", int64_t{1}), std::nullopt);
}

TEST(ParseWeightsTest, ReadsNumbersAbove0) {
  EXPECT_THAT(ParseWeights("1,2.5"), Optional(ElementsAre(1.0, 2.5)));
  EXPECT_THAT(ParseWeights("1e-3"), Optional(ElementsAre(0.001)));
}

class BadWeightsTest : public testing::TestWithParam<const char*> {};

TEST_P(BadWeightsTest, AreNoWeights) {
  EXPECT_EQ(ParseWeights(GetParam()), std::nullopt);
}

INSTANTIATE_TEST_SUITE_P(All, BadWeightsTest,
                         testing::Values("", "1,", "-1", "nan", "inf", "1e10",
                                         "a"));

TEST(ParseLayersTest, ReadsWidths) {
  EXPECT_THAT(ParseLayers("256,128"), Optional(ElementsAre(256, 128)));
  EXPECT_THAT(ParseLayers("256, 128"), Optional(ElementsAre(256, 128)));
  EXPECT_THAT(ParseLayers("8192"), Optional(ElementsAre(8192)));
  EXPECT_THAT(ParseLayers(""), Optional(IsEmpty()));
}

TEST(ParseLayersTest, RefusesAnythingElse) {
  for (const char* text :
       {",", "1,", "1,,2", "a", "-1", "0", "8193", "1.5",
        "99999999999999999999", " ", "1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1"}) {
    EXPECT_EQ(ParseLayers(text), std::nullopt) << text;
  }
}

}  // namespace
}  // namespace attune

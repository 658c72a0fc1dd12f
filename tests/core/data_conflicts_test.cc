#include "core/data_conflicts.h"

#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace attune {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::Field;
using testing::HasSubstr;
using testing::IsEmpty;

std::string Text(const char* text) { return text; }

std::vector<Violation> Check(const Parameters& settings,
                             const SearchSpace& space = {}) {
  std::vector<Violation> violations;
  CheckDataConflicts(GivenSettings(settings, space), violations);
  return violations;
}

auto Wrong(const std::string& field, const std::string& part) {
  return AllOf(Field(&Violation::field, field),
               Field(&Violation::description, HasSubstr(part)));
}

SearchSpace Space(const std::string& name, const Domain& domain) {
  return {.parameters = {{.name = name, .domain = domain}}};
}

class LegalDataTest : public testing::TestWithParam<Parameters> {};

TEST_P(LegalDataTest, HasNoConflicts) {
  EXPECT_THAT(Check(GetParam()), IsEmpty());
}

INSTANTIATE_TEST_SUITE_P(
    All, LegalDataTest,
    testing::Values(
        Parameters{}, Parameters{{"shift", int64_t{2}}, {"flip", 0.5}},
        // Of no text, which is reported elsewhere.
        Parameters{{"dataset", Text("a.csv")}, {"target_column", Text("")}},
        Parameters{{"shift", int64_t{27}}},
        Parameters{{"dataset", Text("cifar-10")}, {"shift", int64_t{28}}},
        Parameters{{"train_examples", int64_t{50'000}}},
        Parameters{{"train_examples", int64_t{54'000}}, {"folds", int64_t{10}}},
        Parameters{{"dataset", Text("a/")},
                   {"train_examples", int64_t{70'000}}},
        Parameters{{"network", Text("lenet")}},
        Parameters{{"network", Text("cnn")},
                   {"layers", Text("pool 28, conv 9x9x4 same")}},
        Parameters{{"dataset", Text("a/")},
                   {"network", Text("cnn")},
                   {"layers", Text("pool 30")}},
        Parameters{{"dataset", Text("a/")}, {"shift", int64_t{28}}},
        Parameters{{"dataset", Text("a.csv")},
                   {"task", Text("classification")},
                   {"label_smoothing", 0.1}},
        Parameters{{"dataset", Text("a.csv")},
                   {"target_column", Text("y")},
                   {"task", Text("regression")},
                   {"categorical", Text("a,b")},
                   {"missing", Text("drop")}},
        Parameters{{"dataset", Text("a.csv")},
                   {"class_weights", Text("balanced")}},
        Parameters{{"dataset", Text("xor")},
                   {"samples", int64_t{50}},
                   {"noise", 0.1},
                   {"class_weights", Text("balanced")}},
        Parameters{{"dataset", Text("a.csv")}, {"loss", Text("cross_entropy")}},
        Parameters{{"dataset", Text("friedman1")},
                   {"loss", Text("huber")},
                   {"standardize_targets", false}},
        Parameters{{"validation_fraction", 0.5}},
        Parameters{{"folds", int64_t{5}}},
        Parameters{{"folds", int64_t{5}}, {"fold", int64_t{4}}},
        Parameters{{"folds", int64_t{5}},
                   {"fold", int64_t{4}},
                   {"keep_models", int64_t{1}}},
        // Not a dataset, which is reported elsewhere.
        Parameters{{"dataset", Text("mnist")}, {"noise", 0.1}},
        Parameters{{"dataset", 0.5}, {"noise", 0.1}}));

struct ConflictCase {
  std::string name;
  Parameters settings;
  std::string field;
  std::string part;
};

class DataConflictTest : public testing::TestWithParam<ConflictCase> {};

TEST_P(DataConflictTest, IsReportedWithItsField) {
  EXPECT_THAT(Check(GetParam().settings),
              ElementsAre(Wrong(GetParam().field, GetParam().part)));
}

INSTANTIATE_TEST_SUITE_P(
    All, DataConflictTest,
    testing::Values(
        ConflictCase{"TargetOfImages",
                     {{"target_column", Text("y")}},
                     "train.target_column",
                     "found `target_column: y` where `dataset` is "
                     "fashion-mnist by default, "
                     "expected it only for a .csv file"},
        ConflictCase{"TaskOfImages",
                     {{"dataset", Text("cifar-10")}, {"task", Text("auto")}},
                     "train.task",
                     "only for a .csv file"},
        ConflictCase{"CategoriesOfSynthetic",
                     {{"dataset", Text("xor")}, {"categorical", Text("a")}},
                     "train.categorical",
                     "only for a .csv file"},
        ConflictCase{"MissingInImages",
                     {{"dataset", Text("a/")}, {"missing", Text("drop")}},
                     "train.missing",
                     "only for a .csv file"},
        ConflictCase{"SamplesOfATable",
                     {{"dataset", Text("a.csv")}, {"samples", int64_t{50}}},
                     "train.samples",
                     "only for a dataset that is made up"},
        ConflictCase{"NoiseOfImages",
                     {{"noise", 0.1}},
                     "train.noise",
                     "only for a dataset that is made up"},
        ConflictCase{"ShiftOfATable",
                     {{"dataset", Text("a.csv")}, {"shift", int64_t{1}}},
                     "train.shift",
                     "only for a dataset of images"},
        ConflictCase{"FlipOfSynthetic",
                     {{"dataset", Text("moons")}, {"flip", 0.5}},
                     "train.flip",
                     "only for a dataset of images"},
        ConflictCase{"WeightsOfARegression",
                     {{"dataset", Text("friedman1")},
                      {"class_weights", Text("balanced")}},
                     "train.class_weights",
                     "only where there are classes"},
        ConflictCase{"WeightsOfARegressionTable",
                     {{"dataset", Text("a.csv")},
                      {"task", Text("regression")},
                      {"class_weights", Text("balanced")}},
                     "train.class_weights",
                     "found `class_weights: balanced` where the target is a "
                     "number, by `task` or by the objective, expected it only "
                     "where there are classes"},
        ConflictCase{
            "SmoothingOfARegression",
            {{"dataset", Text("friedman1")}, {"label_smoothing", 0.1}},
            "train.label_smoothing",
            "found `label_smoothing: 0.1` where `dataset` is friedman1, whose "
            "target is a number, expected it only where there are classes"},
        ConflictCase{
            "ShiftOutOfTheImage",
            {{"shift", int64_t{28}}},
            "train.shift",
            "found a shift of 28 pixels where `dataset` is "
            "fashion-mnist by default, whose images are 28x28, expected fewer "
            "than 28"},
        ConflictCase{
            "MoreExamplesThanThereAre",
            {{"train_examples", int64_t{50'001}}},
            "train.train_examples",
            "found 50001 where `dataset` is fashion-mnist by default, expected "
            "at most 50000 of its 60000 examples: the others are to "
            "validate on"},
        ConflictCase{"MoreExamplesThanSamples",
                     {{"dataset", Text("xor")},
                      {"samples", int64_t{100}},
                      {"validation_fraction", 0.25},
                      {"train_examples", int64_t{76}}},
                     "train.train_examples",
                     "expected at most 75 of its 100 examples"},
        ConflictCase{
            "ALayerThatDoesNotFit",
            {{"network", Text("cnn")},
             {"layers", Text("conv 5x5x6, pool 6, conv 5x3x8, dense 4")}},
            "train.layers[2]",
            "`conv 5x3x8`: found an image of 4x4 pixels, expected at "
            "least 5x3"},
        ConflictCase{"AColumnTwice",
                     {{"dataset", Text("a.csv")},
                      {"categorical", Text("zip,month,zip")}},
                     "train.categorical",
                     "found the column `zip` twice, expected each column once"},
        ConflictCase{"TheTargetAsAnInput",
                     {{"dataset", Text("a.csv")},
                      {"target_column", Text("kind")},
                      {"categorical", Text("zip,kind")}},
                     "train.categorical",
                     "found the column `kind`, which is the `target_column`"},
        ConflictCase{
            "CrossEntropyOfARegression",
            {{"dataset", Text("friedman1")}, {"loss", Text("cross_entropy")}},
            "train.loss",
            "only where there are classes"},
        ConflictCase{"StandardizedClasses",
                     {{"standardize_targets", false}},
                     "train.standardize_targets",
                     "found `standardize_targets: false` where `dataset` is "
                     "fashion-mnist by default, expected it only for numbers "
                     "to predict"},
        ConflictCase{
            "CnnOfATable",
            {{"dataset", Text("a.csv")}, {"network", Text("cnn")}},
            "train.network",
            "found `network: cnn` where `dataset` is a.csv, expected it only "
            "for a dataset of images"},
        ConflictCase{"LenetOfMadeUpPoints",
                     {{"dataset", Text("xor")}, {"network", Text("lenet")}},
                     "train.network",
                     "found `network: lenet` where"},
        ConflictCase{"FoldsAndAFraction",
                     {{"folds", int64_t{5}}, {"validation_fraction", 0.2}},
                     "train.validation_fraction",
                     "found `validation_fraction: 0.2` beside `folds: 5`, "
                     "expected one of them"},
        ConflictCase{"AFoldAlone",
                     {{"fold", int64_t{0}}},
                     "train.fold",
                     "found `fold: 0` without `folds`"},
        ConflictCase{"NoSuchFold",
                     {{"folds", int64_t{5}}, {"fold", int64_t{5}}},
                     "train.fold",
                     "found the fold 5, expected one below `folds`, which is "
                     "5"},
        ConflictCase{
            "AModelOfAllFolds",
            {{"folds", int64_t{5}}, {"keep_weights", Text("last")}},
            "train.keep_weights",
            "found `keep_weights: last` where a trial trains on each of "
            "`folds: 5`, of which no model is kept"}),
    [](const auto& test) { return test.param.name; });

TEST(DataConflictsTest, EachListOfLayersHasToFit) {
  const SearchSpace space = Space(
      "layers", Choice{{Text("pool 29"), Text("pool 2"), Text("pol 2"),
                        Text("conv 3x3x4, pool 26, dense 8, dropout 0.5")}});
  EXPECT_THAT(Check({{"network", Text("cnn")}}, space),
              ElementsAre(Wrong("parameters.layers.values[0][0]",
                                "`pool 29`: found an image of 28x28")));
  EXPECT_THAT(
      Check({{"network", Text("cnn")}, {"dataset", Text("cifar-10")}}, space),
      IsEmpty());
}

TEST(DataConflictsTest, ParametersAreLookedAtToo) {
  EXPECT_THAT(Check({{"dataset", Text("a.csv")}},
                    Space("shift", IntRange{.min = 0, .max = 2})),
              ElementsAre(Wrong("parameters.shift", "a dataset of images")));
  EXPECT_THAT(Check({}, Space("shift", IntRange{.min = 0, .max = 40})),
              ElementsAre(Wrong("parameters.shift", "a shift of 40 pixels")));
  EXPECT_THAT(Check({{"folds", int64_t{3}}},
                    Space("fold", IntRange{.min = 0, .max = 2})),
              IsEmpty());
  EXPECT_THAT(Check({{"folds", int64_t{3}}}, Space("fold", IntRange{.max = 3})),
              ElementsAre(Wrong("parameters.fold", "found the fold 3")));
  EXPECT_THAT(Check({{"folds", int64_t{3}}},
                    Space("fold", Discrete{{int64_t{0}, int64_t{7}}})),
              ElementsAre(Wrong("parameters.fold", "found the fold 7")));
}

}  // namespace
}  // namespace attune

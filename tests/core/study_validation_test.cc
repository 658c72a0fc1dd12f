#include <functional>
#include <limits>
#include <string>
#include <vector>

#include "core/study.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/testing/builders.h"

namespace attune {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::Field;
using testing::HasSubstr;
using testing::IsEmpty;

auto Wrong(const std::string& field, const std::string& part) {
  return AllOf(Field("field", &Violation::field, field),
               Field("description", &Violation::description, HasSubstr(part)));
}

// A legal study of the function `name` with `dimensions` parameters.
StudySpec FunctionStudy(const std::string& name, int dimensions) {
  StudySpec spec = MakeStudySpec();
  spec.objectives = {{.metric = "value", .goal = Goal::kMinimize}};
  spec.task = FunctionTask{.name = name};
  spec.space.parameters.clear();
  for (int i = 1; i <= dimensions; ++i) {
    spec.space.parameters.push_back(
        {.name = "x" + std::to_string(i), .domain = DoubleRange{}});
  }
  return spec;
}

StudySpec NetworkStudy() {
  StudySpec spec = MakeStudySpec();
  spec.objectives = {
      {.metric = "validation_accuracy", .goal = Goal::kMaximize}};
  spec.task = NetworkTask{.settings = {{"epochs", int64_t{3}}}};
  spec.space.parameters = {
      {.name = "dropout", .domain = DoubleRange{.min = 0.0, .max = 0.5}}};
  return spec;
}

TEST(ValidateStudyTest, AcceptsLegalStudies) {
  EXPECT_THAT(Validate(MakeStudySpec()), IsEmpty());
  EXPECT_THAT(Validate(NetworkStudy()), IsEmpty());
  EXPECT_THAT(Validate(FunctionStudy("sphere", 1)), IsEmpty());
  EXPECT_THAT(Validate(FunctionStudy("branin", 2)), IsEmpty());
  EXPECT_THAT(Validate(FunctionStudy("hartmann6", 6)), IsEmpty());
}

TEST(ValidateStudyTest, AcceptsAStudyWithoutParameters) {
  StudySpec spec = MakeStudySpec();
  spec.space = {};
  spec.budget = {};
  EXPECT_THAT(Validate(spec), IsEmpty());
}

struct StudyCase {
  std::string name;
  std::function<void(StudySpec&)> spoil;
  std::string field;
  std::string part;
};

class InvalidStudyTest : public testing::TestWithParam<StudyCase> {};

TEST_P(InvalidStudyTest, IsRefusedWithItsFieldAndWhatWasFound) {
  StudySpec spec = MakeStudySpec();
  GetParam().spoil(spec);
  EXPECT_THAT(Validate(spec),
              ElementsAre(Wrong(GetParam().field, GetParam().part)));
}

Stopping Median(int64_t min_trials, int64_t warmup_steps) {
  return {
      .name = "median",
      .settings = {{"min_trials", min_trials}, {"warmup_steps", warmup_steps}}};
}

Stopping MedianOf(const char* metric) {
  return {.name = "median",
          .metric = Objective{.metric = metric, .goal = Goal::kMinimize}};
}

INSTANTIATE_TEST_SUITE_P(
    Names, InvalidStudyTest,
    testing::Values(
        StudyCase{"NoName", [](StudySpec& s) { s.name = ""; }, "name",
                  "found ``, expected a lower-case letter"},
        StudyCase{"UpperCase", [](StudySpec& s) { s.name = "My-Study"; },
                  "name", "found `My-Study`"},
        StudyCase{"Slash", [](StudySpec& s) { s.name = "a/b"; }, "name",
                  "found `a/b`"},
        StudyCase{"TooLong", [](StudySpec& s) { s.name.assign(64, 'a'); },
                  "name", "up to 62"},
        StudyCase{"NoObjective", [](StudySpec& s) { s.objectives.clear(); },
                  "objective", "found 0 objectives, expected 1 to 16"},
        StudyCase{"TooManyObjectives",
                  [](StudySpec& s) {
                    s.objectives.clear();
                    for (int i = 0; i < 17; ++i) {
                      s.objectives.push_back(
                          {.metric = "m" + std::to_string(i)});
                    }
                  },
                  "objectives", "found 17 objectives"},
        StudyCase{"AMetricTwice",
                  [](StudySpec& s) { s.objectives.push_back(s.objectives[0]); },
                  "objectives[1].metric", "twice, expected each metric once"},
        StudyCase{"NoMetric", [](StudySpec& s) { s.objectives[0].metric = ""; },
                  "objective.metric", "found ``"}),
    [](const auto& test) { return test.param.name; });

INSTANTIATE_TEST_SUITE_P(
    Limits, InvalidStudyTest,
    testing::Values(
        StudyCase{"MaxTrials", [](StudySpec& s) { s.budget.max_trials = 0; },
                  "budget.max_trials",
                  "found 0, expected an integer of at least 1"},
        StudyCase{"MaxParallel",
                  [](StudySpec& s) { s.budget.max_parallel = -1; },
                  "budget.max_parallel", "found -1"},
        StudyCase{"MaxFailed", [](StudySpec& s) { s.budget.max_failed = 0; },
                  "budget.max_failed",
                  "found 0, expected an integer of at least 1"},
        StudyCase{
            "NoDuration",
            [](StudySpec& s) { s.budget.max_duration = absl::ZeroDuration(); },
            "budget.max_duration", "found 0, expected a finite"},
        StudyCase{"EndlessDuration",
                  [](StudySpec& s) {
                    s.budget.max_duration = absl::InfiniteDuration();
                  },
                  "budget.max_duration", "found inf"},
        StudyCase{"LongDuration",
                  [](StudySpec& s) {
                    s.budget.max_duration = absl::Hours(87'660'001);
                  },
                  "budget.max_duration",
                  "found 87660001h, expected at most 87660000h"},
        StudyCase{"NoAttempts", [](StudySpec& s) { s.max_attempts = 0; },
                  "max_attempts", "found 0, expected an integer from 1"},
        StudyCase{
            "Seed",
            [](StudySpec& s) { s.seed = std::numeric_limits<uint64_t>::max(); },
            "seed", "found 18446744073709551615"},
        StudyCase{"MinTrials", [](StudySpec& s) { s.stopping = Median(0, 0); },
                  "stopping.median.min_trials", "found the integer `0`"},
        StudyCase{"Warmup", [](StudySpec& s) { s.stopping = Median(1, -1); },
                  "stopping.median.warmup_steps", "found the integer `-1`"},
        StudyCase{"StoppingMetric",
                  [](StudySpec& s) { s.stopping = MedianOf("a b"); },
                  "stopping.median.metric", "found `a b`"},
        StudyCase{"Space",
                  [](StudySpec& s) {
                    s.space.parameters[0].domain =
                        DoubleRange{.min = 2.0, .max = 1.0};
                  },
                  "parameters.x.max", "found 1.0"}),
    [](const auto& test) { return test.param.name; });

TEST(ValidateStudyTest, FindsEverythingAtOnce) {
  StudySpec spec = MakeStudySpec("A");
  spec.budget.max_trials = -5;
  spec.stopping = Median(0, -1);
  spec.space.parameters[0].name = "9";
  EXPECT_EQ(Validate(spec).size(), 5u);
}

TEST(ValidateFunctionStudyTest, KnowsItsFunctions) {
  EXPECT_THAT(Validate(FunctionStudy("spere", 1)),
              ElementsAre(Wrong("function.name",
                                "found `spere`, expected one of ackley, "
                                "branin, hartmann6, rastrigin, ravine, "
                                "rosenbrock, sphere; did you mean "
                                "`sphere`?")));
}

struct DimensionCase {
  std::string function;
  int fewest;
};

TEST(StudyValidationTest, TakesSeveralObjectivesOfDifferentMetrics) {
  StudySpec spec = MakeStudySpec();
  spec.objectives.push_back({.metric = "size", .goal = Goal::kMinimize});
  EXPECT_THAT(Validate(spec), IsEmpty());
}

TEST(StudyValidationTest, AStudyWithoutParametersOrATaskHasNoSearch) {
  StudySpec spec = MakeStudySpec();
  spec.space = {};
  EXPECT_FALSE(HasSearch(spec));
  EXPECT_THAT(Validate(spec), IsEmpty());
  spec.algorithm = Algorithm{.name = "grid"};
  spec.space.forbidden = {{{"x", 1.0}}};
  EXPECT_THAT(Validate(spec),
              testing::UnorderedElementsAre(
                  Wrong("algorithm", "found `grid`, expected none"),
                  Wrong("forbidden", "found combinations")));
}

class DimensionsTest : public testing::TestWithParam<DimensionCase> {};

TEST_P(DimensionsTest, AreEnough) {
  const auto& [function, fewest] = GetParam();
  EXPECT_THAT(Validate(FunctionStudy(function, fewest)), IsEmpty());
  EXPECT_THAT(Validate(FunctionStudy(function, fewest - 1)),
              ElementsAre(Wrong("parameters", "expected at least " +
                                                  std::to_string(fewest) +
                                                  ": `" + function +
                                                  "` takes each as one "
                                                  "dimension")));
}

INSTANTIATE_TEST_SUITE_P(
    All, DimensionsTest,
    testing::Values(DimensionCase{"ackley", 1}, DimensionCase{"branin", 2},
                    DimensionCase{"hartmann6", 6},
                    DimensionCase{"rastrigin", 1}, DimensionCase{"ravine", 2},
                    DimensionCase{"rosenbrock", 2}, DimensionCase{"sphere", 1}),
    [](const auto& test) { return test.param.function; });

TEST(ValidateFunctionStudyTest, ItsParametersAreNumbersInEveryTrial) {
  StudySpec spec = FunctionStudy("sphere", 3);
  spec.space.parameters[0].domain = IntRange{};
  spec.space.parameters[1].domain = Choice{{1.0, 2.0}};
  spec.space.parameters[2].when = Condition{"x1", {int64_t{0}}};
  EXPECT_THAT(Validate(spec),
              ElementsAre(Wrong("parameters.x2", "found a choice"),
                          Wrong("parameters.x3.when", "found a condition")));
  spec = FunctionStudy("sphere", 1);
  spec.space.parameters[0].domain = Discrete{{int64_t{1}, 2.5}};
  EXPECT_THAT(Validate(spec), IsEmpty());
}

TEST(ValidateFunctionStudyTest, ItsMetricIsValue) {
  StudySpec spec = FunctionStudy("sphere", 1);
  spec.objectives[0].metric = "loss";
  spec.stopping = MedianOf("valu");
  EXPECT_THAT(
      Validate(spec),
      ElementsAre(
          Wrong("objective.metric", "found `loss`, expected one of value"),
          Wrong("stopping.median.metric", "did you mean `value`?")));
}

TEST(ValidateNetworkStudyTest, SaysWhichOfSeveralMetricsIsUnknown) {
  StudySpec spec = NetworkStudy();
  spec.objectives.push_back({.metric = "validation_los"});
  EXPECT_THAT(Validate(spec),
              ElementsAre(Wrong("objectives[1].metric",
                                "did you mean `validation_loss`?")));
}

TEST(ValidateNetworkStudyTest, ItsMetricsAreKnown) {
  StudySpec spec = NetworkStudy();
  spec.objectives[0].metric = "accuracy";
  spec.stopping = MedianOf("validation_los");
  EXPECT_THAT(
      Validate(spec),
      ElementsAre(
          Wrong("objective.metric",
                "found `accuracy`, expected one of training_loss, "
                "validation_loss, validation_accuracy, "
                "validation_top3_accuracy, validation_macro_f1, learning_rate, "
                "samples_per_second, elapsed_seconds"),
          Wrong("stopping.median.metric", "did you mean `validation_loss`?")));
}

TEST(ValidateNetworkStudyTest, ItsSettingsAndParametersAreChecked) {
  StudySpec spec = NetworkStudy();
  spec.task = NetworkTask{.settings = {{"epoch", int64_t{3}}}};
  spec.space.parameters[0].domain = DoubleRange{.min = 0.0, .max = 1.0};
  EXPECT_THAT(Validate(spec),
              ElementsAre(Wrong("train.epoch", "did you mean `epochs`?"),
                          Wrong("parameters.dropout.max",
                                "found the number `1.0`, expected a number of "
                                "at least 0.0 and below 1.0")));
}

// A study of a table, whose objectives are metrics of numbers to predict.
StudySpec StudyOfNumbers() {
  StudySpec spec = NetworkStudy();
  spec.objectives = {{.metric = "validation_rmse", .goal = Goal::kMinimize}};
  spec.task = NetworkTask{.settings = {{"dataset", std::string("a.csv")}}};
  return spec;
}

TEST(ValidateNetworkStudyTest, AnErrorInUnitsLeavesNoClasses) {
  StudySpec spec = StudyOfNumbers();
  EXPECT_THAT(Validate(spec), IsEmpty());
  std::get<NetworkTask>(spec.task).settings.Set("class_weights",
                                                std::string("balanced"));
  EXPECT_THAT(Validate(spec),
              ElementsAre(Wrong("train.class_weights",
                                "where the target is a number")));
  spec.objectives[0].metric = "validation_loss";
  EXPECT_THAT(Validate(spec), IsEmpty());
}

TEST(ValidateNetworkStudyTest, ATargetIsANumberOrAClass) {
  StudySpec spec = StudyOfNumbers();
  spec.objectives.push_back({.metric = "validation_accuracy"});
  EXPECT_THAT(Validate(spec),
              ElementsAre(Wrong("objectives[1].metric",
                                "found `validation_accuracy`, expected one of "
                                "training_loss, validation_loss, "
                                "validation_rmse")));
}

}  // namespace
}  // namespace attune

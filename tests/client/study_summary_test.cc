#include "client/study_summary.h"

#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace attune {
namespace {

using testing::HasSubstr;

StudySpec MakeSpec() {
  StudySpec spec;
  spec.name = "s";
  spec.objectives = {{.metric = "loss", .goal = Goal::kMinimize}};
  spec.space.parameters = {
      {.name = "o",
       .domain = Choice{.values = {std::string("a"), std::string("b")}}},
      {.name = "n", .domain = IntRange{.min = 1, .max = 3}}};
  return spec;
}

// The text of the line with `label`.
std::string Line(const std::vector<SummaryLine>& lines,
                 const std::string& label) {
  for (const SummaryLine& line : lines) {
    if (line.label == label) return line.text;
  }
  return "(none)";
}

TEST(StudySummaryTest, SaysWhatTheSpecMeans) {
  StudySpec spec = MakeSpec();
  spec.budget = {.max_trials = 60,
                 .max_parallel = 8,
                 .max_duration = absl::Minutes(10),
                 .max_failed = 4};
  spec.stopping = Stopping{.name = "median"};
  spec.task = FunctionTask{.name = "sphere"};
  spec.space.parameters[1].when =
      Condition{.parameter = "o", .any_of = {std::string("a")}};
  const std::vector<SummaryLine> lines = SpecLines(spec);
  EXPECT_EQ(Line(lines, "objective"), "minimize loss");
  EXPECT_EQ(Line(lines, "budget"),
            "60 trials, 8 at a time, 10m, paused after 4 failed trials");
  EXPECT_EQ(Line(lines, "stopping"), "median min_trials=5 warmup_steps=0");
  EXPECT_EQ(Line(lines, "trial"), "the function sphere");
  EXPECT_EQ(Line(lines, "  o"), "a | b");
  EXPECT_EQ(Line(lines, "  n"), "integer 1 ... 3  (when o is a)");
}

TEST(StudySummaryTest, CountsTheGrid) {
  StudySpec spec = MakeSpec();
  EXPECT_EQ(GridPoints(spec.space), 6);
  spec.space.parameters.push_back(
      {.name = "x", .domain = DoubleRange{.min = 0.0, .max = 1.0}});
  EXPECT_EQ(GridPoints(spec.space), std::nullopt);
  spec.space.parameters[2].domain =
      DoubleRange{.min = 0.0, .max = 1.0, .points = 5};
  EXPECT_EQ(GridPoints(spec.space), 30);
}

TEST(StudySummaryTest, AHugeSpaceIsCountedWithoutOverflow) {
  StudySpec spec = MakeSpec();
  for (int i = 0; i < 10; ++i) {
    spec.space.parameters.push_back(
        {.name = "n" + std::to_string(i),
         .domain = IntRange{.min = 0, .max = 1'000'000}});
  }
  EXPECT_THAT(Line(CostLines(spec), "space"), HasSubstr("more than"));
}

TEST(StudySummaryTest, TrialsAreLimitedByBudgetAndSpace) {
  StudySpec spec = MakeSpec();
  EXPECT_EQ(MostTrials(spec), 6);
  spec.budget.max_trials = 4;
  EXPECT_EQ(MostTrials(spec), 4);
  spec.budget.max_trials = 100;
  EXPECT_EQ(MostTrials(spec), 6);
  spec.space.parameters[1].domain = DoubleRange{.min = 0.0, .max = 1.0};
  EXPECT_EQ(MostTrials(spec), 100);
  spec.budget.max_trials.reset();
  EXPECT_EQ(MostTrials(spec), std::nullopt);
}

TEST(StudySummaryTest, TheCostIsTrialsTimesEpochs) {
  StudySpec spec = MakeSpec();
  spec.budget.max_trials = 4;
  EXPECT_EQ(Line(CostLines(spec), "cost"), "4 trials at most");
  spec.task = NetworkTask{.settings = {{"epochs", int64_t{7}}}};
  EXPECT_EQ(Line(CostLines(spec), "cost"),
            "4 trials at most of 7 epochs: 28 epochs in all");
  // A parameter of that name counts with its largest value.
  spec.space.parameters[1] = {.name = "epochs",
                              .domain = IntRange{.min = 1, .max = 9}};
  EXPECT_EQ(MostEpochs(spec), 9);
  spec.space.parameters[1].domain =
      Discrete{.values = {int64_t{2}, int64_t{5}}};
  EXPECT_EQ(MostEpochs(spec), 5);
}

TEST(StudySummaryTest,
     WithoutASearchSpaceWhoeverCreatesTrialsBringsParameters) {
  StudySpec spec = MakeSpec();
  spec.space = {};
  EXPECT_EQ(Line(SpecLines(spec), "algorithm"),
            "none: whoever creates a trial brings its parameters");
  EXPECT_EQ(Line(SpecLines(spec), "trial"), "programs of your own");
  EXPECT_EQ(MostTrials(spec), std::nullopt);
  EXPECT_EQ(Line(CostLines(spec), "space"), "(none)");
  EXPECT_EQ(Line(CostLines(spec), "cost"), "no limit to the trials");
  spec.budget.max_trials = 9;
  EXPECT_EQ(MostTrials(spec), 9);
}

TEST(StudySummaryTest, AttributesAreLinesThatCannotCommandATerminal) {
  EXPECT_EQ(FormatLines(AttributeLines({{"a", "x\x1b"}, {"b", "y"}}), {}),
            "attribute  a: x\\033\nattribute  b: y\n");
}

TEST(StudySummaryTest, NoLineCommandsATerminalWhateverItsLabel) {
  EXPECT_EQ(FormatLines({{"a\x1b", "x\x07"}, {"b", "y"}}, {}),
            "a\\033  x\\007\nb      y\n");
}

TEST(StudySummaryTest, LinesAreAligned) {
  EXPECT_EQ(FormatLines({{"a", "1"}, {"longer", "2"}}, {}),
            "a       1\nlonger  2\n");
}

TEST(StudySummaryTest, ATextWiderThanThePaperGoesOnBelow) {
  EXPECT_EQ(FormatLines({{"a", "one two three four five six"}}, {.width = 24}),
            "a  one two three four\n   five six\n");
}

}  // namespace
}  // namespace attune

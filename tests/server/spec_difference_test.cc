#include "server/spec_difference.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/testing/builders.h"

namespace attune {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

TEST(SpecDifferenceTest, EqualSpecsDifferNowhere) {
  EXPECT_THAT(DifferingFields(MakeStudySpec(), MakeStudySpec(), 9), IsEmpty());
}

TEST(SpecDifferenceTest, NamesFieldsAsTheStudyFileDoes) {
  StudySpec other = MakeStudySpec();
  other.objectives[0].goal = Goal::kMaximize;
  other.algorithm = Algorithm{.name = "grid"};
  other.stopping = Stopping{.name = "median"};
  other.budget.max_trials = 11;
  other.task = FunctionTask{.name = "sphere"};
  other.max_attempts = 1;
  other.seed = 2;
  EXPECT_THAT(DifferingFields(MakeStudySpec(), other, 9),
              ElementsAre("objective", "algorithm", "stopping", "budget",
                          "task", "max_attempts", "seed"));
}

TEST(SpecDifferenceTest, NamesParametersThatAreOtherOrMissing) {
  StudySpec other = MakeStudySpec();
  other.space.parameters[0].domain = DoubleRange{.max = 2.0};
  other.space.parameters.push_back({.name = "y", .domain = DoubleRange{}});
  other.space.forbidden = {{{"x", 0.5}}};
  EXPECT_THAT(DifferingFields(MakeStudySpec(), other, 9),
              ElementsAre("parameters.x", "parameters.y", "forbidden"));
  EXPECT_THAT(DifferingFields(other, MakeStudySpec(), 9),
              ElementsAre("parameters.x", "parameters.y", "forbidden"));
}

TEST(SpecDifferenceTest, SeesAnotherOrderOfParameters) {
  StudySpec spec = MakeStudySpec();
  spec.space.parameters.push_back({.name = "y", .domain = DoubleRange{}});
  StudySpec other = spec;
  std::swap(other.space.parameters[0], other.space.parameters[1]);
  EXPECT_THAT(DifferingFields(spec, other, 9),
              ElementsAre("parameters (their order)"));
}

TEST(SpecDifferenceTest, NamesOnlyTheFirstOfMany) {
  StudySpec other = MakeStudySpec();
  other.budget.max_trials = 11;
  other.max_attempts = 1;
  other.seed = 2;
  EXPECT_THAT(DifferingFields(MakeStudySpec(), other, 2),
              ElementsAre("budget", "max_attempts"));
}

}  // namespace
}  // namespace attune

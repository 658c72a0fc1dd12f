#include "client/study_file_objectives.h"

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "client/study_file.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace attune {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::EndsWith;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::StartsWith;

// Of a study whose first line is its name.
StudyFile FileWith(absl::string_view objectives) {
  return ParseStudyFile(
      absl::StrCat("name: s\n", objectives, "parameters: {x: [a, b]}\n"));
}

std::vector<std::string> ProblemsWith(absl::string_view objectives) {
  std::vector<std::string> lines;
  for (const FileProblem& problem : FileWith(objectives).problems) {
    lines.push_back(absl::StrCat(problem.at.line, ":", problem.at.column, ": ",
                                 problem.field, ": ", problem.description));
  }
  return lines;
}

TEST(StudyFileObjectivesTest, AListHasSeveral) {
  const StudyFile file = FileWith(
      "objectives:\n"
      "  - {metric: accuracy, goal: maximize}\n"
      "  - {metric: size, goal: minimize}\n");
  EXPECT_THAT(file.problems, IsEmpty());
  EXPECT_THAT(
      file.spec.objectives,
      ElementsAre(Objective{.metric = "accuracy", .goal = Goal::kMaximize},
                  Objective{.metric = "size", .goal = Goal::kMinimize}));
}

TEST(StudyFileObjectivesTest, AListOfOneIsOneObjective) {
  EXPECT_EQ(FileWith("objectives: [{metric: a, goal: minimize}]\n").spec,
            FileWith("objective: {metric: a, goal: minimize}\n").spec);
}

TEST(StudyFileObjectivesTest, OneKeyIsEnough) {
  EXPECT_THAT(ProblemsWith("objective: {metric: a, goal: minimize}\n"
                           "objectives: [{metric: b, goal: minimize}]\n"),
              ElementsAre("3:1: objectives: found beside `objective`, expected "
                          "one of them"));
  EXPECT_THAT(ProblemsWith("objectives: [{metric: b, goal: minimize}]\n"
                           "objective: {metric: a, goal: minimize}\n"),
              ElementsAre("3:1: objective: found beside `objectives`, expected "
                          "one of them"));
}

TEST(StudyFileObjectivesTest, OneKeyIsNeeded) {
  EXPECT_THAT(ProblemsWith(""),
              ElementsAre("1:1: objective: found none, expected {metric: NAME, "
                          "goal: minimize} or maximize, or `objectives`, a "
                          "list of several"));
}

TEST(StudyFileObjectivesTest, AMisspelledKeyIsOneProblem) {
  EXPECT_THAT(ProblemsWith("objectivs: [{metric: a, goal: minimize}]\n"),
              ElementsAre(AllOf(StartsWith("2:1: objectivs: found an unknown"),
                                HasSubstr("did you mean `objective"))));
}

TEST(StudyFileObjectivesTest, ProblemsStandAtTheirItem) {
  EXPECT_THAT(
      ProblemsWith("objectives:\n"
                   "  - {metric: a, goal: minimize}\n"
                   "  - {metric: b, goal: lowest}\n"
                   "  - accuracy\n"
                   "  - {metric: a, goal: maximize}\n"
                   "  - {metric: 'a b', goal: maximize}\n"),
      ElementsAre(StartsWith("4:23: objectives[1].goal: found `lowest`"),
                  AllOf(StartsWith("5:5: objectives[2]: found `accuracy`"),
                        EndsWith("goal: minimize} or maximize")),
                  StartsWith("6:14: objectives[3].metric: found `a` twice"),
                  StartsWith("7:14: objectives[4].metric: found `a b`")));
}

TEST(StudyFileObjectivesTest, TheOnlyItemIsPlacedToo) {
  EXPECT_THAT(ProblemsWith("objectives:\n"
                           "  - {metric: 'a b', goal: minimize}\n"),
              ElementsAre(StartsWith("3:14: objective.metric: found `a b`")));
  EXPECT_THAT(ProblemsWith("objectives:\n"
                           "  - {metric: 1, goal: minimize}\n"),
              ElementsAre(StartsWith("3:14: objectives[0].metric: found `1`")));
}

TEST(StudyFileObjectivesTest, AListIsExpected) {
  EXPECT_THAT(ProblemsWith("objectives: {metric: a, goal: minimize}\n"),
              ElementsAre(StartsWith("2:1: objectives: found a map, expected a "
                                     "list of objectives")));
  EXPECT_THAT(ProblemsWith("objectives: []\n"),
              ElementsAre("2:1: objective: found 0 objectives, expected 1 to "
                          "16"));
}

}  // namespace
}  // namespace attune

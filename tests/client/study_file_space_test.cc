#include "client/study_file_space.h"

#include <optional>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
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

// A study of one's own with `rest` from line 3 on.
StudyFile Parse(absl::string_view rest) {
  return ParseStudyFile(absl::StrCat(
      "name: s\nobjective: {metric: score, goal: maximize}\n", rest));
}

std::vector<std::string> ProblemsOf(absl::string_view rest) {
  std::vector<std::string> lines;
  for (const FileProblem& problem : Parse(rest).problems) {
    lines.push_back(absl::StrCat(problem.at.line, ":", problem.at.column, ": ",
                                 problem.field, ": ", problem.description));
  }
  return lines;
}

// The domain of a parameter written as `text`.
Domain DomainOf(absl::string_view text) {
  const StudyFile file = Parse(absl::StrCat("parameters:\n  x: ", text, "\n"));
  EXPECT_THAT(file.problems, IsEmpty());
  return file.spec.space.parameters.at(0).domain;
}

TEST(StudyFileSpaceTest, ARangeWithoutAPointHasIntegers) {
  EXPECT_EQ(DomainOf("{min: 1, max: 8}"), Domain(IntRange{.min = 1, .max = 8}));
  EXPECT_EQ(
      DomainOf("{min: 1, max: 64, scale: log, step: 3, points: 4}"),
      Domain(IntRange{
          .min = 1, .max = 64, .scale = Scale::kLog, .step = 3, .points = 4}));
}

TEST(StudyFileSpaceTest, APointOrExponentInAnyBoundMakesDecimals) {
  EXPECT_EQ(DomainOf("{min: 0, max: 1.0}"),
            Domain(DoubleRange{.min = 0.0, .max = 1.0}));
  EXPECT_EQ(DomainOf("{min: 1e1, max: 20}"),
            Domain(DoubleRange{.min = 10.0, .max = 20.0}));
  EXPECT_EQ(DomainOf("{min: 0, max: 1, step: 0.25}"),
            Domain(DoubleRange{.min = 0.0, .max = 1.0, .step = 0.25}));
  EXPECT_EQ(
      DomainOf("{min: 0.9, max: 0.99, scale: reverse_log, points: 3}"),
      Domain(DoubleRange{
          .min = 0.9, .max = 0.99, .scale = Scale::kReverseLog, .points = 3}));
}

TEST(StudyFileSpaceTest, ValuesAreOrderedNumbersOfOneType) {
  EXPECT_EQ(DomainOf("{values: [32, 64]}"),
            Domain(Discrete{.values = {int64_t{32}, int64_t{64}}}));
  EXPECT_EQ(DomainOf("{values: [0, 0.5]}"),
            Domain(Discrete{.values = {0.0, 0.5}}));
}

TEST(StudyFileSpaceTest, ChoicesKeepTheirTypes) {
  const Choice choice = {.values = {std::string("a"), int64_t{1}, 1.0, true,
                                    std::string("1"), std::string("off")}};
  EXPECT_EQ(DomainOf("[a, 1, 1.0, true, '1', off]"), Domain(choice));
  EXPECT_EQ(DomainOf("{choice: [a, 1, 1.0, true, '1', off]}"), Domain(choice));
}

TEST(StudyFileSpaceTest, AListOfIntegersStandsForLayers) {
  EXPECT_EQ(DomainOf("[[256, 128], [64], []]"),
            Domain(Choice{.values = {std::string("256,128"), std::string("64"),
                                     std::string("")}}));
  EXPECT_THAT(ProblemsOf("parameters: {x: [[256, 0.5]]}\n"),
              ElementsAre("3:24: parameters.x.values[0][1]: found `0.5`, "
                          "expected an integer or a text"));
}

TEST(StudyFileSpaceTest, AListOfWordsStandsForLayersOfAllKinds) {
  EXPECT_EQ(DomainOf("[[conv 5x5x6, pool 2], [flatten, dense 64]]"),
            Domain(Choice{.values = {std::string("conv 5x5x6, pool 2"),
                                     std::string("flatten, dense 64")}}));
}

TEST(StudyFileSpaceTest, AConditionHasOneParameterAndItsValues) {
  const StudyFile file = Parse(
      "parameters:\n"
      "  o: [a, b, c]\n"
      "  p: {min: 0, max: 1.5, when: {o: [a, b]}}\n"
      "  q: {choice: [x, y], when: {p: 1}}\n");
  EXPECT_THAT(file.problems, IsEmpty());
  const std::vector<ParameterSpec>& specs = file.spec.space.parameters;
  EXPECT_EQ(specs[1].when,
            (Condition{.parameter = "o",
                       .any_of = {std::string("a"), std::string("b")}}));
  // `p` has decimals, so its 1 is one as well.
  EXPECT_EQ(specs[2].when, (Condition{.parameter = "p", .any_of = {1.0}}));
}

TEST(StudyFileSpaceTest, ForbiddenCombinationsTakeTheTypesOfTheirParameters) {
  const StudyFile file = Parse(
      "parameters:\n"
      "  o: [a, b]\n"
      "  p: {min: 0, max: 2.0}\n"
      "forbidden:\n"
      "  - {o: a, p: 1}\n"
      "  - {o: b}\n");
  EXPECT_THAT(file.problems, IsEmpty());
  EXPECT_THAT(file.spec.space.forbidden,
              ElementsAre(Parameters{{"o", std::string("a")}, {"p", 1.0}},
                          Parameters{{"o", std::string("b")}}));
}

TEST(StudyFileSpaceTest, BoundsOfTheWrongTypeAreNamed) {
  EXPECT_THAT(
      ProblemsOf("parameters:\n"
                 "  a: {min: \"0\", max: 1}\n"
                 "  b: {min: 0, max: [1]}\n"
                 "  c: {min: 0, max: 1, points: 2.5, scale: lgo}\n"
                 "  d: {min: 0, max:}\n"),
      ElementsAre("4:12: parameters.a.min: found the text `0`, expected a "
                  "number",
                  "5:15: parameters.b.max: found a list, expected a number",
                  "6:31: parameters.c.points: found `2.5`, expected an integer",
                  "6:43: parameters.c.scale: found `lgo`, expected one of "
                  "linear, log, reverse_log; did you mean `log`?",
                  "7:15: parameters.d.max: found nothing, expected a number"));
}

TEST(StudyFileSpaceTest, AMissingBoundIsNamedAtTheParameter) {
  EXPECT_THAT(ProblemsOf("parameters:\n  a: {min: 0}\n"),
              ElementsAre("4:3: parameters.a.max: found none, expected the "
                          "highest value"));
}

TEST(StudyFileSpaceTest, AMisspelledBoundIsNamedOnce) {
  EXPECT_THAT(ProblemsOf("parameters:\n  a: {min: 0, mx: 1}\n"),
              ElementsAre(AllOf(StartsWith("4:15: parameters.a.mx: "),
                                EndsWith("did you mean `max`?"))));
}

TEST(StudyFileSpaceTest, FormsAreNotMixed) {
  EXPECT_THAT(
      ProblemsOf("parameters: {a: {values: [1, 2], min: 0}}\n"),
      ElementsAre("3:34: parameters.a.min: found beside `values`, expected "
                  "only `when`"));
  EXPECT_THAT(ProblemsOf("parameters:\n  a: 5\n  b:\n  c: {}\n"),
              ElementsAre(StartsWith("4:6: parameters.a: found `5`, expected a "
                                     "list of choices"),
                          StartsWith("5:3: parameters.b: found nothing"),
                          StartsWith("6:3: parameters.c: found a map")));
  EXPECT_THAT(ProblemsOf("parameters: [a, b]\n"),
              ElementsAre("3:1: parameters: found a list, expected a map of "
                          "parameters"));
}

TEST(StudyFileSpaceTest, SemanticProblemsStandAtTheirItem) {
  EXPECT_THAT(ProblemsOf("parameters:\n"
                         "  a: {values: [1, 3, 2]}\n"
                         "  b:\n"
                         "    - x\n"
                         "    - x\n"),
              ElementsAre(StartsWith("4:22: parameters.a.values[2]: found 2 "
                                     "after 3"),
                          StartsWith("7:7: parameters.b.values[1]: found `x` a "
                                     "second time")));
}

TEST(StudyFileSpaceTest, AConditionOnNothingIsNamedWithTheNearest) {
  EXPECT_THAT(
      ProblemsOf("parameters:\n"
                 "  optimizer: [sgd, adam]\n"
                 "  a: {min: 0, max: 1, when: {optimiser: sgd}}\n"
                 "  b: {min: 0, max: 1, when: {optimizer: adan}}\n"
                 "  c: {min: 0, max: 1, when: optimizer}\n"),
      ElementsAre(AllOf(StartsWith("5:30: parameters.a.when: "),
                        EndsWith("did you mean `optimizer`?")),
                  AllOf(StartsWith("6:30: parameters.b.when: "),
                        HasSubstr("`adan`"), EndsWith("did you mean `adam`?")),
                  StartsWith("7:29: parameters.c.when: found `optimizer`, "
                             "expected one other parameter")));
}

TEST(StudyFileSpaceTest, ABrokenParameterBreaksNoOther) {
  EXPECT_THAT(ProblemsOf("parameters:\n"
                         "  a: {choices: [x, y]}\n"
                         "  b: {min: 0, max: 1, when: {a: x}}\n"
                         "forbidden: [{a: x, b: 1}]\n"),
              ElementsAre(AllOf(StartsWith("4:7: parameters.a.choices: "),
                                EndsWith("did you mean `choice`?"))));
}

TEST(StudyFileSpaceTest, ForbiddenIsAListOfMaps) {
  EXPECT_THAT(ProblemsOf("forbidden: {a: 1}\n"),
              ElementsAre(StartsWith("3:1: forbidden: found a map, expected a "
                                     "list")));
  EXPECT_THAT(ProblemsOf("parameters: {a: [1, 2]}\nforbidden: [a, {b: 1}]\n"),
              ElementsAre(StartsWith("4:13: forbidden[0]: found `a`"),
                          StartsWith("4:17: forbidden[1].b: found an unknown "
                                     "name")));
}

}  // namespace
}  // namespace attune

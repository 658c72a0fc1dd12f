#include "client/assignments.h"

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/testing/status_matchers.h"

namespace attune {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::SizeIs;

constexpr auto kInvalidPoint = absl::StatusCode::kInvalidArgument;

ParameterValue AText(const char* text) { return std::string(text); }

// One parameter of each kind.
StudySpec SearchedStudy() {
  StudySpec spec;
  spec.space.parameters = {
      {.name = "rate", .domain = DoubleRange{.min = 0.0, .max = 10.0}},
      {.name = "layers", .domain = IntRange{.min = 1, .max = 8}},
      {.name = "batch", .domain = Discrete{{0.5, 1.0}}},
      {.name = "kind",
       .domain = Choice{{AText("a"), AText("7"), 2.0, true, int64_t{3}}}}};
  return spec;
}

// A point of SearchedStudy(), with `more` in place of its values.
absl::StatusOr<Parameters> ReadWith(const std::vector<NameAndText>& more) {
  std::vector<NameAndText> values = {
      {"rate", "0.1"}, {"layers", "2"}, {"batch", "1"}, {"kind", "a"}};
  for (const NameAndText& pair : more) {
    for (NameAndText& value : values) {
      if (value.first == pair.first) value.second = pair.second;
    }
  }
  return ReadPoint(values, SearchedStudy());
}

TEST(AssignmentsTest, AreSplitAtTheFirstSign) {
  EXPECT_THAT(
      SplitAssignments({"a=1", "b=x=y", "c="}),
      IsOkAndHolds(ElementsAre(NameAndText("a", "1"), NameAndText("b", "x=y"),
                               NameAndText("c", ""))));
}

TEST(AssignmentsTest, NeedANameAndASign) {
  EXPECT_THAT(SplitAssignments({"a"}),
              StatusIs(kInvalidPoint, "found `a`, expected NAME=VALUE"));
  EXPECT_THAT(SplitAssignments({"=1"}),
              StatusIs(kInvalidPoint, "found `=1`, expected NAME=VALUE"));
  EXPECT_THAT(SplitAssignments({"a=1", "a=2"}),
              StatusIs(kInvalidPoint, "found `a` twice, expected it once"));
}

TEST(AssignmentsTest, AttributesAreTextsUnderNames) {
  EXPECT_THAT(ReadAttributes({"owner=anna", "n=1"}),
              IsOkAndHolds(Attributes{{"owner", "anna"}, {"n", "1"}}));
  EXPECT_THAT(
      ReadAttributes({"1st=x"}),
      StatusIs(kInvalidPoint, HasSubstr("attributes: found the name `1st`")));
}

TEST(AssignmentsTest, AValueHasTheTypeOfItsDomain) {
  EXPECT_THAT(ReadWith({{"rate", "1"}}),
              IsOkAndHolds(Parameters{{"rate", 1.0},
                                      {"layers", int64_t{2}},
                                      {"batch", 1.0},
                                      {"kind", AText("a")}}));
}

struct ChoiceCase {
  std::string name;
  std::string text;
  ParameterValue value;
};

class ChoiceTest : public testing::TestWithParam<ChoiceCase> {};

TEST_P(ChoiceTest, IsToldByItsTextNumberOrBool) {
  ATTUNE_ASSERT_OK_AND_ASSIGN(const Parameters point,
                              ReadWith({{"kind", GetParam().text}}));
  EXPECT_EQ(point.at("kind"), GetParam().value);
}

INSTANTIATE_TEST_SUITE_P(
    Forms, ChoiceTest,
    testing::Values(ChoiceCase{"Text", "a", AText("a")},
                    ChoiceCase{"TextOfADigit", "7", AText("7")},
                    ChoiceCase{"Decimal", "2.0", 2.0},
                    ChoiceCase{"DecimalAsInteger", "2", 2.0},
                    ChoiceCase{"Integer", "3", int64_t{3}},
                    ChoiceCase{"IntegerAsDecimal", "3.0", int64_t{3}},
                    ChoiceCase{"Bool", "true", true}),
    [](const auto& test) { return test.param.name; });

TEST(AssignmentsTest, SaysAllThatIsWrongWithAPoint) {
  EXPECT_THAT(
      ReadWith({{"rate", "fast"}, {"layers", "2.5"}, {"kind", "b"}}),
      StatusIs(kInvalidPoint,
               AllOf(HasSubstr("parameters.rate: found the text `fast`, "
                               "expected a number with a point from 0.0"),
                     HasSubstr("\nparameters.layers: found the number `2.5`"),
                     HasSubstr("\nparameters.kind: found the text `b`, "
                               "expected one of a, 7, 2.0, true, 3"))));
  EXPECT_THAT(
      ReadPoint({{"rat", "1"}}, SearchedStudy()),
      StatusIs(kInvalidPoint,
               AllOf(HasSubstr("parameters.rate: found none"),
                     HasSubstr("parameters.rat: found an unknown name"))));
}

TEST(AssignmentsTest, ANumberThatNothingHoldsIsRefusedOnce) {
  EXPECT_THAT(ReadWith({{"layers", "99999999999999999999"}}),
              StatusIs(kInvalidPoint,
                       "parameters.layers: found `99999999999999999999`, "
                       "expected an integer of at most 64 bits"));
}

TEST(AssignmentsTest, WithoutASearchSpaceTheFormTellsTheType) {
  EXPECT_THAT(
      ReadPoint({{"i", "1"}, {"d", "1.0"}, {"b", "true"}, {"t", "1x"}}, {}),
      IsOkAndHolds(Parameters{
          {"i", int64_t{1}}, {"d", 1.0}, {"b", true}, {"t", AText("1x")}}));
  EXPECT_THAT(ReadPoint({{"a b", "1"}}, {}),
              StatusIs(kInvalidPoint, HasSubstr("found the name `a b`")));
}

TEST(AssignmentsTest, ATableHasAPointInEachLine) {
  EXPECT_THAT(ReadPoints("rate,layers,batch,kind\n1,2,0.5,a\n2,3,1,true\n",
                         "p.csv", SearchedStudy()),
              IsOkAndHolds(ElementsAre(Parameters{{"rate", 1.0},
                                                  {"layers", int64_t{2}},
                                                  {"batch", 0.5},
                                                  {"kind", AText("a")}},
                                       Parameters{{"rate", 2.0},
                                                  {"layers", int64_t{3}},
                                                  {"batch", 1.0},
                                                  {"kind", true}})));
}

TEST(AssignmentsTest, AnEmptyCellGivesNoValue) {
  EXPECT_THAT(ReadPoints("x,y\n1,\n,2\n", "p.csv", {}),
              IsOkAndHolds(ElementsAre(Parameters{{"x", int64_t{1}}},
                                       Parameters{{"y", int64_t{2}}})));
}

TEST(AssignmentsTest, ProblemsOfATableNameTheirLines) {
  EXPECT_THAT(
      ReadPoints("rate,layers,batch,kind\n1,2,1,a\nx,2,1,a\n1,9,1,a\n", "p.csv",
                 SearchedStudy()),
      StatusIs(kInvalidPoint,
               AllOf(HasSubstr("reading p.csv, line 3: parameters.rate: "),
                     HasSubstr("\nreading p.csv, line 4: parameters.layers: "),
                     testing::Not(HasSubstr("line 2")))));
}

TEST(AssignmentsTest, TheFirstLineHasTheNames) {
  const StudySpec spec = SearchedStudy();
  EXPECT_THAT(
      ReadPoints("rate,layer\n1,2\n", "p.csv", spec),
      StatusIs(kInvalidPoint, AllOf(HasSubstr("line 1: found the name "
                                              "`layer`, expected one of"),
                                    HasSubstr("did you mean `layers`?"))));
  EXPECT_THAT(ReadPoints("x,x\n1,2\n", "p.csv", {}),
              StatusIs(kInvalidPoint, HasSubstr("found the name `x` twice")));
  EXPECT_THAT(
      ReadPoints("x,y\n1\n", "p.csv", {}),
      StatusIs(kInvalidPoint, HasSubstr("line 2: found 1 cells, expected "
                                        "2")));
}

TEST(AssignmentsTest, ATableHasPointsAndNotTooMany) {
  EXPECT_THAT(ReadPoints("", "p.csv", {}),
              StatusIs(kInvalidPoint, HasSubstr("found no points")));
  EXPECT_THAT(ReadPoints("x\n", "p.csv", {}),
              StatusIs(kInvalidPoint, HasSubstr("found no points")));
  std::string text = "x\n";
  for (size_t i = 0; i < kMaxPoints; ++i) absl::StrAppend(&text, i, "\n");
  EXPECT_THAT(ReadPoints(text, "p.csv", {}), IsOkAndHolds(SizeIs(kMaxPoints)));
  EXPECT_THAT(
      ReadPoints(text + "1\n", "p.csv", {}),
      StatusIs(kInvalidPoint, HasSubstr("line 1002: found another point, "
                                        "expected at most 1000")));
}

}  // namespace
}  // namespace attune

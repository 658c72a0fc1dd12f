#include "worker/data/csv.h"

#include <cmath>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/testing/idx_files.h"
#include "tests/testing/status_matchers.h"

namespace attune::nn {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using Task = CsvOptions::Task;
using Missing = CsvOptions::Missing;

const Table& Inputs(const Dataset& dataset) {
  return std::get<Table>(dataset.inputs);
}

Dataset Parse(const std::string& text, const CsvOptions& options = {}) {
  return ParseCsv(text, options, "x.csv").value();
}

TEST(CsvTest, ReadsNumbersAndClasses) {
  const Dataset dataset = Parse(
      "length,kind,width\n"
      "1.5,b,-2\n"
      "3e2,a,4\n",
      {.target_column = "kind"});
  Table expected(2, 2);
  expected << 1.5, 300.0,  //
      -2.0, 4.0;
  EXPECT_EQ(Inputs(dataset), expected);
  EXPECT_THAT(dataset.classes, ElementsAre("a", "b"));
  EXPECT_THAT(dataset.labels, ElementsAre(1, 0));
  EXPECT_FALSE(dataset.is_regression());
  EXPECT_THAT(dataset.categories, IsEmpty());
  EXPECT_FALSE(dataset.has_missing);
}

TEST(CsvTest, SortsIntegerClassesAsNumbers) {
  EXPECT_THAT(Parse("x,target\n1,10\n2,9\n3,-1\n").classes,
              ElementsAre("-1", "9", "10"));
}

TEST(CsvTest, MakesOneFeatureOfEachText) {
  const Dataset dataset = Parse(
      "x,color,target\n"
      "1,red,a\n"
      "2,blue,b\n"
      "3,red,a\n");
  Table expected(3, 3);
  expected << 1, 2, 3,  //
      0, 1, 0,          // blue
      1, 0, 1;          // red
  EXPECT_EQ(Inputs(dataset), expected);
  EXPECT_THAT(dataset.categories, ElementsAre(OneHot{.begin = 1, .size = 2}));
}

TEST(CsvTest, NumbersCanBeNamedCategories) {
  const Dataset dataset = Parse("month,target\n12,a\n2,b\n12,b\nmay,a\n",
                                {.categorical = {"month"}});
  Table expected(3, 4);
  expected << 1, 0, 1, 0,  // as texts, as one of them is none but a text
      0, 1, 0, 0,          //
      0, 0, 0, 1;
  EXPECT_EQ(Inputs(dataset), expected);
}

TEST(CsvTest, SortsIntegerCategoriesAsNumbers) {
  const Dataset dataset =
      Parse("month,target\n12,a\n2,b\n", {.categorical = {"month"}});
  Table expected(2, 2);
  expected << 0, 1,  // 2
      1, 0;          // 12
  EXPECT_EQ(Inputs(dataset), expected);
}

TEST(CsvTest, ATargetWithAFractionIsANumberToPredict) {
  const Dataset dataset = Parse("x,target\n1,10\n2,9.5\n");
  EXPECT_TRUE(dataset.is_regression());
  Table expected(1, 2);
  expected << 10.0, 9.5;
  EXPECT_EQ(dataset.targets, expected);
  EXPECT_THAT(dataset.labels, IsEmpty());
  EXPECT_THAT(dataset.classes, IsEmpty());
}

struct TaskCase {
  std::string name;
  std::string targets;
  Task task;
  bool is_regression;
};

class CsvTaskTest : public testing::TestWithParam<TaskCase> {};

TEST_P(CsvTaskTest, IsToldByTheTargetUnlessItIsSaid) {
  const auto& [name, targets, task, is_regression] = GetParam();
  std::string text = "x,target\n";
  for (const char target : targets)
    absl::StrAppend(&text, "1,", target == '_' ? "0.5" : std::string(1, target),
                    "\n");
  EXPECT_EQ(Parse(text, {.task = task}).is_regression(), is_regression);
}

INSTANTIATE_TEST_SUITE_P(
    All, CsvTaskTest,
    testing::Values(TaskCase{"Texts", "ab", Task::kAuto, false},
                    TaskCase{"Integers", "12", Task::kAuto, false},
                    TaskCase{"AFraction", "12_", Task::kAuto, true},
                    TaskCase{"AFractionBeforeAText", "_a", Task::kAuto, false},
                    TaskCase{"AFractionAfterAText", "a_", Task::kAuto, false},
                    TaskCase{"IntegersToPredict", "12", Task::kRegression,
                             true},
                    TaskCase{"AFractionAmongNamesOfClasses", "_a",
                             Task::kClassification, false}),
    [](const auto& test) { return test.param.name; });

TEST(CsvTest, WholeNumbersWrittenWithAPointAreClasses) {
  EXPECT_THAT(Parse("x,target\n1,1.0\n2,0.0\n").classes,
              ElementsAre("0.0", "1.0"));
}

constexpr char kWithMissing[] =
    "x,color,target\n"
    "1,red,a\n"
    ",blue,b\n"
    "3,?,a\n"
    "4,NA,b\n"
    "NaN,red,a\n";

TEST(CsvTest, LeavesRowsWithMissingValuesOut) {
  const Dataset dataset =
      Parse("x,target\n1,a\nna,b\n3,\n4,b\n", {.missing = Missing::kDrop});
  Table expected(1, 2);
  expected << 1, 4;
  EXPECT_EQ(Inputs(dataset), expected);
  EXPECT_THAT(dataset.labels, ElementsAre(0, 1));
  EXPECT_FALSE(dataset.has_missing);
}

TEST(CsvTest, KeepsWhatIsMissingToBeImputed) {
  const Dataset dataset = Parse(kWithMissing, {.missing = Missing::kImpute});
  EXPECT_TRUE(dataset.has_missing);
  Eigen::Array<bool, 3, 5> missing;
  missing << false, true, false, false, true,  //
      false, false, true, true, false,         //
      false, false, true, true, false;
  EXPECT_TRUE((Inputs(dataset).array().isNaN() == missing).all());
  EXPECT_EQ(Inputs(dataset)(2, 4), 1.0);  // red
}

struct RefusalCase {
  std::string name;
  std::string text;
  CsvOptions options;
  std::string why;
};

class CsvRefusalTest : public testing::TestWithParam<RefusalCase> {};

TEST_P(CsvRefusalTest, SaysWhatWasFoundAndExpected) {
  EXPECT_THAT(ParseCsv(GetParam().text, GetParam().options, "d.csv"),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       testing::StartsWith("reading d.csv" + GetParam().why)));
}

std::string ManyTexts(const std::string& prefix) {
  std::string text = "x,target\n";
  for (int i = 0; i <= 1000; ++i) absl::StrAppend(&text, prefix, i, ",a\n");
  return text;
}

std::string ManyTargets() {
  std::string text = "x,target\n";
  for (int i = 0; i <= 1000; ++i) absl::StrAppend(&text, "1,", i, "\n");
  return text;
}

INSTANTIATE_TEST_SUITE_P(
    All, CsvRefusalTest,
    testing::Values(
        RefusalCase{"Empty", "", {}, ": found nothing, expected a header"},
        RefusalCase{"NoRows",
                    "x,target\n",
                    {},
                    ": found a header alone, expected rows below it"},
        RefusalCase{"OnlyATarget",
                    "target\na\n",
                    {},
                    ", line 1: found no column beside the target"},
        RefusalCase{"NoTarget",
                    "x,tarjet\n1,a\n",
                    {},
                    ", line 1: found the columns x, tarjet, expected one "
                    "called `target` (target_column); did you mean `tarjet`?"},
        RefusalCase{"TwoOfAName",
                    "x,x,target\n1,2,a\n",
                    {},
                    ", line 1: found several columns called `x`"},
        RefusalCase{"NoSuchCategories",
                    "color,target\nred,a\n",
                    {.categorical = {"colour"}},
                    ", line 1: found the columns color, expected one called "
                    "`colour` (categorical); did you mean `color`?"},
        RefusalCase{"TargetAsCategories",
                    "color,target\nred,a\n",
                    {.categorical = {"target"}},
                    ", line 1: found the columns color, expected one called "
                    "`target` (categorical)"},
        RefusalCase{"LongRow",
                    "x,target\n1,a\n1,2,b\n",
                    {},
                    ", line 3: found 3 fields, expected 2 as in the header"},
        RefusalCase{"TruncatedRow",
                    "x,y,target\n1,2,a\n1,2",
                    {},
                    ", line 3: found 2 fields, expected 3 as in the header"},
        RefusalCase{"Quote",
                    "x,target\n\"1,a\n",
                    {},
                    ", line 2: column 1: found a quote that is not closed"},
        RefusalCase{"TextAmongNumbers",
                    "x,y,target\n1,2,a\n\n1,two,b\n",
                    {},
                    ", line 4: column 2 (`y`): found `two`, expected a number "
                    "as `2` in line 2; if they are categories, name the column "
                    "in `categorical`"},
        RefusalCase{"NumberAmongTexts",
                    "x,target\nlow,a\n3,b\n",
                    {},
                    ", line 3: column 1 (`x`): found `3`, expected a text as "
                    "`low` in line 2"},
        RefusalCase{"Infinite",
                    "x,target\ninf,a\n",
                    {},
                    ", line 2: column 1 (`x`): found `inf`, expected a finite "
                    "number"},
        RefusalCase{"TooLarge",
                    "x,target\n1e999,a\n",
                    {},
                    ", line 2: column 1 (`x`): found `1e999`, expected a "
                    "finite number"},
        RefusalCase{"Missing",
                    "x,target\n1,a\n?,a\n",
                    {},
                    ", line 3: column 1 (`x`): found `?`, expected a value; "
                    "`missing: drop`"},
        RefusalCase{"MissingTarget",
                    "x,target\n1,\n",
                    {},
                    ", line 2: column 2 (`target`): found ``, expected a "
                    "value"},
        RefusalCase{"TargetToImpute",
                    "x,target\n1,NA\n",
                    {.missing = Missing::kImpute},
                    ", line 2: column 2 (`target`): found `NA`, expected a "
                    "target, which is not made up"},
        RefusalCase{"AllDropped",
                    "x,target\n,a\n",
                    {.missing = Missing::kDrop},
                    ": found no row without a missing value"},
        RefusalCase{"EmptyColumn",
                    "x,y,target\n1,,a\n2,,b\n",
                    {.missing = Missing::kImpute},
                    ": found no value in the column `y`"},
        RefusalCase{"EmptyCategories",
                    "x,y,target\n1,,a\n2,,b\n",
                    {.categorical = {"y"}, .missing = Missing::kImpute},
                    ": found no value in the column `y`"},
        RefusalCase{"OneClass",
                    "x,target\n1,a\n2,a\n",
                    {},
                    ": found 1 different values in the column `target`, "
                    "expected from 2 to 1000 classes"},
        RefusalCase{"ManyClasses",
                    ManyTargets(),
                    {},
                    ": found more than 1000 different values in the column "
                    "`target`, expected from 2 to 1000 classes; if it is a "
                    "number to predict, say `task: regression`"},
        RefusalCase{"ManyCategories",
                    ManyTexts("name"),
                    {},
                    ", line 1002: column 1 (`x`): found `name1000`, expected "
                    "at most 1000 different values"},
        RefusalCase{"FractionAsAClass",
                    "x,target\n1,2\n1,0.5\n1,1\n1,2.5\n",
                    {.task = Task::kClassification},
                    ", line 3: column 2 (`target`): found `0.5`, expected a "
                    "class, which is a text or a whole number where all are "
                    "numbers; if it is a number to predict, say `task: "
                    "regression`"},
        RefusalCase{"TextToPredict",
                    "x,target\n1,2\n1,high\n",
                    {.task = Task::kRegression},
                    ", line 3: column 2 (`target`): found `high`, expected a "
                    "finite number to predict"}),
    [](const auto& test) { return test.param.name; });

// A file that is no table, or one whose separators are others, is read as a
// header of whatever length.
TEST(CsvTest, SaysBrieflyWhatIsWrongWithALongHeader) {
  std::string header;
  for (int i = 0; i < 300'000; ++i) absl::StrAppend(&header, i, ",");
  const absl::Status status = ParseCsv(header + "end\n", {}, "d.csv").status();
  EXPECT_THAT(status, StatusIs(absl::StatusCode::kInvalidArgument,
                               HasSubstr("and 299981 more, expected one")));
  EXPECT_LT(status.message().size(), 1000u);
}

TEST(CsvTest, SaysBrieflyWhatIsWrongWithALongField) {
  const absl::Status status =
      ParseCsv("x,target\n1,a\n" + std::string(100'000, 'x') + ",b\n", {},
               "d.csv")
          .status();
  EXPECT_THAT(status, StatusIs(absl::StatusCode::kInvalidArgument,
                               HasSubstr("xxx...`, expected a number as")));
  EXPECT_LT(status.message().size(), 1000u);
}

TEST(CsvTest, ReadsAFile) {
  const std::string path = TestFolder() + "/t.csv";
  WriteFile(path, "x,target\n1,a\n2,b\n");
  EXPECT_EQ(ReadCsv(path, {})->num_examples(), 2);
}

TEST(CsvTest, AFileThatIsNotThereIsNotFound) {
  EXPECT_THAT(ReadCsv("/nowhere/d.csv", {}),
              StatusIs(absl::StatusCode::kNotFound,
                       HasSubstr("opening /nowhere/d.csv: No such file")));
}

TEST(CsvTest, TakesNoNumberThatIsTooLargeForAClass) {
  EXPECT_THAT(ParseCsv("x,target\n1,0.5\n2,1e999\n", {}, "x.csv"),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       HasSubstr("found `1e999`, expected a finite number")));
}

}  // namespace
}  // namespace attune::nn

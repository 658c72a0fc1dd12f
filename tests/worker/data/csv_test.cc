#include "worker/data/csv.h"

#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/testing/status_matchers.h"

namespace attune::nn {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

auto Refused(const std::string& why) {
  return StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr(why));
}

TEST(CsvTest, ReadsNumbersAndLabels) {
  const Dataset dataset = ParseCsv(
                              "length,kind,width\n"
                              "1.5,b,-2\n"
                              "3e2,a,4\n",
                              "kind", "x.csv")
                              .value();
  Matrix expected(2, 2);
  expected << 1.5, 300.0,  //
      -2.0, 4.0;
  EXPECT_EQ(std::get<Matrix>(dataset.inputs), expected);
  EXPECT_THAT(dataset.classes, ElementsAre("a", "b"));
  EXPECT_THAT(dataset.labels, ElementsAre(1, 0));
}

TEST(CsvTest, SortsIntegerClassesAsNumbers) {
  const Dataset dataset =
      ParseCsv("x,label\n1,10\n2,9\n3,-1\n", "label", "x.csv").value();
  EXPECT_THAT(dataset.classes, ElementsAre("-1", "9", "10"));
}

TEST(CsvTest, TakesWhatSpreadsheetsWrite) {
  const Dataset dataset = ParseCsv(
                              "\xef\xbb\xbf\"a \"\"x\"\", b\", label \r\n"
                              "\"1\",\"one, or so\"\r\n"
                              "\r\n"
                              " 2 ,two\r\n",
                              "label", "x.csv")
                              .value();
  EXPECT_THAT(dataset.classes, ElementsAre("one, or so", "two"));
  EXPECT_EQ(std::get<Matrix>(dataset.inputs).cols(), 2);
}

TEST(CsvTest, NamesLineAndColumnOfWhatIsNoNumber) {
  EXPECT_THAT(ParseCsv("x,y,label\n1,2,a\n\n1,two,b\n", "label", "d.csv"),
              Refused("reading d.csv, line 4: column 2 (`y`): found `two`, "
                      "expected a finite number"));
  EXPECT_THAT(ParseCsv("x,label\nnan,a\n", "label", "d.csv"),
              Refused("line 2: column 1 (`x`): found `nan`"));
  EXPECT_THAT(ParseCsv("x,label\n,a\n", "label", "d.csv"),
              Refused("line 2: column 1 (`x`): found ``"));
}

TEST(CsvTest, RefusesAMissingLabel) {
  EXPECT_THAT(ParseCsv("x,label\n1,\n", "label", "d.csv"),
              Refused("line 2: column 2 (`label`): found ``, expected a "
                      "class"));
}

TEST(CsvTest, RefusesARowOfAnotherLength) {
  EXPECT_THAT(ParseCsv("x,label\n1,a\n1,2,b\n", "label", "d.csv"),
              Refused("line 3: found 3 fields, expected 2"));
}

TEST(CsvTest, NamesTheColumnsIfTheLabelIsNotAmongThem) {
  EXPECT_THAT(ParseCsv("x,lable\n1,a\n", "label", "d.csv"),
              Refused("found the columns x, lable, expected one called "
                      "`label` (label_column); did you mean `lable`?"));
}

TEST(CsvTest, RefusesWhatHasNothingToLearn) {
  EXPECT_THAT(ParseCsv("", "label", "d.csv"), Refused("expected a header"));
  EXPECT_THAT(ParseCsv("label\na\n", "label", "d.csv"),
              Refused("no column beside the label"));
  EXPECT_THAT(ParseCsv("x,label\n1,a\n2,a\n", "label", "d.csv"),
              Refused("found 1 different values"));
  EXPECT_THAT(ParseCsv("x,label\n", "label", "d.csv"),
              Refused("found 0 different values"));
}

TEST(CsvTest, RefusesAQuoteThatIsNotClosed) {
  EXPECT_THAT(ParseCsv("x,label\n\"1,a\n", "label", "d.csv"),
              Refused("line 2: column 1: found a quote that is not closed"));
}

TEST(CsvTest, AFileThatIsNotThereIsNotFound) {
  EXPECT_THAT(ReadCsv("/nowhere/d.csv", "label"),
              StatusIs(absl::StatusCode::kNotFound,
                       HasSubstr("reading /nowhere/d.csv: No such file")));
}

}  // namespace
}  // namespace attune::nn

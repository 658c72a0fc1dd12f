#include "worker/data/csv_inputs.h"

#include <cmath>
#include <string>

#include "gtest/gtest.h"
#include "tests/testing/status_matchers.h"
#include "worker/data/csv.h"

namespace attune::nn {
namespace {

using testing::HasSubstr;

constexpr char kTable[] =
    "size,colour,target\n"
    "1,red,a\n"
    "2,blue,b\n"
    "3,red,b\n";

Dataset Learnt(CsvOptions::Missing missing = CsvOptions::Missing::kRefuse,
               const std::string& more = "") {
  return ParseCsv(kTable + more, {.missing = missing}, "t").value();
}

TEST(CsvInputsTest, ReadsATableAsItWasLearnt) {
  const Dataset dataset = Learnt();
  EXPECT_EQ(ParseCsvInputs(kTable, dataset, "t").value(),
            std::get<Table>(dataset.inputs));
}

TEST(CsvInputsTest, FindsColumnsByTheirNames) {
  Table expected(3, 1);
  expected << 5, 1, 0;  // size, blue, red
  EXPECT_EQ(
      ParseCsvInputs("note,colour,size\nnew,blue,5\n", Learnt(), "t").value(),
      expected);
}

TEST(CsvInputsTest, TakesATableWithoutRows) {
  EXPECT_EQ(ParseCsvInputs("size,colour\n", Learnt(), "t")->cols(), 0);
}

TEST(CsvInputsTest, LeavesWhatIsMissingToThoseWhoHaveLearntToMiss) {
  const Dataset dataset = Learnt(CsvOptions::Missing::kImpute, "?,red,a\n");
  const Table inputs =
      ParseCsvInputs("size,colour\nNA,\n", dataset, "t").value();
  EXPECT_TRUE(inputs.array().isNaN().all());
}

struct Wrong {
  std::string name;
  std::string text;
  std::string says;
};

class WrongCsvInputsTest : public testing::TestWithParam<Wrong> {};

TEST_P(WrongCsvInputsTest, AreRefused) {
  EXPECT_THAT(ParseCsvInputs(GetParam().text, Learnt(), "new.csv"),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       testing::AllOf(HasSubstr("new.csv"),
                                      HasSubstr(GetParam().says))));
}

INSTANTIATE_TEST_SUITE_P(
    All, WrongCsvInputsTest,
    testing::Values(
        Wrong{"Empty", "", "found nothing, expected a header"},
        Wrong{"Column", "siz,colour\n1,red\n", "is it `siz`?"},
        Wrong{"Category", "size,colour\n1,green\n",
              "found `green`, expected one of blue, red"},
        Wrong{"Number", "size,colour\nbig,red\n", "a finite number"},
        Wrong{"Missing", "size,colour\n,red\n", "expected a value"},
        Wrong{"Fields", "size,colour\n1\n", "found 1 fields, expected 2"}),
    [](const auto& param) { return param.param.name; });

TEST(CsvInputsTest, SaysThatThereIsNoFile) {
  EXPECT_THAT(ReadCsvInputs("/none.csv", Learnt()),
              StatusIs(absl::StatusCode::kNotFound));
}

}  // namespace
}  // namespace attune::nn

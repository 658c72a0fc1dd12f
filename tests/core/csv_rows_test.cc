#include "core/csv_rows.h"

#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/testing/status_matchers.h"

namespace attune {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

std::vector<std::vector<std::string>> All(const std::string& text) {
  CsvRows rows(text, "x.csv");
  std::vector<std::vector<std::string>> all;
  std::vector<std::string> fields;
  while (rows.Next(fields).value()) all.push_back(fields);
  return all;
}

TEST(CsvRowsTest, CutsFieldsAtCommas) {
  EXPECT_THAT(All("a,b\n1,,3\n"),
              ElementsAre(ElementsAre("a", "b"), ElementsAre("1", "", "3")));
}

TEST(CsvRowsTest, TheLastLineNeedsNoEnd) {
  EXPECT_THAT(All("a\nb"), ElementsAre(ElementsAre("a"), ElementsAre("b")));
}

TEST(CsvRowsTest, ACommaAtTheEndIsFollowedByAnEmptyField) {
  EXPECT_THAT(All("a,\n"), ElementsAre(ElementsAre("a", "")));
}

TEST(CsvRowsTest, QuotesKeepCommasSpacesAndQuotes) {
  EXPECT_THAT(All(R"("a,b"," c ","say ""no""")"),
              ElementsAre(ElementsAre("a,b", " c ", "say \"no\"")));
}

TEST(CsvRowsTest, TakesSpacesOffFieldsWithoutQuotes) {
  EXPECT_THAT(All(" a ,\tb\n"), ElementsAre(ElementsAre("a", "b")));
}

TEST(CsvRowsTest, TakesWhatSpreadsheetsWrite) {
  EXPECT_THAT(All("\xef\xbb\xbf"
                  "a,b\r\n\r\n1,2\r\n"),
              ElementsAre(ElementsAre("a", "b"), ElementsAre("1", "2")));
}

TEST(CsvRowsTest, CountsTheLinesItPassesOver) {
  CsvRows rows("a\n\n \nb\n", "x.csv");
  std::vector<std::string> fields;
  ATTUNE_ASSERT_OK(rows.Next(fields));
  EXPECT_EQ(rows.line(), 1);
  ATTUNE_ASSERT_OK(rows.Next(fields));
  EXPECT_EQ(rows.line(), 4);
  EXPECT_EQ(rows.Wrong("found it").message(),
            "reading x.csv, line 4: found it");
}

TEST(CsvRowsTest, RefusesCarriageReturnsAsEndsOfLines) {
  CsvRows rows("a,b\r1,2\r", "x.csv");
  std::vector<std::string> fields;
  EXPECT_THAT(rows.Next(fields),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       HasSubstr("line 1: found a carriage return within")));
}

class BadQuoteTest : public testing::TestWithParam<const char*> {};

TEST_P(BadQuoteTest, IsRefusedWithItsPlace) {
  CsvRows rows(GetParam(), "x.csv");
  std::vector<std::string> fields;
  ATTUNE_ASSERT_OK(rows.Next(fields));
  EXPECT_THAT(rows.Next(fields),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       HasSubstr("reading x.csv, line 2: column 2: found a "
                                 "quote")));
}

INSTANTIATE_TEST_SUITE_P(All, BadQuoteTest,
                         testing::Values("a,b\n1,\"2\n", "a,b\n1,\"2\"3\n",
                                         "a,b\n1,\"2\n\"\n", "a,b\n1,\"\n"));

}  // namespace
}  // namespace attune

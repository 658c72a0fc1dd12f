#include "client/format.h"

#include <cmath>
#include <nlohmann/json.hpp>
#include <string>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace attune {
namespace {

using testing::HasSubstr;

Table SmallTable() {
  return {.columns = {{.title = "name"},
                      {.title = "value", .is_number = true},
                      {.title = "note", .is_optional = true}},
          .rows = {{{.text = "a"}, {.text = "1.5"}, {.text = "first"}},
                   {{.text = "longer"}, {.text = "10"}, {.text = ""}}}};
}

TEST(FormatTableTest, AlignsTextsLeftAndNumbersRight) {
  EXPECT_EQ(FormatTable(SmallTable(), {}),
            "name    value  note\n"
            "a         1.5  first\n"
            "longer     10  \n");
}

TEST(FormatTableTest, CountsCharactersAndNotBytes) {
  const Table table = {.columns = {{.title = "n"}, {.title = "m"}},
                       .rows = {{{.text = "äöü"}, {.text = "x"}},
                                {{.text = "abc"}, {.text = "y"}}}};
  EXPECT_EQ(FormatTable(table, {}), "n    m\näöü  x\nabc  y\n");
}

TEST(FormatTableTest, LeavesOutOptionalColumnsWhereThereIsNoRoom) {
  int hidden = 0;
  EXPECT_EQ(FormatTable(SmallTable(), {.width = 13}, &hidden),
            "name    value\n"
            "a         1.5\n"
            "longer     10\n");
  EXPECT_EQ(hidden, 1);
  FormatTable(SmallTable(), {.width = 100}, &hidden);
  EXPECT_EQ(hidden, 0);
}

TEST(FormatTableTest, KeepsTheFirstColumnHoweverNarrow) {
  int hidden = 0;
  EXPECT_EQ(FormatTable(SmallTable(), {.width = 1}, &hidden),
            "name\na\nlonger\n");
  EXPECT_EQ(hidden, 2);
}

TEST(FormatTableTest, CutsLongTextsBeforeItLeavesOutColumns) {
  const Table table = {
      .columns = {{.title = "id"}, {.title = "text"}},
      .rows = {{{.text = "1"}, {.text = "abcdefghijklmnopqrstuvwxyz"}}}};
  int hidden = 0;
  EXPECT_EQ(FormatTable(table, {.width = 20}, &hidden),
            "id  text\n1   abcdefghijklmno…\n");
  EXPECT_EQ(hidden, 0);
}

TEST(FormatTableTest, LongNamesLoseTheirMiddleWhereThereIsNoRoom) {
  const std::string name = absl::StrCat("start", std::string(40, '-'), "end");
  const std::string shortened = Shortened(name, kLongestName);
  const Table table = {
      .columns = {{.title = "metric"}, {.title = name, .is_number = true}},
      .rows = {{{name}, {"1"}}}};
  EXPECT_EQ(FormatTable(table, {.width = 70}),
            absl::StrCat("metric", std::string(26, ' '), "  ", shortened, "\n",
                         shortened, "  ", std::string(31, ' '), "1\n"));
  EXPECT_THAT(FormatTable(table, {}), HasSubstr(name));
}

TEST(ShortenedTest, KeepsStartAndEnd) {
  EXPECT_EQ(Shortened("abcdefgh", 8), "abcdefgh");
  EXPECT_EQ(Shortened("abcdefgh", 7), "abc…fgh");
  EXPECT_EQ(Shortened("abcdefgh", 6), "abc…gh");
  EXPECT_EQ(Shortened("äöüäöü", 5), "äö…öü");
  EXPECT_EQ(Shortened("abc", 1), "…");
}

TEST(FormatTableTest, WrapsWhereTheColumnSaysSo) {
  const Table table = {
      .columns = {{.title = "id"}, {.title = "help", .wraps = true}},
      .rows = {{{.text = "1"}, {.text = "one two three four five six seven"}},
               {{.text = "2"}, {.text = "short"}}}};
  int hidden = 0;
  EXPECT_EQ(FormatTable(table, {.width = 30}, &hidden),
            "id  help\n"
            "1   one two three four five\n"
            "    six seven\n"
            "2   short\n");
  EXPECT_EQ(hidden, 0);
}

TEST(FormatTableTest, PutsATextBelowItsRowWhereThereIsNoRoom) {
  const Table table = {
      .columns = {{.title = "id"}, {.title = "help", .goes_below = true}},
      .rows = {{{.text = "1"}, {.text = "one two three four five"}},
               {{.text = "2"}, {.text = ""}}}};
  int hidden = 0;
  EXPECT_EQ(FormatTable(table, {.width = 18}, &hidden),
            "id\n"
            "1\n"
            "    one two three\n"
            "    four five\n"
            "2\n");
  EXPECT_EQ(hidden, 0);
  EXPECT_EQ(FormatTable(table, {.width = 40}),
            "id  help\n1   one two three four five\n2   \n");
}

TEST(FormatTableTest, ColourDoesNotCountAsWidth) {
  const Table table = {
      .columns = {{.title = "s"}, {.title = "t"}},
      .rows = {{{.text = "x", .style = Style::kRed}, {.text = "y"}}}};
  EXPECT_EQ(FormatTable(table, {.color = true}),
            "\x1b[1ms\x1b[0m  \x1b[1mt\x1b[0m\n\x1b[31mx\x1b[0m  y\n");
}

TEST(FormatTableTest, WhatIsStoredCannotCommandTheTerminal) {
  Table table = {.columns = {{.title = "t"}},
                 .rows = {{{.text = "a\x1b[2Jb\nc"}}}};
  EXPECT_EQ(FormatTable(table, {}), "t\na\\033[2Jb\\nc\n");
  table.columns[0].title = "t\nu";
  EXPECT_EQ(FormatTable(table, {}), "t\\nu\na\\033[2Jb\\nc\n");
}

TEST(FormatCsvTest, QuotesWhatNeedsIt) {
  const std::vector<CsvColumn> columns = {{"a,b", {"x"}}, {"p", {"o", "p"}}};
  const Json rows = {{{"x", "say \"hi\""}, {"o", {{"p", 0.1}}}},
                     {{"x", "two\nlines"}, {"o", Json::object()}},
                     {{"x", nullptr}, {"o", {{"p", true}}}},
                     {{"x", " space"}, {"o", {{"p", 3}}}}};
  EXPECT_EQ(FormatCsv(columns, rows),
            "\"a,b\",p\n"
            "\"say \"\"hi\"\"\",0.1\n"
            "\"two\nlines\",\n"
            ",true\n"
            "\" space\",3\n");
}

TEST(FormatCsvTest, WithoutRowsThereAreTheTitles) {
  EXPECT_EQ(FormatCsv({{"a", {"a"}}, {"b", {"b"}}}, Json::array()), "a,b\n");
}

TEST(FormatJsonTest, IsOneArrayWithAnObjectALine) {
  EXPECT_EQ(FormatJson(Json::array()), "[]\n");
  EXPECT_EQ(FormatJson({{{"b", 1}, {"a", "x"}}, {{"b", 2}}}),
            "[\n  {\"b\":1,\"a\":\"x\"},\n  {\"b\":2}\n]\n");
}

TEST(FormatJsonTest, KeepsTypesAndEveryDigit) {
  EXPECT_EQ(JsonValue(ParameterValue(1.0)).dump(), "1.0");
  EXPECT_EQ(JsonValue(ParameterValue(int64_t{1})).dump(), "1");
  EXPECT_EQ(JsonValue(ParameterValue(true)).dump(), "true");
  EXPECT_EQ(JsonValue(ParameterValue(std::string("1"))).dump(), "\"1\"");
  EXPECT_EQ(Json::parse(JsonNumber(0.1 + 0.2).dump()).get<double>(), 0.1 + 0.2);
}

TEST(FormatJsonTest, NumbersThatJsonLacksAreTexts) {
  EXPECT_EQ(JsonNumber(NAN), "NaN");
  EXPECT_EQ(JsonNumber(INFINITY), "Infinity");
  EXPECT_EQ(JsonNumber(-INFINITY), "-Infinity");
}

TEST(FormatJsonTest, SurvivesTextsThatAreNoUtf8) {
  EXPECT_EQ(FormatJson({{{"a", "\xFF"}}}),
            "[\n  {\"a\":\"\xEF\xBF\xBD\"}\n]\n");
}

TEST(FormatShortTest, TimesAndNumbersAreShort) {
  EXPECT_EQ(ShortDuration(absl::Milliseconds(3210)), "3.2s");
  EXPECT_EQ(ShortDuration(absl::Seconds(42)), "42s");
  EXPECT_EQ(ShortDuration(absl::Seconds(125)), "2m05s");
  EXPECT_EQ(ShortDuration(absl::Minutes(64)), "1h04m");
  EXPECT_EQ(ShortDuration(absl::Hours(49)), "2d01h");
  EXPECT_EQ(ShortDuration(-absl::Seconds(1)), "0.0s");
  EXPECT_EQ(ShortNumber(0.881234567, 6), "0.881235");
  EXPECT_EQ(ShortNumber(NAN, 6), "nan");
  EXPECT_EQ(ShortValue(ParameterValue(0.000123456)), "0.0001235");
  EXPECT_EQ(ShortValue(ParameterValue(int64_t{123456789})), "123456789");
  EXPECT_EQ(ShortValue(ParameterValue(std::string())), "(empty)");
  EXPECT_EQ(ShortTime(absl::UnixEpoch()),
            absl::FormatTime("%Y-%m-%d %H:%M %Z", absl::UnixEpoch(),
                             absl::LocalTimeZone()));
}

TEST(FormatShortTest, CutsAtCharacters) {
  EXPECT_EQ(Width("äb"), 2);
  EXPECT_EQ(Cut("äbc", 2), "äb");
  EXPECT_EQ(Cut("ä", 5), "ä");
  EXPECT_EQ(Cut("abc", 0), "");
}

TEST(PrintableTest, NothingCommandsATerminal) {
  EXPECT_EQ(Printable("a\x1b[2Jb\n"), "a\\033[2Jb\\n");
  EXPECT_EQ(PrintableLines("a\x1b\nb\x07\n"), "a\\033\nb\\007\n");
}

TEST(PrintableTest, NorDoTheControlCharactersBehindAscii) {
  EXPECT_EQ(Printable("a\u009b2Jb\u0085"), "a\\302\\2332Jb\\302\\205");
  EXPECT_EQ(Printable("\u00a0\u00e9\u20ac\xC2"), "\u00a0\u00e9\u20ac\xC2");
}

TEST(PrintableTest, NorDoesJson) {
  const Json row = {{"reason", "a\x7f\u009b2J\u00e9"}};
  const std::string text = FormatJson(Json::array({row}));
  EXPECT_EQ(text, "[\n  {\"reason\":\"a\\u007f\\u009b2J\u00e9\"}\n]\n");
  EXPECT_EQ(Json::parse(text)[0], row);
}

}  // namespace
}  // namespace attune

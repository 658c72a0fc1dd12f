#include "core/usage.h"

#include <string>
#include <utility>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace attune {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

TEST(UsageTest, AnUnknownOptionGetsTheNearest) {
  const std::vector<std::string> options = {"--server", "--db", "--max-trials"};
  EXPECT_EQ(UnexpectedWords({"--sever"}, options),
            "found the unknown option `--sever`; did you mean `--server`?");
  EXPECT_EQ(UnexpectedWords({"--max_trial=5"}, options),
            "found the unknown option `--max_trial`; did you mean "
            "`--max-trials`?");
  EXPECT_EQ(UnexpectedWords({"--colours"}, options),
            "found the unknown option `--colours`");
}

TEST(UsageTest, AnOptionSaysMoreThanWhatFollowsIt) {
  EXPECT_EQ(UnexpectedWords({"three", "-x"}, {}),
            "found the unknown option `-x`");
  EXPECT_EQ(UnexpectedWords({"three", "four"}, {}),
            "found `three`, expected nothing more");
}

TEST(UsageTest, AnOptionThatThereIsStoodWhereItIsNone) {
  EXPECT_THAT(UnexpectedWords({"--", "--yes"}, {"--yes"}),
              AllOf(HasSubstr("found `--yes` where it is no option"),
                    HasSubstr("what stands after `--` is a word"),
                    Not(HasSubstr("did you mean"))));
}

TEST(UsageTest, AfterWhatIsWrongStandsWhichHelpToRead) {
  EXPECT_EQ(UsageLines("attune", "attune stop", "expected STUDY"),
            "attune: expected STUDY\n`attune stop --help` says what it "
            "takes\n");
}

TEST(UsageTest, TextIsCheckedToBeUtf8) {
  for (const char* text :
       {"", "plain", "\xc3\xa4", "\xe2\x82\xac", "\xf0\x9f\x98\x80"}) {
    EXPECT_EQ(CheckUtf8(text), "") << text;
  }
  EXPECT_EQ(CheckUtf8("ab\xff"),
            "found the byte 0xff at byte 3, expected text in UTF-8");
  // Cut off, too long for what it is, half of a pair, and beyond the last.
  for (const char* text : {"a\xc3", "a\xe2\x82", "a\xc0\xaf", "a\xe0\x80\xaf",
                           "a\xed\xa0\x80", "a\xf4\x90\x80\x80", "a\x80"}) {
    EXPECT_THAT(CheckUtf8(text), HasSubstr("at byte 2,")) << text;
  }
}

TEST(UsageTest, AnEmptyValueIsFound) {
  EXPECT_EQ(CheckNotEmpty("a"), "");
  EXPECT_THAT(CheckNotEmpty(""), HasSubstr("found an empty value"));
}

TEST(UsageTest, WhatTheParserSaysIsSaidInOurWords) {
  const std::pair<std::string, std::string> cases[] = {
      {"FILE is required", "expected FILE"},
      {"A subcommand is required", "expected a command"},
      {"--db: 1 required FILE missing",
       "found `--db` without a value, expected one after it"},
      {"-n: At Most 1 required but received 2",
       "found `-n` more than once, expected it once"},
      {"--a excludes --b", "found `--a` beside `--b`, expected one of them"},
      {"a was given a disallowed flag override",
       "found `--a` with a value, expected it without one"},
      {"--a requires --b", "found `--a` without `--b`, expected both"},
      {"Could not convert: --a = x = y",
       "--a: found `x = y`, which it does not take"},
      {"--a: found `it requires b`, expected 1",
       "--a: found `it requires b`, expected 1"},
      {"something else", "something else"}};
  for (const auto& [theirs, ours] : cases) {
    EXPECT_EQ(InOurWords(theirs), ours);
  }
}

}  // namespace
}  // namespace attune

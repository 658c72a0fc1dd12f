#include "core/usage.h"

#include <string>
#include <utility>

#include "gtest/gtest.h"

namespace attune {
namespace {

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

TEST(UsageTest, WhatTheParserSaysIsSaidInOurWords) {
  const std::pair<std::string, std::string> cases[] = {
      {"FILE is required", "expected FILE"},
      {"A subcommand is required", "expected a command"},
      {"--db: 1 required FILE missing",
       "found `--db` without a value, expected one after it"},
      {"-n: At Most 1 required but received 2",
       "found `-n` more than once, expected it once"},
      {"--a excludes --b", "found `--a` beside `--b`, expected one of them"},
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

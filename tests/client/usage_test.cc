#include "client/usage.h"

#include <string>
#include <vector>

#include "core/usage.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace attune {
namespace {

using testing::HasSubstr;

class UsageTest : public testing::Test {
 protected:
  UsageTest() {
    app_.require_subcommand(1);
    app_.option_defaults()->disable_flag_override();
    CLI::Option* server = app_.add_option("--server", server_);
    app_.add_option("--db", database_)->excludes(server);
    CLI::App* stop = app_.add_subcommand("stop");
    stop->fallthrough();
    stop->add_option("STUDY", study_)->required();
    CLI::Option* trial =
        stop->add_option("--trial", trial_)->check(IsIntFrom(1, 100));
    stop->add_option("--reason", reason_)->needs(trial);
    stop->add_option("--state", state_)->check(IsOneOf({"on", "off"}));
    stop->add_flag("--yes", yes_);
  }

  // The first line of what is said, without the name of the program; the
  // second in `help_`.
  std::string Explain(std::vector<std::string> words) {
    std::reverse(words.begin(), words.end());  // as CLI11 wants them
    try {
      app_.parse(words);
    } catch (const CLI::ParseError& error) {
      const std::string text = ExplainUsage(app_, error);
      const size_t end = text.find('\n');
      help_ = text.substr(end + 1);
      EXPECT_EQ(text.substr(0, 8), "attune: ");
      return text.substr(8, end - 8);
    }
    return "";
  }

  CLI::App app_{"", "attune"};
  std::string server_, database_, study_, reason_, state_;
  int trial_ = 0;
  bool yes_ = false;
  std::string help_;
};

TEST_F(UsageTest, RightUsageIsNotExplained) {
  EXPECT_EQ(Explain({"stop", "s", "--trial", "7", "--state", "on"}), "");
}

TEST_F(UsageTest, UnknownOptionsGetTheNearestOfTheCommandOrOfAll) {
  EXPECT_EQ(Explain({"stop", "s", "--trail", "1"}),
            "found the unknown option `--trail`; did you mean `--trial`?");
  EXPECT_EQ(help_, "`attune stop --help` says what it takes\n");
  EXPECT_EQ(Explain({"stop", "s", "--sever", "here:1"}),
            "found the unknown option `--sever`; did you mean `--server`?");
  EXPECT_EQ(Explain({"stop", "s", "t"}), "found `t`, expected nothing more");
}

TEST_F(UsageTest, WhatIsMissingIsNamed) {
  EXPECT_EQ(Explain({}), "expected a command");
  EXPECT_EQ(help_, "`attune --help` says what it takes\n");
  EXPECT_EQ(Explain({"stop"}), "expected STUDY");
  EXPECT_EQ(Explain({"--nonsense"}), "found the unknown option `--nonsense`");
  EXPECT_EQ(Explain({"stop", "s", "--trial"}),
            "found `--trial` without a value, expected one after it");
  EXPECT_EQ(Explain({"stop", "s", "--reason", "slow"}),
            "found `--reason` without `--trial`, expected both");
}

TEST_F(UsageTest, WhatIsTooMuchIsNamed) {
  EXPECT_EQ(Explain({"stop", "s", "--trial", "1", "--trial", "2"}),
            "found `--trial` more than once, expected it once");
  EXPECT_EQ(Explain({"stop", "s", "--db", "a", "--server", "b"}),
            "found `--server` beside `--db`, expected one of them");
}

TEST_F(UsageTest, WrongValuesAreSaidWithTheirOption) {
  EXPECT_EQ(Explain({"stop", "s", "--trial", "0"}),
            "--trial: found `0`, expected an integer from 1 to 100");
  EXPECT_EQ(Explain({"stop", "s", "--trial", "few"}),
            "--trial: found `few`, expected an integer from 1 to 100");
  EXPECT_EQ(Explain({"stop", "s", "--state", "of"}),
            "--state: found `of`, expected one of on, off");
  for (const char* yes : {"--yes=maybe", "--yes=false"}) {
    EXPECT_EQ(Explain({"stop", "s", yes}),
              "found `--yes` with a value, expected it without one");
  }
}

TEST_F(UsageTest, OptionsAfterTwoDashesAreWords) {
  EXPECT_THAT(
      Explain({"stop", "--", "s", "--yes"}),
      HasSubstr("found `--yes` where it is no option: what stands after "
                "`--` is a word"));
}

TEST_F(UsageTest, EmptyWordsAreFound) {
  EXPECT_EQ(Explain({"stop", ""}), "");
  EXPECT_EQ(CheckWords(app_),
            "attune: found an empty study name, expected one of those that "
            "`attune list` prints\n`attune stop --help` says what it takes\n");
  EXPECT_EQ(Explain({"stop", "s", "--db", ""}), "");
  EXPECT_THAT(CheckWords(app_), HasSubstr("--db: found an empty value"));
  EXPECT_EQ(Explain({"stop", "s", "--trial", "1", "--reason", ""}), "");
  EXPECT_EQ(CheckWords(app_), "");
}

TEST_F(UsageTest, TextIsUtf8AndPathsAreAnyBytes) {
  EXPECT_EQ(Explain({"stop", "s", "--trial", "1", "--reason", "slow\xff"}), "");
  EXPECT_THAT(CheckWords(app_),
              HasSubstr("--reason: found the byte 0xff at byte 5"));
  EXPECT_EQ(Explain({"stop", "s", "--db", "a\xff"}), "");
  EXPECT_EQ(CheckWords(app_), "");
}

}  // namespace
}  // namespace attune

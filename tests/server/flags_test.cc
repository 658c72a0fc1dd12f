#include "server/flags.h"

#include <stdlib.h>

#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "absl/strings/str_cat.h"
#include "core/version.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace attune {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

std::variant<AttunedFlags, int> Parse(std::vector<std::string> arguments) {
  arguments.insert(arguments.begin(), "attuned");
  std::vector<char*> argv;
  for (std::string& argument : arguments) argv.push_back(argument.data());
  return ParseFlags(static_cast<int>(argv.size()), argv.data());
}

AttunedFlags ParseOk(std::vector<std::string> arguments) {
  auto flags = Parse(std::move(arguments));
  EXPECT_TRUE(std::holds_alternative<AttunedFlags>(flags));
  return std::holds_alternative<AttunedFlags>(flags)
             ? std::get<AttunedFlags>(flags)
             : AttunedFlags();
}

int CodeOf(std::vector<std::string> arguments) {
  const auto flags = Parse(std::move(arguments));
  const int* code = std::get_if<int>(&flags);
  return code == nullptr ? -1 : *code;
}

TEST(FlagsTest, AnUnknownOptionGetsTheNearest) {
  testing::internal::CaptureStderr();
  EXPECT_EQ(CodeOf({"--listn", "127.0.0.1:0"}), 2);
  EXPECT_EQ(testing::internal::GetCapturedStderr(),
            "attuned: found the unknown option `--listn`; did you mean "
            "`--listen`?\n`attuned --help` says what it takes\n");
}

TEST(FlagsTest, EmptyValuesAreWrongUsage) {
  for (const char* option : {"--db", "--listen"}) {
    testing::internal::CaptureStderr();
    EXPECT_EQ(CodeOf({option, ""}), 2);
    EXPECT_THAT(testing::internal::GetCapturedStderr(),
                HasSubstr(absl::StrCat(option, ": found an empty value")));
  }
}

TEST(FlagsTest, DefaultsServeTheDatabaseOfTheDirectory) {
  unsetenv("ATTUNE_DB");
  const AttunedFlags flags = ParseOk({});
  EXPECT_EQ(flags.server.database, "attune.db");
  EXPECT_THAT(flags.server.listen, ElementsAre("127.0.0.1:7070"));
  EXPECT_EQ(flags.server.lease_duration, absl::Seconds(60));
  EXPECT_FALSE(flags.server.read_only);
  EXPECT_EQ(flags.log_level, LogLevel::kInfo);
}

TEST(FlagsTest, AllAreRead) {
  const AttunedFlags flags = ParseOk(
      {"--db", "x.db", "--listen", "unix:/tmp/x", "--listen", "[::1]:0",
       "--lease-duration", "1m30s", "--read-only", "--log-level", "debug"});
  EXPECT_EQ(flags.server.database, "x.db");
  EXPECT_THAT(flags.server.listen, ElementsAre("unix:/tmp/x", "[::1]:0"));
  EXPECT_EQ(flags.server.lease_duration, absl::Seconds(90));
  EXPECT_TRUE(flags.server.read_only);
  EXPECT_EQ(flags.log_level, LogLevel::kDebug);
}

TEST(FlagsTest, TheEnvironmentNamesTheDatabaseUnlessAFlagDoes) {
  setenv("ATTUNE_DB", "env.db", 1);
  EXPECT_EQ(ParseOk({}).server.database, "env.db");
  EXPECT_EQ(ParseOk({"--db", "flag.db"}).server.database, "flag.db");
  unsetenv("ATTUNE_DB");
}

TEST(FlagsTest, HelpHasExamplesAndSucceeds) {
  testing::internal::CaptureStdout();
  EXPECT_EQ(CodeOf({"--help"}), 0);
  EXPECT_THAT(testing::internal::GetCapturedStdout(), HasSubstr("Examples:"));
}

TEST(FlagsTest, VersionNamesTheProgram) {
  testing::internal::CaptureStdout();
  EXPECT_EQ(CodeOf({"--version"}), 0);
  EXPECT_THAT(testing::internal::GetCapturedStdout(),
              HasSubstr(absl::StrCat("attuned ", Version())));
}

class WrongUsageTest : public testing::TestWithParam<std::vector<std::string>> {
};

TEST_P(WrongUsageTest, Exits2) { EXPECT_EQ(CodeOf(GetParam()), 2); }

INSTANTIATE_TEST_SUITE_P(
    FlagsTest, WrongUsageTest,
    testing::Values(std::vector<std::string>{"--no-such-flag"},
                    std::vector<std::string>{"extra"},
                    std::vector<std::string>{"--db"},
                    std::vector<std::string>{"--lease-duration", "60"},
                    std::vector<std::string>{"--lease-duration", "0s"},
                    std::vector<std::string>{"--lease-duration", "-5s"},
                    std::vector<std::string>{"--log-level", "loud"}));

}  // namespace
}  // namespace attune

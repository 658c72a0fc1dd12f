#include "client/command_line.h"

#include <stdlib.h>

#include <string>
#include <variant>
#include <vector>

#include "absl/strings/str_cat.h"
#include "client/commands/commands.h"
#include "core/exit_code.h"
#include "core/version.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/testing/status_matchers.h"

namespace attune {
namespace {

using testing::AllOf;
using testing::HasSubstr;

std::variant<Command, int> Parse(std::vector<const char*> words) {
  words.insert(words.begin(), "attune");
  return ParseCommandLine(static_cast<int>(words.size()), words.data());
}

// What is printed, and the exit code.
struct Printed {
  std::string out;
  std::string err;
  int code = -1;
};
Printed ParseAndCapture(const std::vector<const char*>& words) {
  Printed printed;
  testing::internal::CaptureStdout();
  testing::internal::CaptureStderr();
  const auto result = Parse(words);
  if (const int* code = std::get_if<int>(&result)) printed.code = *code;
  printed.out = testing::internal::GetCapturedStdout();
  printed.err = testing::internal::GetCapturedStderr();
  return printed;
}

TEST(CommandLineTest, EveryCommandHasHelpWithExamples) {
  for (const char* command :
       {"run",    "create",       "list",   "show",    "trials",   "best",
        "watch",  "pause",        "resume", "stop",    "cancel",   "retry",
        "update", "create-trial", "delete", "preview", "settings", "version",
        "health", "status",       "help",   "export",  "predict"}) {
    const Printed printed = ParseAndCapture({command, "--help"});
    EXPECT_EQ(printed.code, 0) << command;
    EXPECT_THAT(printed.out,
                HasSubstr(std::string("Examples:\n  attune ") + command));
  }
}

TEST(CommandLineTest, HelpAndVersionSucceed) {
  EXPECT_EQ(ParseAndCapture({"--help"}).code, 0);
  const Printed version = ParseAndCapture({"--version"});
  EXPECT_EQ(version.code, exit_code::kDone);
  EXPECT_EQ(version.out, absl::StrCat("attune ", Version(), "\n"));
}

TEST(CommandLineTest, AnEmptyStudyIsNotTheOnlyOne) {
  for (const char* command : {"show", "trials", "best", "watch", "pause",
                              "resume", "stop", "update", "delete"}) {
    const Printed printed = ParseAndCapture({command, ""});
    EXPECT_EQ(printed.code, exit_code::kWrongUsage) << command;
    EXPECT_THAT(printed.err, HasSubstr("found an empty study name, "))
        << command;
  }
  for (const std::vector<const char*>& words :
       std::vector<std::vector<const char*>>{
           {"delete", "", "--yes"},
           {"cancel", "", "--trial", "1"},
           {"retry", "", "--trial", "1"},
           {"create-trial", "", "x=1"},
           {"predict", "new.csv", "--study", ""}}) {
    const Printed printed = ParseAndCapture(words);
    EXPECT_EQ(printed.code, exit_code::kWrongUsage) << words[0];
    EXPECT_THAT(printed.err, HasSubstr("found an empty study name, "))
        << words[0];
  }
}

TEST(CommandLineTest, AnEmptyValueIsNotOneThatIsLeftOut) {
  for (const std::vector<const char*>& words :
       std::vector<std::vector<const char*>>{
           {"list", "--db", ""},
           {"list", "--server", ""},
           {"predict", "new.csv", "--model", ""},
           {"settings", ""},
           {"help", ""},
           {"create-trial", "s", "x=1", "--request-id", ""},
           {"create-trial", "s", "--file", ""},
           {"update", "s", "--max-trials", ""},
           {"run", ""}}) {
    const Printed printed = ParseAndCapture(words);
    EXPECT_EQ(printed.code, exit_code::kWrongUsage) << words[0];
    EXPECT_THAT(printed.err, HasSubstr("found an empty value")) << words[0];
  }
}

TEST(CommandLineTest, TextThatIsNotUtf8IsWrongUsage) {
  for (const std::vector<const char*>& words :
       std::vector<std::vector<const char*>>{
           {"list", "--filter", "\xff"},
           {"trials", "--order-by", "\xff"},
           {"cancel", "s", "--trial", "1", "--reason", "\xff"},
           {"update", "s", "--attribute", "\xff=1"},
           {"create-trial", "s", "x=1", "--request-id", "\xff"},
           {"create-trial", "s", "\xff=1"},
           {"show", "\xff"}}) {
    const Printed printed = ParseAndCapture(words);
    EXPECT_EQ(printed.code, exit_code::kWrongUsage) << words[0];
    EXPECT_THAT(printed.err, HasSubstr("found the byte 0xff at byte 1"));
  }
}

TEST(CommandLineTest, AMisspelledCommandGetsTheNearest) {
  const Printed printed = ParseAndCapture({"bset"});
  EXPECT_EQ(printed.code, exit_code::kWrongUsage);
  EXPECT_THAT(printed.err, AllOf(HasSubstr("no command `bset`"),
                                 HasSubstr("did you mean `best`?")));
}

TEST(CommandLineTest, HelpIsACommandToo) {
  const auto text = [](const std::vector<const char*>& words) {
    testing::internal::CaptureStdout();
    const auto parsed = Parse(words);
    if (const auto* command = std::get_if<Command>(&parsed)) {
      ATTUNE_EXPECT_OK((*command)());
    }
    return testing::internal::GetCapturedStdout();
  };
  EXPECT_EQ(text({"help"}), text({"--help"}));
  EXPECT_EQ(text({"help", "best"}), text({"best", "--help"}));
  EXPECT_EQ(text({"--db", "x.db", "help", "best"}), text({"best", "--help"}));
}

TEST(CommandLineTest, HelpOfAMisspelledCommandGetsTheNearest) {
  const auto parsed = Parse({"help", "bset"});
  const absl::Status status = std::get<Command>(parsed)();
  EXPECT_TRUE(IsWrongUsage(status));
  EXPECT_THAT(status.message(), HasSubstr("did you mean `best`?"));
}

TEST(CommandLineTest, AnUnknownOptionGetsTheNearest) {
  const Printed printed = ParseAndCapture({"best", "--sever", "here:7070"});
  EXPECT_EQ(printed.code, exit_code::kWrongUsage);
  EXPECT_EQ(printed.err,
            "attune: found the unknown option `--sever`; did you mean "
            "`--server`?\n`attune best --help` says what it takes\n");
}

TEST(CommandLineTest, AServerIsHostAndPortOrASocket) {
  const Printed printed = ParseAndCapture({"list", "--server", "here"});
  EXPECT_EQ(printed.code, exit_code::kWrongUsage);
  EXPECT_THAT(printed.err, HasSubstr("--server: found `here`, expected "
                                     "host:port or unix:PATH"));
  setenv("ATTUNE_SERVER", "here:http", 1);
  const Printed preset = ParseAndCapture({"list"});
  const auto with_db = Parse({"list", "--db", "a.db"});
  unsetenv("ATTUNE_SERVER");
  EXPECT_EQ(preset.code, exit_code::kWrongUsage);
  EXPECT_THAT(preset.err, HasSubstr("ATTUNE_SERVER: found the port `http`"));
  EXPECT_TRUE(std::holds_alternative<Command>(with_db));
}

TEST(CommandLineTest, WrongUsageIsRefused) {
  const std::vector<std::vector<const char*>> wrong = {
      {},
      {"best", "--nonsense"},
      {"best", "-n", "0"},
      {"best", "-o", "xml"},
      {"trials", "--state", "sleeping"},
      {"run"},
      {"delete", "--yes"},
      {"best", "--db", "a.db", "--server", "here:1"},
      {"best", "one", "two"},
      {"cancel", "s"},
      {"retry", "s", "--trial", "0"},
      {"stop", "s", "--reason", "enough"},
      {"create-trial"},
      {"export", "s"},
      {"export", "s", "--trial", "0", "--onnx", "s.onnx"}};
  for (const std::vector<const char*>& words : wrong) {
    EXPECT_EQ(ParseAndCapture(words).code, exit_code::kWrongUsage)
        << testing::PrintToString(words);
  }
}

TEST(CommandLineTest, GlobalOptionsStandBeforeOrAfterTheCommand) {
  for (const std::vector<const char*>& words :
       {std::vector<const char*>{"--db", "/nowhere/a.db", "best"},
        std::vector<const char*>{"best", "--db", "/nowhere/a.db"}}) {
    const auto command = Parse(words);
    ASSERT_TRUE(std::holds_alternative<Command>(command));
    EXPECT_THAT(
        std::get<Command>(command)(),
        StatusIs(absl::StatusCode::kNotFound, HasSubstr("/nowhere/a.db")));
  }
}

TEST(CommandLineTest, TheEnvironmentNamesTheDatabase) {
  setenv("ATTUNE_DB", "/nowhere/env.db", 1);
  const auto command = Parse({"list"});
  unsetenv("ATTUNE_DB");
  ASSERT_TRUE(std::holds_alternative<Command>(command));
  EXPECT_THAT(
      std::get<Command>(command)(),
      StatusIs(absl::StatusCode::kNotFound, HasSubstr("/nowhere/env.db")));
}

TEST(CommandLineTest, ADatabaseThatIsAskedForBeatsTheServerOfTheEnvironment) {
  setenv("ATTUNE_SERVER", "unix:/nowhere/socket", 1);
  const auto with_db = Parse({"list", "--db", "/nowhere/a.db"});
  const auto without = Parse({"list"});
  unsetenv("ATTUNE_SERVER");
  EXPECT_THAT(
      std::get<Command>(with_db)(),
      StatusIs(absl::StatusCode::kNotFound, HasSubstr("/nowhere/a.db")));
  EXPECT_THAT(std::get<Command>(without)(),
              StatusIs(absl::StatusCode::kUnavailable,
                       HasSubstr("unix:/nowhere/socket")));
}

// What a command that was parsed says before it asks for a database.
absl::Status RunParsed(const std::vector<const char*>& words) {
  const auto command = Parse(words);
  if (!std::holds_alternative<Command>(command)) {
    return absl::InternalError("it was not parsed");
  }
  return std::get<Command>(command)();
}

TEST(CommandLineTest, WhatIsWrongWithAChangeIsWrongUsage) {
  for (const std::vector<const char*>& words :
       {std::vector<const char*>{"update", "s"},
        {"update", "s", "--max-trials", "few"},
        {"create-trial", "s"},
        {"create-trial", "x=1", "y=2"},
        {"create-trial", "s", "x"},
        {"create-trial", "s", "x=1", "--file", "points.csv"},
        {"create-trial", "s", "x=1", "--attribute", "owner"}}) {
    EXPECT_TRUE(IsWrongUsage(RunParsed(words)))
        << testing::PrintToString(words);
  }
}

TEST(CommandLineTest, RepeatedOptionsLeaveTheStudyAlone) {
  for (const std::vector<const char*>& words :
       {std::vector<const char*>{"update", "--attribute", "a=1", "--attribute",
                                 "b=2", "s", "--db", "/nowhere/a.db"},
        {"cancel", "--trial", "1", "--trial", "2", "s", "--db",
         "/nowhere/a.db"},
        {"create-trial", "--attribute", "a=1", "s", "x=-1", "y=[1]", "--db",
         "/nowhere/a.db"}}) {
    EXPECT_THAT(RunParsed(words), StatusIs(absl::StatusCode::kNotFound,
                                           HasSubstr("/nowhere/a.db")))
        << testing::PrintToString(words);
  }
}

TEST(CommandLineTest, AWrongStudyFileIsNotWrongUsage) {
  const auto command = Parse({"create", "/nowhere/study.yaml"});
  ASSERT_TRUE(std::holds_alternative<Command>(command));
  EXPECT_THAT(std::get<Command>(command)(),
              StatusIs(absl::StatusCode::kNotFound,
                       HasSubstr("/nowhere/study.yaml: cannot open")));
}

}  // namespace
}  // namespace attune

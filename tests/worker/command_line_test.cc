#include "worker/command_line.h"

#include <string>
#include <variant>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace attune {
namespace {

using testing::AnyOf;
using testing::HasSubstr;
using testing::MatchesRegex;
using testing::Not;

std::variant<WorkerCommand, PredictCommand, ExportCommand, DescribeCommand, int>
Parse(std::vector<const char*> arguments) {
  arguments.insert(arguments.begin(), "attune-worker");
  return ParseCommandLine(static_cast<int>(arguments.size()), arguments.data(),
                          "attune-worker 1.2.3");
}

WorkerCommand Parsed(const std::vector<const char*>& arguments) {
  const auto parsed = Parse(arguments);
  EXPECT_TRUE(std::holds_alternative<WorkerCommand>(parsed));
  return std::get<WorkerCommand>(parsed);
}

TEST(CommandLineTest, HasDefaultsForEverything) {
  const WorkerCommand command = Parsed({});
  EXPECT_EQ(command.server, "127.0.0.1:7070");
  EXPECT_GE(command.worker.slots, 1);
  EXPECT_EQ(command.worker.slot.study, "");
  EXPECT_FALSE(command.worker.slot.exit_when_done);
  EXPECT_EQ(command.artifact_dir, "");
  EXPECT_EQ(command.checkpoint_interval, absl::Seconds(10));
  EXPECT_EQ(command.log_level, LogLevel::kInfo);
}

TEST(CommandLineTest, ReadsEveryFlag) {
  const WorkerCommand command = Parsed(
      {"--server", "tuner:99", "--slots", "3", "--data-dir", "/d",
       "--artifact-dir", "/a", "--checkpoint-interval", "2m", "--study", "mlp",
       "--exit-when-done", "--name", "box", "--log-level", "error"});
  EXPECT_EQ(command.server, "tuner:99");
  EXPECT_EQ(command.worker.slots, 3);
  EXPECT_EQ(command.data_dir, "/d");
  EXPECT_EQ(command.artifact_dir, "/a");
  EXPECT_EQ(command.checkpoint_interval, absl::Minutes(2));
  EXPECT_EQ(command.worker.slot.study, "mlp");
  EXPECT_TRUE(command.worker.slot.exit_when_done);
  EXPECT_THAT(command.worker.process, HasSubstr("box:"));
  EXPECT_EQ(command.log_level, LogLevel::kError);
}

TEST(CommandLineTest, TakesAUnixSocket) {
  EXPECT_EQ(Parsed({"--server", "unix:/run/a.sock"}).server,
            "unix:/run/a.sock");
}

TEST(CommandLineTest, TakesAModelAndAFileToPredict) {
  const auto parsed = Parse({"predict", "m.safetensors", "rows.csv"});
  const auto& command = std::get<PredictCommand>(parsed);
  EXPECT_EQ(command.model_path, "m.safetensors");
  EXPECT_EQ(command.input_path, "rows.csv");
}

TEST(CommandLineTest, TakesAModelAndAFileToExport) {
  const auto parsed = Parse({"export", "m.safetensors", "m.onnx"});
  const auto& command = std::get<ExportCommand>(parsed);
  EXPECT_EQ(command.model_path, "m.safetensors");
  EXPECT_EQ(command.onnx_path, "m.onnx");
}

TEST(CommandLineTest, TakesSettingsToDescribe) {
  const auto parsed = Parse({"describe", "{}", "--data-dir", "/d"});
  const auto& command = std::get<DescribeCommand>(parsed);
  EXPECT_EQ(command.settings, "{}");
  EXPECT_EQ(command.data_dir, "/d");
}

TEST(CommandLineTest, ExitsWithZeroAfterTheVersion) {
  testing::internal::CaptureStdout();
  EXPECT_EQ(std::get<int>(Parse({"--version"})), 0);
  EXPECT_EQ(testing::internal::GetCapturedStdout(), "attune-worker 1.2.3\n");
}

TEST(CommandLineTest, AnUnknownOptionGetsTheNearest) {
  testing::internal::CaptureStderr();
  EXPECT_EQ(std::get<int>(Parse({"--slot", "2"})), 2);
  EXPECT_EQ(testing::internal::GetCapturedStderr(),
            "attune-worker: found the unknown option `--slot`; did you mean "
            "`--slots`?\n`attune-worker --help` says what it takes\n");
}

TEST(CommandLineTest, ACommandsOptionsAreItsOwn) {
  testing::internal::CaptureStderr();
  EXPECT_EQ(std::get<int>(Parse({"describe", "{}", "--data-dri", "/d"})), 2);
  EXPECT_EQ(std::get<int>(Parse({"describe", "{}", "--stud", "a"})), 2);
  EXPECT_EQ(testing::internal::GetCapturedStderr(),
            "attune-worker: found the unknown option `--data-dri`; did you "
            "mean `--data-dir`?\n"
            "`attune-worker describe --help` says what it takes\n"
            "attune-worker: found the unknown option `--stud`\n"
            "`attune-worker describe --help` says what it takes\n");
}

std::string HelpOf(const std::vector<const char*>& arguments) {
  testing::internal::CaptureStdout();
  EXPECT_EQ(std::get<int>(Parse(arguments)), 0);
  return testing::internal::GetCapturedStdout();
}

TEST(CommandLineTest, HelpSaysWhatStandsWhereAndWhatHoldsWithoutIt) {
  const std::string help = HelpOf({"--help"});
  for (const char* words :
       {"--server ADDR", "127.0.0.1:7070", "ATTUNE_SERVER", "--slots N",
        "--data-dir DIR", "ATTUNE_DATA_DIR", "--artifact-dir DIR",
        "ATTUNE_ARTIFACT_DIR", "--checkpoint-interval TIME", "10s",
        "--study NAME", "--log-level LEVEL", "info", "ATTUNE_ENGINE",
        "Examples:\n  attune-worker", "Exit codes: 0 "}) {
    EXPECT_THAT(help, HasSubstr(words));
  }
  EXPECT_THAT(help, Not(AnyOf(HasSubstr("TEXT"), HasSubstr(" INT"))));
}

TEST(CommandLineTest, HelpOfPredictHasAnExample) {
  const std::string help = HelpOf({"predict", "--help"});
  EXPECT_THAT(help, HasSubstr("Examples:\n  attune-worker predict"));
  EXPECT_THAT(help, HasSubstr("Exit codes: 0 "));
  EXPECT_THAT(help, Not(HasSubstr("TEXT")));
}

TEST(CommandLineTest, HelpOfExportHasAnExample) {
  const std::string help = HelpOf({"export", "--help"});
  EXPECT_THAT(help, HasSubstr("Examples:\n  attune-worker export"));
  EXPECT_THAT(help, HasSubstr("Exit codes: 0 "));
  EXPECT_THAT(help, Not(HasSubstr("TEXT")));
}

struct Wrong {
  std::string name;
  std::vector<const char*> arguments;
  std::string says;
};

class WrongUsageTest : public testing::TestWithParam<Wrong> {};

TEST_P(WrongUsageTest, ExitsWithTwoAndSaysWhatIsWrong) {
  testing::internal::CaptureStderr();
  const auto parsed = Parse(GetParam().arguments);
  const std::string error = testing::internal::GetCapturedStderr();
  EXPECT_EQ(std::get<int>(parsed), 2);
  EXPECT_THAT(error, HasSubstr(GetParam().says));
}

INSTANTIATE_TEST_SUITE_P(
    All, WrongUsageTest,
    testing::Values(Wrong{"Slots", {"--slots", "none"}, "--slots"},
                    Wrong{"NoSlots", {"--slots", "0"}, "--slots"},
                    Wrong{"NoPort", {"--server", "here"}, "host:port"},
                    Wrong{"Port", {"--server", "here:0"}, "1 to 65535"},
                    Wrong{"NoPath", {"--server", "unix:"}, "unix:"},
                    Wrong{"Interval", {"--checkpoint-interval", "10"}, "10s"},
                    Wrong{"NoInput", {"predict", "m"}, "INPUT"},
                    Wrong{"NoOnnx", {"export", "m"}, "ONNX"},
                    Wrong{"LogLevel", {"--log-level", "loud"}, "loud"},
                    Wrong{"Flag", {"--slot-count", "3"}, "--slot-count"}),
    [](const auto& param) { return param.param.name; });

TEST(ProcessNameTest, NamesHostProcessAndStart) {
  EXPECT_THAT(ProcessName("box-1.lan"),
              MatchesRegex("box-1\\.lan:[0-9]+\\.[0-9a-f]+"));
}

TEST(ProcessNameTest, ReplacesWhatANameCannotHave) {
  EXPECT_THAT(ProcessName("a/b:c d"), HasSubstr("a-b-c-d:"));
}

TEST(ProcessNameTest, IsShortForAnyHost) {
  EXPECT_LT(ProcessName(std::string(500, 'x')).size(), 150);
}

}  // namespace
}  // namespace attune

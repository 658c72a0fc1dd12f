// What is refused, and what the refusal says.

#include <signal.h>
#include <sys/mount.h>
#include <sys/stat.h>

#include <filesystem>
#include <memory>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/substitute.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/e2e/process.h"
#include "tests/e2e/service.h"

namespace attune {
namespace {

using testing::AllOf;
using testing::HasSubstr;

// The build of the engine that every machine runs.
#if defined(__x86_64__)
constexpr char kEveryEngine[] = "x86-64";
#else
constexpr char kEveryEngine[] = "generic";
#endif

TEST(RefusalTest, ASecondCoordinatorOnTheSameFileIsRefused) {
  const TempDir dir;
  const Service first = StartService(dir.path("attune.db"));
  ASSERT_NE(first.address, "") << first.process->Log();

  const Finish second = RunProgram(
      {"attuned", "--db", dir.path("attune.db"), "--listen", "127.0.0.1:0"});
  EXPECT_EQ(second.exit_code, 1);
  EXPECT_THAT(second.log, AllOf(HasSubstr(absl::StrCat(first.process->pid())),
                                HasSubstr(first.address)));
}

TEST(RefusalTest, AFileIsFreeAgainAfterKillMinusNine) {
  const TempDir dir;
  Service first = StartService(dir.path("attune.db"));
  ASSERT_NE(first.address, "") << first.process->Log();
  first.process->Signal(SIGKILL);
  EXPECT_EQ(first.process->Wait(), 128 + SIGKILL);

  const Service second = StartService(dir.path("attune.db"));
  EXPECT_NE(second.address, "") << second.process->Log();
}

TEST(RefusalTest, APortInUseIsNamed) {
  const TempDir dir;
  const Service first = StartService(dir.path("one.db"));
  ASSERT_NE(first.address, "") << first.process->Log();

  const Finish second = RunProgram(
      {"attuned", "--db", dir.path("two.db"), "--listen", first.address});
  EXPECT_EQ(second.exit_code, 1);
  EXPECT_THAT(second.log, HasSubstr(first.address));
}

// A sanitizer has more addresses than any limit allows.
#if !defined(ATTUNE_TESTS_SANITIZED)
TEST(RefusalTest, ADatasetThatMemoryIsTooSmallForCostsItsTrialAlone) {
  const TempDir dir;
  const Service service = StartService(dir.path("attune.db"));
  // Each of 1000 texts in a column is a number in every row: 8 GB in all.
  std::string table = "a,b,c,target\n";
  for (int i = 0; i < 340'000; ++i) {
    const std::string text = absl::StrCat("t", i % 1000);
    absl::StrAppend(&table, text, ",", text, ",", text, ",",
                    i % 2 == 0 ? "x\n" : "y\n");
  }
  const std::string large = dir.Write("large.csv", table);
  const auto study = [&dir](absl::string_view name, absl::string_view data) {
    return dir.Write(absl::StrCat(name, ".yaml"), absl::Substitute(R"(name: $0
objective: {metric: validation_accuracy, goal: maximize}
algorithm: random
budget: {max_trials: 1}
max_attempts: 1
parameters:
  learning_rate: {min: 1e-4, max: 1e-2, scale: log}
train: {dataset: $1, epochs: 1}
)",
                                                                   name, data));
  };
  ASSERT_EQ(Attune(service, {"create", study("large", large)}).exit_code, 0);
  ASSERT_EQ(Attune(service, {"create", study("small", "xor")}).exit_code, 0);

  const std::unique_ptr<Process> worker = StartWorker(
      service, {"--exit-when-done"}, {.memory_limit = int64_t{6} << 30});
  EXPECT_EQ(worker->Wait(), 0) << worker->Log();
  EXPECT_EQ(Sql(dir.path("attune.db"),
                "select study, state from trials_flat order by study"),
            "large|failed\nsmall|completed");
  EXPECT_THAT(Sql(dir.path("attune.db"),
                  "select message from trials where state = 'failed'"),
              HasSubstr("the trial does not fit into memory"));
}
#endif

TEST(RefusalTest, AWrongStudyFileIsRefusedWithEveryErrorAndItsPlace) {
  const TempDir dir;
  const std::string file = dir.Write("wrong.yaml", R"(name: wrong
objective: {metric: value, goal: minimise}
budget: {max_trails: 5}
parameters:
  x: {min: 5.0, max: 1.0}
function: sphere
)");
  const Finish run =
      RunProgram({"attune", "run", file, "--db", dir.path("attune.db")});
  EXPECT_EQ(run.exit_code, 1);
  EXPECT_THAT(
      run.log,
      AllOf(HasSubstr(absl::StrCat(file, ":2:")), HasSubstr("minimize"),
            HasSubstr(absl::StrCat(file, ":3:")), HasSubstr("max_trials"),
            HasSubstr(absl::StrCat(file, ":5:"))));
  EXPECT_EQ(run.output, "");
}

TEST(RefusalTest, WhatOnlyTheCoordinatorRefusesHasItsPlaceToo) {
  const TempDir dir;
  const std::string file = dir.Write("grid.yaml", R"(name: grid
objective: {metric: value, goal: minimize}
algorithm: grid
parameters:
  x: {min: 0.0, max: 1.0}
function: sphere
)");
  const std::string db = dir.path("attune.db");
  for (const std::string command : {"run", "create", "preview"}) {
    const Finish refused = RunProgram({"attune", command, file, "--db", db});
    EXPECT_EQ(refused.exit_code, 1) << command;
    EXPECT_THAT(refused.log, HasSubstr(absl::StrCat(
                                 file, ":5:3: parameters.x.points: found")))
        << command;
  }
}

TEST(RefusalTest, AForeignFileGetsNothingBesideIt) {
  const TempDir dir;
  const std::string file = dir.Write("letter.txt", std::string(5000, 'x'));
  const Finish served = RunProgram({"attuned", "--db", file});
  EXPECT_EQ(served.exit_code, 1);
  EXPECT_THAT(served.log, HasSubstr("not a database"));
  EXPECT_FALSE(std::filesystem::exists(file + ".lock"));
  const std::string study = dir.Write("study.yaml", SphereStudy("study", 1));
  const Finish run = RunProgram({"attune", "run", study, "--db", file});
  EXPECT_EQ(run.exit_code, 1);
  EXPECT_THAT(run.log, HasSubstr("not a database"));
  for (const char* end : {".lock", ".log", ".log.1"}) {
    EXPECT_FALSE(std::filesystem::exists(file + end)) << end;
  }

  const std::string db = dir.path("attune.db");
  EXPECT_EQ(RunProgram({"attuned", "--db", db, "--listen", "7070"}).exit_code,
            2);
  EXPECT_FALSE(std::filesystem::exists(db));
  EXPECT_FALSE(std::filesystem::exists(db + ".lock"));
}

TEST(RefusalTest, AnEmptyDatabaseOrStudyNameIsWrongUsage) {
  const TempDir dir;
  EXPECT_EQ(RunProgram({"attuned", "--db", ""}).exit_code, 2);
  EXPECT_FALSE(std::filesystem::exists(".lock"));

  const std::string db = dir.path("attune.db");
  const std::string file = dir.Write("study.yaml", SphereStudy("only", 1));
  ASSERT_EQ(RunProgram({"attune", "create", file, "--db", db}).exit_code, 0);
  const Finish refused =
      RunProgram({"attune", "delete", "", "--yes", "--db", db});
  EXPECT_EQ(refused.exit_code, 2);
  EXPECT_THAT(refused.log, HasSubstr("found an empty study name"));
  EXPECT_EQ(Sql(db, "select name from studies"), "only");
}

TEST(RefusalTest, ANamedPipeIsNoDatabase) {
  const TempDir dir;
  const std::string pipe = dir.path("pipe");
  ASSERT_EQ(mkfifo(pipe.c_str(), 0600), 0);
  const std::string file = dir.Write("study.yaml", SphereStudy("study", 1));
  for (const Finish& refused :
       {RunProgram({"attuned", "--db", pipe}),
        RunProgram({"attune", "run", file, "--db", pipe}),
        RunProgram({"attune", "list", "--db", pipe})}) {
    EXPECT_EQ(refused.exit_code, 1);
    EXPECT_THAT(refused.log, HasSubstr("found a named pipe, expected a file"));
  }
}

TEST(RefusalTest, AnEmptyFileIsToldFromAnOldOne) {
  const TempDir dir;
  const std::string db = dir.Write("attune.db", "");
  const Finish list = RunProgram({"attune", "list", "--db", db});
  EXPECT_EQ(list.exit_code, 1);
  EXPECT_THAT(list.log, HasSubstr("is empty, expected a database of Attune"));
}

TEST(RefusalTest, TheLongestPathOfASocketIsSaid) {
  const TempDir dir;
  const std::string address = absl::StrCat("unix:/tmp/", std::string(110, 'x'));
  const auto expected =
      AllOf(HasSubstr("of 115 bytes"), HasSubstr("at most 107"));
  const Finish served = RunProgram(
      {"attuned", "--db", dir.path("attune.db"), "--listen", address});
  EXPECT_EQ(served.exit_code, 2);
  EXPECT_THAT(served.log, expected);
  const Finish asked = RunProgram({"attune", "list", "--server", address});
  EXPECT_EQ(asked.exit_code, 2);
  EXPECT_THAT(asked.log, expected);
}

TEST(RefusalTest, HealthSaysThatNobodyListens) {
  const TempDir dir;
  Service service = StartService(dir.path("attune.db"));
  ASSERT_EQ(Attune(service, {"health"}).exit_code, 0);
  service.process->Signal(SIGTERM);
  EXPECT_EQ(service.process->Wait(), 0);
  const Finish health = Attune(service, {"health"});
  EXPECT_EQ(health.exit_code, 1);
  EXPECT_THAT(health.log, HasSubstr(absl::StrCat(
                              "cannot reach a coordinator at ", service.address,
                              ": the connection is refused")));
}

TEST(RefusalTest, AnUnknownOptionIsWrongUsage) {
  EXPECT_EQ(RunProgram({"attuned", "--no-such-option"}).exit_code, 2);
  EXPECT_EQ(RunProgram({"attune-worker", "--slots", "none"}).exit_code, 2);
  EXPECT_EQ(RunProgram({"attune", "no-such-command"}).exit_code, 2);
}

TEST(RefusalTest, AWorkerUsesTheEngineThatIsChosen) {
  const Finish chosen = RunProgram({"attune-worker", "--version"},
                                   {.env = {{"ATTUNE_ENGINE", kEveryEngine}}});
  EXPECT_EQ(chosen.exit_code, 0) << chosen.log;
  EXPECT_THAT(chosen.output,
              HasSubstr(absl::StrCat("(training engine: ", kEveryEngine, ")")));
  const Finish unknown = RunProgram({"attune-worker", "--version"},
                                    {.env = {{"ATTUNE_ENGINE", "386"}}});
  EXPECT_EQ(unknown.exit_code, 2);
  EXPECT_THAT(unknown.log, AllOf(HasSubstr("ATTUNE_ENGINE is '386'"),
                                 HasSubstr(kEveryEngine)));
}

TEST(RefusalTest, MissingDataFailsTheTrialsAndSaysWhatIsMissing) {
  const TempDir dir;
  const Service service = StartService(dir.path("attune.db"));
  ASSERT_NE(service.address, "") << service.process->Log();
  const std::string file = dir.Write("study.yaml", R"(name: study
objective: {metric: validation_accuracy, goal: maximize}
budget: {max_trials: 2}
max_attempts: 2
parameters:
  learning_rate: {min: 1e-4, max: 1e-2, scale: log}
train: {dataset: flowers.csv}
)");
  ASSERT_EQ(Attune(service, {"create", file}).exit_code, 0);

  const std::unique_ptr<Process> worker = StartWorker(
      service, {"--data-dir", dir.path("data"), "--exit-when-done"});
  EXPECT_EQ(worker->Wait(), 0) << worker->Log();
  EXPECT_EQ(Sql(dir.path("attune.db"),
                "select count(*) from trials_flat where state = 'failed'"),
            "2");
  const Finish trials = Attune(service, {"show", "study"});
  EXPECT_THAT(trials.output, HasSubstr("flowers.csv"));
}

// Learns from a table beside it.
std::string FlowersStudy() {
  return R"(name: study
objective: {metric: validation_accuracy, goal: maximize}
algorithm: random
budget: {max_trials: 2}
parameters:
  learning_rate: {min: 1e-4, max: 1e-2, scale: log}
train: {dataset: flowers.csv, epochs: 1}
)";
}

TEST(RefusalTest, ARunWithoutItsDataSaysSoAndCreatesNothing) {
  const TempDir dir;
  const std::string db = dir.path("attune.db");
  const std::string file = dir.Write("study.yaml", FlowersStudy());
  const auto expected =
      AllOf(HasSubstr("no trial of `study` can run here: loading flowers.csv: "
                      "found none of " +
                      dir.path("flowers.csv")),
            HasSubstr("--data-dir"));
  const Finish run = RunProgram({"attune", "run", file, "--db", db});
  EXPECT_EQ(run.exit_code, 1);
  EXPECT_THAT(run.log, expected);
  for (const std::string end : {"", ".lock", ".log", ".artifacts"}) {
    EXPECT_FALSE(std::filesystem::exists(db + end)) << end;
  }

  const std::string other = dir.Write("other.yaml", SphereStudy("other", 1));
  ASSERT_EQ(RunProgram({"attune", "run", other, "--db", db}).exit_code, 0);
  const Finish beside = RunProgram({"attune", "run", file, "--db", db});
  EXPECT_EQ(beside.exit_code, 1);
  EXPECT_THAT(beside.log, expected);
  EXPECT_EQ(Sql(db, "select name from studies"), "other");
}

TEST(RefusalTest, ARunAndAPreviewSayWhatIsLearntFrom) {
  const TempDir dir;
  const std::string file = dir.Write("study.yaml", FlowersStudy());
  const Finish without = RunProgram({"attune", "preview", file});
  EXPECT_EQ(without.exit_code, 1);
  EXPECT_THAT(without.output, HasSubstr("The first 2 trials:"));
  EXPECT_THAT(without.log, HasSubstr("found none of"));
  const Finish elsewhere =
      RunProgram({"attune", "preview", file, "--server", "here:7070"});
  EXPECT_EQ(elsewhere.exit_code, 0) << elsewhere.log;
  EXPECT_THAT(elsewhere.output,
              HasSubstr("not looked at; the workers of here"));

  std::string table = "petal,target\n";
  for (int i = 0; i < 60; ++i) {
    table += std::to_string(i) + (i % 2 == 0 ? ",rose\n" : ",lily\n");
  }
  dir.Write("flowers.csv", table);
  constexpr char kWhat[] =
      "flowers.csv: classification, 60 examples of 1 feature, 2 classes; 50 to "
      "train on, 10 to validate on";
  EXPECT_THAT(RunProgram({"attune", "preview", file}).output, HasSubstr(kWhat));
  const Finish run =
      RunProgram({"attune", "run", file, "--db", dir.path("attune.db")});
  EXPECT_EQ(run.exit_code, 0) << run.log;
  EXPECT_THAT(run.log, HasSubstr(absl::StrCat("data: ", kWhat)));
}

// Its workers are elsewhere, where the data are missing.
TEST(RefusalTest, ARunWithoutAResultFailsAndSaysWhereTheReasonIs) {
  const TempDir dir;
  const Service service = StartService(dir.path("attune.db"));
  ASSERT_NE(service.address, "") << service.process->Log();
  const std::string file = dir.Write("study.yaml", R"(name: study
objective: {metric: validation_accuracy, goal: maximize}
budget: {max_trials: 2}
max_attempts: 1
parameters:
  learning_rate: {min: 1e-4, max: 1e-2, scale: log}
train: {dataset: flowers.csv}
)");
  const std::unique_ptr<Process> worker =
      StartWorker(service, {"--data-dir", dir.path("data")});
  const Finish run = Attune(service, {"run", file, "--workers", "0"});
  EXPECT_EQ(run.exit_code, 1);
  EXPECT_THAT(run.log, HasSubstr("none of its 2 trials was completed"));
  const Finish again = Attune(service, {"run", file});
  EXPECT_EQ(again.exit_code, 1);
  EXPECT_THAT(again.log, HasSubstr("attune show study --server"));
}

TEST(RefusalTest, ARunWhoseTrialsFailIsPausedAndGoesOnWhenThatIsMended) {
  const TempDir dir;
  const std::string db = dir.path("attune.db");
  const Service service = StartService(db);
  ASSERT_NE(service.address, "") << service.process->Log();
  const std::string file = dir.Write("study.yaml", R"(name: study
objective: {metric: validation_rmse, goal: minimize}
budget: {max_trials: 6, max_failed: 2}
max_attempts: 1
parameters:
  learning_rate: {min: 1e-4, max: 1e-2, scale: log}
train: {dataset: prices.csv, epochs: 2}
)");
  const std::unique_ptr<Process> worker =
      StartWorker(service, {"--data-dir", dir.path("data")});
  const Finish run = Attune(service, {"run", file, "--workers", "0"});
  worker->Signal(SIGTERM);
  EXPECT_EQ(worker->Wait(), 0) << worker->Log();
  EXPECT_EQ(run.exit_code, 1);
  EXPECT_THAT(run.log, AllOf(HasSubstr("the study was paused: 2 trials failed"),
                             HasSubstr("prices.csv: found none of"),
                             HasSubstr("go on with: attune run " + file)));
  EXPECT_EQ(Sql(db, "select state, (select count(*) from trials) from studies"),
            "paused|2");
  EXPECT_THAT(Attune(service, {"show"}).output,
              HasSubstr("paused: 2 trials failed"));

  std::string table = "rooms,target\n";
  for (int i = 0; i < 60; ++i) {
    table += std::to_string(i % 7) + "," + std::to_string(i % 7 * 100) + "\n";
  }
  dir.Write("prices.csv", table);
  const Finish again = Attune(service, {"run", file});
  EXPECT_EQ(again.exit_code, 0) << again.log;
  EXPECT_EQ(Sql(db, "select count(*) from trials where state = 'completed'"),
            "4");
}

// Once the disk is full, calls are answered UNAVAILABLE, what was acknowledged
// stays, and with room again the service goes on.
TEST(RefusalTest, AFullDiskLosesNothingThatWasAcknowledged) {
  const TempDir dir;
  const std::string db = dir.path("attune.db");
  const Service service =
      StartService(db, {}, {.file_size_limit = int64_t{256} * 1024});
  ASSERT_NE(service.address, "") << service.process->Log();
  const std::string file = dir.Write("study.yaml", SphereStudy("study", 20000));
  ASSERT_EQ(Attune(service, {"create", file}).exit_code, 0);

  const std::unique_ptr<Process> worker = StartWorker(service);
  ASSERT_TRUE(service.process->WaitForLog("event=commit_failed").has_value());
  const Finish refused =
      Attune(service, {"create", dir.Write("b.yaml", SphereStudy("b", 1))});
  EXPECT_EQ(refused.exit_code, 1);
  worker->Signal(SIGKILL);
  service.process->Signal(SIGTERM);
  EXPECT_EQ(service.process->Wait(), 0) << service.process->Log();

  EXPECT_EQ(Sql(db, "pragma integrity_check"), "ok");
  EXPECT_NE(Sql(db, "select count(*) from trials_flat"), "0");
  const Service again = StartService(db);
  ASSERT_NE(again.address, "") << again.process->Log();
  EXPECT_EQ(Attune(again, {"create", dir.path("b.yaml")}).exit_code, 0);
}

}  // namespace
}  // namespace attune

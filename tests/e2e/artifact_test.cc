// What a trial leaves in files, when it is interrupted and when it is done.

#include <signal.h>

#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <system_error>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/e2e/process.h"
#include "tests/e2e/service.h"

namespace attune {
namespace {

namespace fs = std::filesystem;

using testing::ContainsRegex;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;
using testing::UnorderedElementsAreArray;

constexpr char kCheckpoint[] = "checkpoint.safetensors";
constexpr char kModel[] = "model.safetensors";

// One trial of many epochs, each of some thousandths of a second, with dropout,
// moments and a schedule to take up again.
std::string LongTrial() {
  return R"(name: long
objective: {metric: validation_loss, goal: minimize}
algorithm: random
seed: 7
budget: {max_trials: 1}
parameters:
  learning_rate: {min: 1e-4, max: 1e-2, scale: log}
train:
  dataset: spirals
  samples: 2000
  hidden_layers: [32, 32]
  dropout: 0.2
  schedule: cosine
  epochs: 60
)";
}

// The curve as the database has it, without what differs by the clock.
std::string Curve(const std::string& db) {
  return Sql(db,
             "select step, metric, value from measurements"
             " where metric not in ('samples_per_second', 'elapsed_seconds')"
             " order by 1, 2");
}

// The files of that name that trials have left below `folder`, by trial.
std::multimap<std::string, std::string> Find(const std::string& folder,
                                             const std::string& name) {
  std::multimap<std::string, std::string> found;
  std::error_code ignored;  // files come and go
  for (const auto& study : fs::directory_iterator(folder, ignored)) {
    for (const auto& trial : fs::directory_iterator(study.path(), ignored)) {
      const fs::path file = trial.path() / name;
      if (!fs::exists(file, ignored)) continue;
      found.emplace(trial.path().filename().string(), file.string());
    }
  }
  return found;
}

bool WaitForFile(const std::string& folder, const std::string& name) {
  const absl::Time deadline = absl::Now() + absl::Minutes(2);
  while (Find(folder, name).empty()) {
    if (absl::Now() > deadline) return false;
  }
  return true;
}

TEST(ArtifactTest, AKilledWorkersTrialGoesOnBitForBit) {
  const TempDir dir;
  const std::string file = dir.Write("study.yaml", LongTrial());
  const std::string whole_db = dir.path("whole.db");
  const std::string db = dir.path("interrupted.db");
  const std::string artifacts = dir.path("artifacts");
  const std::vector<std::string> keep = {"--artifact-dir", artifacts,
                                         "--checkpoint-interval", "0s"};
  {
    const Service service = StartService(whole_db);
    ASSERT_EQ(Attune(service, {"create", file}).exit_code, 0);
    ASSERT_EQ(StartWorker(service, {"--exit-when-done"})->Wait(), 0);
  }
  const Service service = StartService(db, {"--lease-duration", "2s"});
  ASSERT_EQ(Attune(service, {"create", file}).exit_code, 0);
  {
    const std::unique_ptr<Process> victim = StartWorker(service, keep);
    ASSERT_TRUE(WaitForFile(artifacts, kCheckpoint)) << victim->Log();
    victim->Signal(SIGKILL);
    victim->Wait();
  }
  std::vector<std::string> flags = keep;
  flags.emplace_back("--exit-when-done");
  const std::unique_ptr<Process> second = StartWorker(service, flags);
  EXPECT_EQ(second->Wait(), 0) << second->Log();
  EXPECT_EQ(Sql(db, "select attempts from trials_flat"), "2");
  EXPECT_EQ(Curve(db), Curve(whole_db));
  EXPECT_THAT(Find(artifacts, kCheckpoint), IsEmpty());
  EXPECT_THAT(Find(artifacts, kModel), SizeIs(1));
}

TEST(ArtifactTest, RunKeepsTheModelsOfTheBestThreeBesideTheDatabase) {
  const TempDir dir;
  const std::string db = dir.path("attune.db");
  const std::string study = dir.Write("s.yaml", R"(name: mlp
objective: {metric: validation_accuracy, goal: maximize}
algorithm: random
budget: {max_trials: 5}
parameters:
  learning_rate: {min: 1e-4, max: 1e-1, scale: log}
train: {dataset: spirals, epochs: 5}
)");
  const Finish run = RunProgram({"attune", "run", "--db", db, study});
  ASSERT_EQ(run.exit_code, 0) << run.log;
  std::vector<std::string> kept;
  for (const auto& [trial, path] : Find(db + ".artifacts", kModel)) {
    kept.push_back(trial);
  }
  const Finish trials =
      RunProgram({"attune", "trials", "--metrics", "--db", db, "-o", "csv"});
  EXPECT_THAT(trials.output, HasSubstr(",validation_loss,"));
  const Finish show =
      RunProgram({"attune", "show", "--trial", kept[0], "--db", db});
  EXPECT_THAT(show.output, ContainsRegex("  validation_loss  +[0-9.]+\n"));
  EXPECT_THAT(show.output, ContainsRegex("attempt 1  +completed, by attune"));
  EXPECT_THAT(show.output, ContainsRegex("model  +.*/model.safetensors\n"));
  const Finish none =
      RunProgram({"attune", "show", "--trial", "99", "--db", db});
  EXPECT_EQ(none.exit_code, 1);
  EXPECT_THAT(none.log, HasSubstr("no trial 99 of `mlp`, which has 5"));
  const std::vector<std::string> best =
      absl::StrSplit(Sql(db, "select trial from best_trials limit 3"), '\n');
  EXPECT_THAT(kept, UnorderedElementsAreArray(best));
}

TEST(ArtifactTest, ADatabaseThatBeginsAnewFindsNothingOfTheOldOne) {
  const TempDir dir;
  const std::string db = dir.path("attune.db");
  const std::string study = dir.Write("study.yaml", LongTrial());
  for (int i = 0; i < 2; ++i) {
    fs::remove(db);
    ASSERT_EQ(RunProgram({"attune", "run", "--db", db, study}).exit_code, 0);
    EXPECT_EQ(Sql(db, "select id from studies"), "1");
  }
  EXPECT_THAT(Find(db + ".artifacts", kModel), SizeIs(2));
}

TEST(ArtifactTest, PredictUsesTheBestTrialsModelOnAFile) {
  const TempDir dir;
  const std::string db = dir.path("attune.db");
  std::string table = "x,target\n";
  for (int i = 0; i < 200; ++i) {
    absl::StrAppend(&table, i % 20, i % 20 < 10 ? ",low\n" : ",high\n");
  }
  const std::string study = dir.Write(
      "study.yaml", absl::StrCat(R"(name: table
objective: {metric: validation_accuracy, goal: maximize}
algorithm: random
budget: {max_trials: 2}
parameters:
  learning_rate: {min: 0.01, max: 0.03}
train: {dataset: )",
                                 dir.Write("table.csv", table), R"(, epochs: 30}
)"));
  ASSERT_EQ(RunProgram({"attune", "run", "--db", db, study}).exit_code, 0);
  const std::string input = dir.Write("new.csv", "x\n2\n17\n");
  const Finish predict =
      RunProgram({"attune", "predict", "--db", db, input, "-o", "csv"});
  EXPECT_EQ(predict.exit_code, 0) << predict.log;
  EXPECT_THAT(predict.output, ContainsRegex("^row,class,confidence\n"
                                            "1,low,0[.]9[0-9]*\n"
                                            "2,high,0[.]9[0-9]*\n$"));
  EXPECT_THAT(RunProgram({"attune", "predict", "--db", db, input}).output,
              ContainsRegex(
                  "^row  class  confidence\n  1  low      0[.]9[0-9]{4,5}\n"));
  const Finish no_trial =
      RunProgram({"attune", "predict", "--db", db, input, "--trial", "9"});
  EXPECT_EQ(no_trial.exit_code, 1);
  EXPECT_THAT(no_trial.log, HasSubstr("no trial 9 of `table`, which has 2"));
  const Finish no_model =
      RunProgram({"attune", "predict", input, "--model", input});
  EXPECT_EQ(no_model.exit_code, 1);
  EXPECT_THAT(no_model.log, HasSubstr("attune: reading " + input +
                                      ": found no model, expected a file"));
  const std::string empty = dir.Write("empty.csv", "x\n");
  EXPECT_EQ(
      RunProgram({"attune", "predict", "--db", db, empty, "-o", "csv"}).output,
      "row,class,confidence\n");
  const Finish wrong = RunProgram(
      {"attune", "predict", "--db", db, dir.Write("other.csv", "\x1by\n2\n")});
  EXPECT_EQ(wrong.exit_code, 1);
  EXPECT_THAT(wrong.log, HasSubstr("expected one called `x`"));
  EXPECT_EQ(wrong.log.find('\x1b'), std::string::npos) << wrong.log;
}

TEST(ArtifactTest, PredictSaysThatFoldsLeaveNoModel) {
  const TempDir dir;
  const std::string db = dir.path("attune.db");
  const std::string study = dir.Write("study.yaml", R"(name: folded
objective: {metric: validation_loss, goal: minimize}
algorithm: random
budget: {max_trials: 1}
parameters:
  learning_rate: {min: 0.01, max: 0.03}
train: {dataset: xor, samples: 60, folds: 3, epochs: 1}
)");
  ASSERT_EQ(RunProgram({"attune", "run", "--db", db, study}).exit_code, 0);
  const Finish predict = RunProgram(
      {"attune", "predict", "--db", db, dir.Write("new.csv", "x,y\n1,1\n")});
  EXPECT_EQ(predict.exit_code, 1);
  EXPECT_THAT(predict.log, HasSubstr("the study has `folds`"));
}

TEST(ArtifactTest, AFolderThatCannotBeWrittenCostsNoTrial) {
  const TempDir dir;
  const std::string db = dir.path("attune.db");
  const Service service = StartService(db);
  const std::string file = dir.Write("study.yaml", NetworkStudy("mlp", 2));
  ASSERT_EQ(Attune(service, {"create", file}).exit_code, 0);
  const std::unique_ptr<Process> worker = StartWorker(
      service, {"--exit-when-done", "--artifact-dir", file + "/below-a-file"});
  EXPECT_EQ(worker->Wait(), 0);
  EXPECT_THAT(worker->Log(), HasSubstr("event=not_kept"));
  EXPECT_EQ(Sql(db, "select count(*) from best_trials"), "2");
}

TEST(ArtifactTest, RunSaysThatAFolderCannotBeUsed) {
  const TempDir dir;
  const std::string db = dir.path("attune.db");
  const std::string file = dir.Write("study.yaml", NetworkStudy("mlp", 1));
  const Finish run = RunProgram({"attune", "run", "--db", db, "--artifact-dir",
                                 file + "/below-a-file", file});
  EXPECT_EQ(run.exit_code, 0) << run.log;
  EXPECT_THAT(run.log, HasSubstr("no checkpoints and no models can be kept"));
  EXPECT_THAT(run.log,
              HasSubstr("found `" + file + "`, which is not a directory"));
  EXPECT_EQ(Sql(db, "select count(*) from best_trials"), "1");
}

}  // namespace
}  // namespace attune

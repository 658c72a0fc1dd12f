// Studies to their end, with the real programs.

#include <signal.h>
#include <unistd.h>

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/e2e/process.h"
#include "tests/e2e/service.h"

namespace attune {
namespace {

using testing::HasSubstr;

TEST(StudyTest, RunTunesToTheEndAndAgreesWithTheDatabase) {
  const TempDir dir;
  const std::string db = dir.path("attune.db");
  const std::string file = dir.Write("study.yaml", SphereStudy("study", 40));
  const Finish run = RunProgram({"attune", "run", file, "--db", db});
  ASSERT_EQ(run.exit_code, 0) << run.log;
  // One file is all there is of it, so that it can be copied and replaced.
  EXPECT_NE(::access(db.c_str(), F_OK), -1);
  EXPECT_EQ(::access((db + "-wal").c_str(), F_OK), -1);
  EXPECT_EQ(Sql(db,
                "select count(*) from trials_flat"
                " where state = 'completed'"),
            "40");

  const Finish best = RunProgram(
      {"attune", "best", "study", "-n", "1", "-o", "csv", "--db", db});
  EXPECT_EQ(best.exit_code, 0) << best.log;
  EXPECT_THAT(best.output, HasSubstr("\n" +
                                     Sql(db,
                                         "select trial from best_trials"
                                         " limit 1") +
                                     ","));
}

TEST(StudyTest, RunAgainSaysThatTheStudyIsDone) {
  const TempDir dir;
  const std::string db = dir.path("attune.db");
  const std::string file = dir.Write("study.yaml", SphereStudy("study", 5));
  ASSERT_EQ(RunProgram({"attune", "run", file, "--db", db}).exit_code, 0);
  const Finish again = RunProgram({"attune", "run", file, "--db", db});
  EXPECT_EQ(again.exit_code, 0) << again.log;
  EXPECT_EQ(Sql(db, "select count(*) from trials_flat"), "5");
  // The log of each is there.
  EXPECT_TRUE(std::filesystem::exists(db + ".log"));
  EXPECT_TRUE(std::filesystem::exists(db + ".log.1"));
}

TEST(StudyTest, RunTrainsNetworksOnRealData) {
  const TempDir dir;
  const std::string db = dir.path("attune.db");
  const std::string file = dir.Write("study.yaml", NetworkStudy("study", 3));
  const Finish run = RunProgram({"attune", "run", file, "--db", db});
  ASSERT_EQ(run.exit_code, 0) << run.log;
  EXPECT_EQ(Sql(db, "select count(*) from best_trials where objective > 0.7"),
            "3");
  EXPECT_EQ(Sql(db,
                "select count(*) from measurements"
                " where metric = 'training_loss'"),
            "60");
}

TEST(StudyTest, RunFindsATableBesideTheStudyFile) {
  const TempDir dir;
  const std::string db = dir.path("attune.db");
  std::string table = "x,color,side\n";
  for (int i = 0; i < 60; ++i) {
    table += std::to_string(i % 10 - 5) + (i % 3 == 0 ? ",red," : ",blue,") +
             (i % 10 < 5 ? "left" : "right") + "\n";
  }
  dir.Write("points.csv", table);
  const std::string file = dir.Write("study.yaml", R"(
name: study
objective: {metric: validation_accuracy, goal: maximize}
budget: {max_trials: 2}
parameters: {learning_rate: {min: 0.01, max: 0.1, scale: log}}
train: {dataset: points.csv, target_column: side, folds: 3, epochs: 40}
)");
  const Finish run = RunProgram({"attune", "run", file, "--db", db});
  ASSERT_EQ(run.exit_code, 0) << run.log;
  EXPECT_EQ(Sql(db, "select count(*) from best_trials where objective > 0.8"),
            "2");
}

TEST(StudyTest, InterruptDrainsAndRunGoesOn) {
  const TempDir dir;
  const std::string db = dir.path("attune.db");
  const std::string file = dir.Write("study.yaml", NetworkStudy("study", 8));
  Process run({"attune", "run", file, "--db", db, "--workers", "1"});
  ASSERT_TRUE(run.WaitForLog("trial 1").has_value()) << run.Log();
  run.Signal(SIGINT);
  EXPECT_EQ(run.Wait(), 1) << run.Log();  // the study is not done
  EXPECT_THAT(run.Log(), HasSubstr("go on with: attune run"));
  EXPECT_EQ(Sql(db, "select count(*) from trials where state = 'running'"),
            "0");
  EXPECT_NE(Sql(db, "select count(*) from trials where state = 'completed'"),
            "8");

  EXPECT_EQ(RunProgram({"attune", "run", file, "--db", db}).exit_code, 0);
  EXPECT_EQ(Sql(db, "select count(*) from trials where state = 'completed'"),
            "8");
}

TEST(StudyTest, ARunSaysThatItsStudyWasPausedResumedAndStoppedElsewhere) {
  const TempDir dir;
  const std::string db = dir.path("attune.db");
  const std::string file = dir.Write("study.yaml", NetworkStudy("study", 1000));
  Process run({"attune", "run", file, "--db", db, "--workers", "1"});
  ASSERT_TRUE(run.WaitForLog("trial 1").has_value()) << run.Log();
  const auto change = [&](const std::string& wish) {
    return RunProgram({"attune", wish, "study", "--db", db}).exit_code;
  };
  EXPECT_EQ(change("pause"), 0);
  EXPECT_TRUE(run.WaitForLog("was paused; attune resume study").has_value());
  EXPECT_EQ(change("resume"), 0);
  EXPECT_TRUE(run.WaitForLog("the study goes on").has_value());
  EXPECT_EQ(change("stop"), 0);
  EXPECT_EQ(run.Wait(), 1);
  EXPECT_THAT(run.Log(), HasSubstr("stopped before it was done"));
}

TEST(StudyTest, FourWorkersRunExactlyMaxTrials) {
  const TempDir dir;
  const std::string db = dir.path("attune.db");
  const Service service = StartService(db);
  ASSERT_NE(service.address, "") << service.process->Log();
  const std::string file = dir.Write("study.yaml", SphereStudy("study", 101));
  ASSERT_EQ(Attune(service, {"create", file}).exit_code, 0);

  std::vector<std::unique_ptr<Process>> workers;
  workers.reserve(4);
  for (int i = 0; i < 4; ++i) {
    workers.push_back(
        StartWorker(service, {"--slots", "2", "--exit-when-done"}));
  }
  for (const std::unique_ptr<Process>& worker : workers) {
    EXPECT_EQ(worker->Wait(), 0) << worker->Log();
  }
  EXPECT_EQ(Sql(db,
                "select count(*), count(distinct trial) from trials_flat"
                " where state = 'completed'"),
            "101|101");
  EXPECT_EQ(Sql(db, "select count(*) from attempts"), "101");
}

TEST(StudyTest, SigtermEndsTheCoordinatorCleanly) {
  const TempDir dir;
  const Service service = StartService(dir.path("attune.db"));
  ASSERT_NE(service.address, "") << service.process->Log();
  const std::unique_ptr<Process> worker = StartWorker(service);
  ASSERT_TRUE(worker->WaitForLog("event=ready").has_value());
  service.process->Signal(SIGTERM);
  EXPECT_EQ(service.process->Wait(), 0) << service.process->Log();
  worker->Signal(SIGTERM);
  EXPECT_EQ(worker->Wait(), 0) << worker->Log();
}

}  // namespace
}  // namespace attune

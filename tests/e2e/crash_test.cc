// kill -9, of workers and of the coordinator, in the middle of their work.

#include <signal.h>

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "core/coordinator_api.h"
#include "core/error.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/e2e/process.h"
#include "tests/e2e/service.h"
#include "worker/grpc_coordinator.h"

namespace attune {
namespace {

// Asks the database again and again until `sql` answers `answer`, two minutes
// at most.
bool WaitForSql(const std::string& db, const std::string& sql,
                const std::string& answer) {
  const absl::Time deadline = absl::Now() + absl::Minutes(2);
  while (Sql(db, sql) != answer) {
    if (absl::Now() > deadline) return false;
  }
  return true;
}

TEST(CrashTest, ATrialOfAKilledWorkerRunsAgain) {
  const TempDir dir;
  const std::string db = dir.path("attune.db");
  const Service service = StartService(db, {"--lease-duration", "2s"});
  ASSERT_NE(service.address, "") << service.process->Log();
  const std::string file = dir.Write("study.yaml", NetworkStudy("study", 3));
  ASSERT_EQ(Attune(service, {"create", file}).exit_code, 0);

  const std::unique_ptr<Process> victim = StartWorker(service);
  ASSERT_TRUE(WaitForSql(
      db, "select count(*) from trials where state = 'running'", "1"))
      << victim->Log();
  victim->Signal(SIGKILL);
  EXPECT_EQ(victim->Wait(), 128 + SIGKILL);
  const std::unique_ptr<Process> worker =
      StartWorker(service, {"--exit-when-done"});
  EXPECT_EQ(worker->Wait(), 0) << worker->Log();
  EXPECT_EQ(Sql(db,
                "select count(*) from trials_flat"
                " where state = 'completed'"),
            "3");
  EXPECT_EQ(
      Sql(db, "select outcome, count(*) from attempts group by 1 order by 1"),
      "COMPLETED|3\nLEASE_EXPIRED|1");
}

TEST(CrashTest, ARunThatWasKilledGoesOnWithoutWaitingForItsLeases) {
  const TempDir dir;
  const std::string db = dir.path("attune.db");
  const std::string file = dir.Write("study.yaml", NetworkStudy("study", 2));
  Process run({"attune", "run", file, "--db", db, "--workers", "1"});
  ASSERT_TRUE(WaitForSql(
      db, "select count(*) from trials where state = 'running'", "1"))
      << run.Log();
  run.Signal(SIGKILL);
  EXPECT_EQ(run.Wait(), 128 + SIGKILL);

  const Finish again =
      RunProgram({"attune", "run", file, "--db", db, "--workers", "1"});
  EXPECT_EQ(again.exit_code, 0) << again.log;
  EXPECT_EQ(
      Sql(db, "select outcome, count(*) from attempts group by 1 order by 1"),
      "COMPLETED|2\nRELEASED|1");
}

// What the coordinator said it has: values by trial and step.
class Acknowledged {
 public:
  void Add(int64_t trial, int64_t step, double value) {
    const absl::MutexLock lock(&mutex_);
    values_[{trial, step}] = value;
  }
  void AddFinished() {
    const absl::MutexLock lock(&mutex_);
    ++finished_;
  }
  bool WaitForFinished(int count) {
    const auto reached = [&]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
      return finished_ >= count;
    };
    const absl::MutexLock lock(&mutex_);
    return mutex_.AwaitWithTimeout(absl::Condition(&reached), absl::Minutes(2));
  }
  std::map<std::pair<int64_t, int64_t>, double> values() {
    const absl::MutexLock lock(&mutex_);
    return values_;
  }

 private:
  absl::Mutex mutex_;
  std::map<std::pair<int64_t, int64_t>, double> values_ ABSL_GUARDED_BY(mutex_);
  int finished_ ABSL_GUARDED_BY(mutex_) = 0;
};

bool IsAway(const absl::Status& status) {
  return absl::IsUnavailable(status) || absl::IsDeadlineExceeded(status);
}

// Calls until the coordinator answers.
template <typename Call>
auto UntilAnswered(const Call& call) {
  auto answer = call();
  while (IsAway(answer.status())) answer = call();
  return answer;
}

absl::StatusOr<bool> AsStatusOr(const absl::Status& status) {
  if (!status.ok()) return status;
  return true;
}

void RunOneTrial(GrpcCoordinator& api, const Assignment& assignment,
                 Acknowledged& acknowledged) {
  const LeaseToken& token = assignment.token;
  for (int64_t step = 1; step <= 3; ++step) {
    const double value = static_cast<double>(token.trial.number) * 10 +
                         static_cast<double>(step);
    const Measurement measurement = {.step = step,
                                     .metrics = {{"value", value}}};
    const auto verdict = UntilAnswered(
        [&] { return api.ReportMeasurements(token, {measurement}); });
    ASSERT_TRUE(verdict.ok()) << verdict.status();
    acknowledged.Add(token.trial.number, step, value);
  }
  const auto finished = UntilAnswered(
      [&] { return AsStatusOr(api.FinishTrial(token, {}, Finished())); });
  ASSERT_TRUE(finished.ok()) << finished.status();
  acknowledged.AddFinished();
}

// A worker of ours, until the study is exhausted.
void RunWorker(const std::string& address, int number,
               Acknowledged& acknowledged) {
  GrpcCoordinator api({.address = address});
  const LeaseRequest request = {
      .workers = {{absl::StrCat("crash-test/", number)}},
      .study = "study",
      .wait = absl::Seconds(5)};
  while (true) {
    const auto reply = UntilAnswered([&] { return api.LeaseTrials(request); });
    ASSERT_TRUE(reply.ok()) << reply.status();
    if (reply->exhausted) return;
    for (const Assignment& assignment : reply->assignments) {
      RunOneTrial(api, assignment, acknowledged);
    }
  }
}

constexpr char kOwnLoopStudy[] = R"(name: study
objective: {metric: value, goal: maximize}
budget: {max_trials: 400}
parameters:
  x: {min: 0.0, max: 1.0}
)";

TEST(CrashTest, AKilledCoordinatorLosesNothingThatItAcknowledged) {
  const TempDir dir;
  const std::string db = dir.path("attune.db");
  Service service = StartService(db);
  ASSERT_NE(service.address, "") << service.process->Log();
  const std::string file = dir.Write("study.yaml", kOwnLoopStudy);
  ASSERT_EQ(Attune(service, {"create", file}).exit_code, 0);

  Acknowledged acknowledged;
  std::vector<std::jthread> workers;
  workers.reserve(4);
  for (int i = 0; i < 4; ++i) {
    workers.emplace_back(
        [&, i] { RunWorker(service.address, i, acknowledged); });
  }
  const std::string address = service.address;
  for (const int finished : {60, 150, 260}) {
    ASSERT_TRUE(acknowledged.WaitForFinished(finished));
    service.process->Signal(SIGKILL);
    EXPECT_EQ(service.process->Wait(), 128 + SIGKILL);
    service.process = StartService(db, {"--listen", address}).process;
  }
  workers.clear();  // joins them: the study is exhausted

  std::map<std::pair<int64_t, int64_t>, double> stored;
  const std::string rows =
      Sql(db, "select trial, step, value from measurements");
  for (const absl::string_view row : absl::StrSplit(rows, '\n')) {
    const std::vector<std::string> columns = absl::StrSplit(row, '|');
    ASSERT_EQ(columns.size(), 3U) << row;
    stored[{std::stoll(columns[0]), std::stoll(columns[1])}] =
        std::stod(columns[2]);
  }
  for (const auto& [key, value] : acknowledged.values()) {
    ASSERT_EQ(stored.count(key), 1U) << key.first << "/" << key.second;
    EXPECT_EQ(stored[key], value);
  }
  EXPECT_EQ(acknowledged.values().size(), 1200U);
  EXPECT_EQ(Sql(db,
                "select count(*), count(distinct trial) from trials_flat"
                " where state = 'completed'"),
            "400|400");
}

}  // namespace
}  // namespace attune

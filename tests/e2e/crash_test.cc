// kill -9, of workers and of the coordinator, in the middle of their work.

#include <signal.h>

#include <array>
#include <atomic>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "core/random.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/e2e/ledger.h"
#include "tests/e2e/load_worker.h"
#include "tests/e2e/process.h"
#include "tests/e2e/rounds.h"
#include "tests/e2e/service.h"

namespace attune {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::UnorderedElementsAre;

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

TEST(CrashTest, ARunSaysThatItsDatabaseIsGone) {
  const TempDir dir;
  const std::string db = dir.path("attune.db");
  const std::string file = dir.Write("study.yaml", SphereStudy("study", 5));
  Process run({"attune", "run", file, "--db", db, "--workers", "0"});
  ASSERT_TRUE(WaitForSql(db, "select count(*) from studies", "1")) << run.Log();
  std::filesystem::remove(db);
  EXPECT_EQ(RunProgram({"attune", "pause", "study", "--db", db}).exit_code, 1);
  const std::optional<std::string> said =
      run.WaitForLog("the coordinator cannot write: ");
  ASSERT_TRUE(said.has_value()) << run.Log();
  EXPECT_THAT(*said, HasSubstr("was removed or replaced"));
  run.Signal(SIGINT);
  EXPECT_EQ(run.Wait(), 1) << run.Log();
  EXPECT_THAT(run.Log(), HasSubstr("its database " + db + " is there no more"));
  EXPECT_THAT(run.Log(), Not(HasSubstr("go on with")));
}

TEST(CrashTest, ARunWhoseCoordinatorEndsWithAnotherSaysHowToGoOn) {
  const TempDir dir;
  const std::string db = dir.path("attune.db");
  const std::string file = dir.Write("study.yaml", SphereStudy("study", 5));
  Process first({"attune", "run", file, "--db", db, "--workers", "0"});
  ASSERT_TRUE(WaitForSql(db, "select count(*) from studies", "1"))
      << first.Log();
  Process second({"attune", "run", file, "--db", db, "--workers", "0"});
  ASSERT_TRUE(second.WaitForLog("going on with the study").has_value())
      << second.Log();
  first.Signal(SIGINT);
  EXPECT_EQ(first.Wait(), 1) << first.Log();
  EXPECT_EQ(second.Wait(), 1) << second.Log();
  EXPECT_THAT(second.Log(),
              HasSubstr("has ended; go on with: attune run " + file));
}

void ChangeDatabase(const std::string& db, const std::string& sql) {
  EXPECT_EQ(RunProgram({"/usr/bin/sqlite3", db, sql}).log, "");
}

// How many times something is killed, and the seed of when and what.
int Rounds() { return NumberFromEnv("ATTUNE_CRASH_ROUNDS", 200); }
int Seed() { return NumberFromEnv("ATTUNE_CRASH_SEED", 1); }

// Of attempts, by whose worker made them.
constexpr char kOutcomes[] =
    "select outcome, iif(worker like 'load-%', 'witness', 'attune-worker'),"
    " count(*) from attempts group by 1, 2";

// A coordinator, two real workers and three witnesses, until nobody needs them.
class Cluster {
 public:
  explicit Cluster(Rng rng) : rng_(rng) {
    StartCoordinator();
    for (auto& worker : workers_) worker = StartRealWorker();
    for (int i = 1; i <= 3; ++i) {
      witnesses_.emplace_back([this, i] {
        LoadWorker({.address = address_,
                    .name = absl::StrCat("load-", i),
                    .rng = rng_.Split(static_cast<uint64_t>(i)),
                    .unreliable = true},
                   &ledger_)
            .Run(enough_);
      });
    }
  }

  // Lets them work for a moment and kills.
  void KillSomething(int round) {
    Rng rng = rng_.Split("kill").Split(static_cast<uint64_t>(round));
    const size_t facts = rng.Below(60);
    const absl::Duration most = absl::Milliseconds(1 + rng.Below(100));
    ledger_.WaitForMore(facts, most);
    const uint64_t what = rng.Below(10);
    if (what >= 6) Restart(workers_[rng.Below(workers_.size())]);
    if (what < 8) KillCoordinator(/*also_at_start=*/what == 0, rng);
  }

  // Lets them finish what there is. Everybody leaves in order.
  void Finish() {
    enough_ = true;
    witnesses_.clear();  // joins them
    for (auto& worker : workers_) {
      worker->Signal(SIGTERM);
      EXPECT_EQ(worker->Wait(), 0) << worker->Log();
      ledger_.AddWorkerLog(worker->Log());
    }
    service_.process->Signal(SIGTERM);
    EXPECT_EQ(service_.process->Wait(), 0) << service_.process->Log();
  }

  const std::string& db() const { return db_; }
  const Ledger& ledger() const { return ledger_; }

 private:
  void StartCoordinator() {
    service_ = StartService(db_, Flags());
    ASSERT_NE(service_.address, "") << service_.process->Log();
    service_.address = address_;
  }

  std::vector<std::string> Flags() const {
    return {"--lease-duration", "1s", "--listen", address_};
  }

  std::unique_ptr<Process> StartRealWorker() {
    return StartWorker(service_, {"--slots", "2"});
  }

  void Restart(std::unique_ptr<Process>& worker) {
    worker->Signal(SIGKILL);
    EXPECT_EQ(worker->Wait(), 128 + SIGKILL) << worker->Log();
    ledger_.AddWorkerLog(worker->Log());
    worker = StartRealWorker();
  }

  void KillCoordinator(bool also_at_start, Rng& rng) {
    service_.process->Signal(SIGKILL);
    EXPECT_EQ(service_.process->Wait(), 128 + SIGKILL)
        << service_.process->Log();
    if (also_at_start) {
      std::vector<std::string> argv = {"attuned", "--db", db_};
      for (const std::string& flag : Flags()) argv.push_back(flag);
      Process starting(argv);
      ledger_.WaitForMore(1, absl::Microseconds(rng.Below(30'000)));
      starting.Signal(SIGKILL);
      EXPECT_EQ(starting.Wait(), 128 + SIGKILL) << starting.Log();
    }
    StartCoordinator();
  }

  const TempDir dir_;
  const std::string db_ = dir_.path("attune.db");
  // Not a port, which somebody else could take between two coordinators.
  const std::string address_ = "unix:" + dir_.path("socket");
  const Rng rng_;
  Ledger ledger_;
  Service service_;
  std::array<std::unique_ptr<Process>, 2> workers_;
  std::atomic<bool> enough_ = false;
  std::vector<std::jthread> witnesses_;
};

// What was acknowledged is found missing, changed or done twice: else the next
// test would prove nothing.
TEST(CrashTest, TheLedgerFindsWhatADatabaseHasLost) {
  const TempDir dir;
  const std::string db = dir.path("attune.db");
  Ledger ledger;
  {
    const Service service = StartService(db);
    LoadWorker witness({.address = service.address, .name = "w"}, &ledger);
    witness.CreateStudy(/*task=*/true, 2);
    witness.CreateStudy(/*task=*/false, 3);
    witness.Run(/*enough=*/true);
    service.process->Signal(SIGTERM);
    ASSERT_EQ(service.process->Wait(), 0) << service.process->Log();
  }
  const Facts facts = ledger.facts();
  EXPECT_EQ(facts.size(), 2U + 5 + 5 + 2 + 9);
  EXPECT_THAT(FindContradictions(db, facts), IsEmpty());

  ChangeDatabase(db,
                 "delete from measurements where trial = 2 and step = 3;"
                 "update measurements set value = value + 1e-15"
                 " where trial = 3 and step = 2;"
                 "update attempts set worker = 'x' where trial = 3;"
                 "update attempts set outcome = 'RELEASED' where trial = 3;"
                 "update studies set max_trials = 4 where name = 'w-2'");
  EXPECT_THAT(
      FindContradictions(db, facts),
      UnorderedElementsAre(
          HasSubstr("without exactly max_trials completed trials: w-2|4|3|3"),
          HasSubstr("not completed by exactly one attempt: 2|3|0"),
          HasSubstr("max_trials of w-2: acknowledged 3, found 4"),
          HasSubstr("of w-2/2, step 3, which was acknowledged"),
          HasSubstr("value of w-2/3, step 2"), HasSubstr("worker of w-2/3"),
          HasSubstr("outcome of w-2/3")));
}

TEST(CrashTest, NothingAcknowledgedIsLostHoweverOftenAnybodyIsKilled) {
  const int rounds = Rounds();
  SCOPED_TRACE(absl::StrCat("replay: ATTUNE_CRASH_SEED=", Seed(),
                            " scripts/soak crash ", rounds));
  Cluster cluster(Rng(static_cast<uint64_t>(Seed())));
  for (int round = 0; round < rounds && !HasFatalFailure(); ++round) {
    cluster.KillSomething(round);
  }
  cluster.Finish();
  EXPECT_THAT(cluster.ledger().problems(), IsEmpty());
  const Facts facts = cluster.ledger().facts();
  EXPECT_THAT(FindContradictions(cluster.db(), facts), IsEmpty());
  // Else it has tested nothing.
  EXPECT_GT(facts.outcomes.size(), static_cast<size_t>(rounds));
  std::printf(
      "%d rounds, seed %d: %zu facts were acknowledged, of which %zu "
      "are ends of attempts; outcomes:\n%s\n",
      rounds, Seed(), facts.size(), facts.outcomes.size(),
      Sql(cluster.db(), kOutcomes).c_str());
}

}  // namespace
}  // namespace attune

// Real programs on a network that delays, cuts, stalls, throttles and forgets
// connections.

#include <signal.h>

#include <array>
#include <atomic>
#include <cstdint>
#include <cstdio>
#include <memory>
#include <optional>
#include <ostream>
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
#include "tests/e2e/tcp_proxy.h"

namespace attune {
namespace {

using testing::AnyOf;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr NetworkFault kHalfOpen = {.swallows_requests = true,
                                    .swallows_answers = true};

// The same service, by way of `proxy`.
Service Through(const TcpProxy& proxy) {
  return {.process = nullptr, .address = proxy.address()};
}

struct FaultCase {
  std::string name;
  NetworkFault fault;
  bool reset = false;   // cuts what there is when it begins
  bool finish = false;  // likewise
};
void PrintTo(const FaultCase& one, std::ostream* out) { *out << one.name; }

// How much of it a coordinator, two workers and three witnesses get to feel.
class BadNetworkTest : public testing::TestWithParam<FaultCase> {
 protected:
  BadNetworkTest() : proxy_(StartCoordinator()) {
    for (auto& worker : workers_) {
      worker = StartWorker(Through(proxy_), {"--slots", "2"});
    }
    for (int i = 1; i <= 3; ++i) {
      witnesses_.emplace_back([this, i] {
        LoadWorker({.address = proxy_.address(),
                    .name = absl::StrCat("load-", i),
                    .rng = Rng(static_cast<uint64_t>(Seed()))
                               .Split("load")
                               .Split(static_cast<uint64_t>(i)),
                    .unreliable = true,
                    .call_timeout = absl::Seconds(1)},
                   &ledger_)
            .Run(enough_);
      });
    }
  }

  static int Seed() { return NumberFromEnv("ATTUNE_NETWORK_SEED", 1); }
  static int Rounds() { return NumberFromEnv("ATTUNE_NETWORK_ROUNDS", 3); }

  void Break(const FaultCase& one) {
    proxy_.Set(one.fault);
    if (one.reset) proxy_.Reset();
    if (one.finish) proxy_.Finish();
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

  std::string StartCoordinator() {
    service_ = StartService(db_, {"--lease-duration", "1s"});
    return service_.address;
  }

  const TempDir dir_;
  const std::string db_ = dir_.path("attune.db");
  Ledger ledger_;
  Service service_;
  TcpProxy proxy_;
  std::array<std::unique_ptr<Process>, 2> workers_;
  std::atomic<bool> enough_ = false;
  std::vector<std::jthread> witnesses_;
};

TEST_P(BadNetworkTest, LosesNothingThatWasAcknowledged) {
  Rng rng(static_cast<uint64_t>(Seed()));
  for (int round = 0; round < Rounds(); ++round) {
    // Everybody works, and goes on after what came before.
    ASSERT_TRUE(ledger_.WaitForMore(200, absl::Minutes(2)))
        << "round " << round;
    Break(GetParam());
    // Some of them last longer than a lease, whatever passes.
    ledger_.WaitForMore(
        100'000, absl::Milliseconds(1 + static_cast<int64_t>(rng.Below(1500))));
    proxy_.Set({});
  }
  ASSERT_TRUE(ledger_.WaitForMore(200, absl::Minutes(2)));
  Finish();
  EXPECT_THAT(ledger_.problems(), IsEmpty());
  const Facts facts = ledger_.facts();
  EXPECT_THAT(FindContradictions(db_, facts), IsEmpty());
  std::printf("%zu facts were acknowledged, over %d connections\n",
              facts.size(), proxy_.connections());
}

INSTANTIATE_TEST_SUITE_P(
    All, BadNetworkTest,
    testing::Values(
        FaultCase{.name = "Reset", .fault = {}, .reset = true},
        FaultCase{.name = "Finish", .fault = {}, .finish = true},
        FaultCase{.name = "Delay", .fault = {.delay = absl::Milliseconds(150)}},
        FaultCase{.name = "Throttle", .fault = {.bytes_per_second = 2000}},
        FaultCase{.name = "Stall", .fault = {.stalls = true}},
        FaultCase{.name = "Refuse", .fault = {.refuses = true}, .reset = true},
        FaultCase{.name = "LostRequests", .fault = {.swallows_requests = true}},
        FaultCase{.name = "LostAnswers", .fault = {.swallows_answers = true}},
        FaultCase{.name = "HalfOpen", .fault = kHalfOpen}),
    [](const auto& one) { return one.param.name; });

// ---- one at a time ----------------------------------------------------------

TEST(NetworkTest, ALateWorkerIsRefusedAndGoesOnWithOtherTrials) {
  const TempDir dir;
  const std::string db = dir.path("attune.db");
  const Service service = StartService(db, {"--lease-duration", "1s"});
  ASSERT_NE(service.address, "") << service.process->Log();
  TcpProxy proxy(service.address);
  const std::string file = dir.Write("study.yaml", NetworkStudy("study", 8));
  ASSERT_EQ(Attune(service, {"create", file}).exit_code, 0);

  const std::unique_ptr<Process> late =
      StartWorker(Through(proxy), {"--exit-when-done"});
  ASSERT_TRUE(late->WaitForLog("event=trial_started").has_value());
  proxy.Set({.stalls = true});
  ASSERT_TRUE(WaitForSql(
      db, "select count(*) from attempts where outcome = 'LEASE_EXPIRED'",
      "1"));
  // Nothing else could take the trial, so its successor is another worker's.
  const std::unique_ptr<Process> other =
      StartWorker(service, {"--exit-when-done"});
  ASSERT_TRUE(other->WaitForLog("event=trial_started").has_value());
  proxy.Set({});
  const std::optional<std::string> dropped =
      late->WaitForLog("event=trial_dropped");
  ASSERT_TRUE(dropped.has_value()) << late->Log();
  // By its report, or by its renewal if that came first.
  EXPECT_THAT(*dropped,
              AnyOf(HasSubstr("LEASE_LOST"), HasSubstr("the lease lost")));
  EXPECT_TRUE(late->WaitForLog("event=trial_ended").has_value()) << late->Log();
  EXPECT_EQ(late->Wait(), 0) << late->Log();
  EXPECT_EQ(other->Wait(), 0) << other->Log();
  EXPECT_EQ(
      Sql(db, "select outcome, count(*) from attempts group by 1 order by 1"),
      "COMPLETED|8\nLEASE_EXPIRED|1");
}

struct HalfOpenCase {
  std::string name;
  NetworkFault fault;
};
void PrintTo(const HalfOpenCase& one, std::ostream* out) { *out << one.name; }

class HalfOpenTest : public testing::TestWithParam<HalfOpenCase> {};

// It waits for a trial and says nothing, so only pings can tell.
TEST_P(HalfOpenTest, AWaitingWorkerFindsOut) {
  const TempDir dir;
  const std::string db = dir.path("attune.db");
  const Service service = StartService(db);
  ASSERT_NE(service.address, "") << service.process->Log();
  TcpProxy proxy(service.address);
  const std::unique_ptr<Process> worker = StartWorker(Through(proxy));
  ASSERT_TRUE(worker->WaitForLog("event=ready").has_value()) << worker->Log();
  ASSERT_TRUE(proxy.WaitForConnections(1));

  proxy.Set(GetParam().fault);
  ASSERT_TRUE(worker->WaitForLog("event=coordinator_away").has_value())
      << worker->Log();
  proxy.Set({});
  const std::string file = dir.Write("study.yaml", SphereStudy("study", 20));
  ASSERT_EQ(Attune(service, {"create", file}).exit_code, 0);
  EXPECT_TRUE(WaitForSql(
      db, "select count(*) from trials where state = 'completed'", "20"))
      << worker->Log();
  worker->Signal(SIGTERM);
  EXPECT_EQ(worker->Wait(), 0) << worker->Log();
}

INSTANTIATE_TEST_SUITE_P(
    All, HalfOpenTest,
    testing::Values(HalfOpenCase{"Requests", {.swallows_requests = true}},
                    HalfOpenCase{"Answers", {.swallows_answers = true}},
                    HalfOpenCase{"Both", kHalfOpen}),
    [](const auto& one) { return one.param.name; });

TEST(NetworkTest, AWatcherFindsOutAHalfOpenConnectionAndGoesOn) {
  const TempDir dir;
  const Service service = StartService(dir.path("attune.db"));
  ASSERT_NE(service.address, "") << service.process->Log();
  TcpProxy proxy(service.address);
  const std::string file = dir.Write("study.yaml", SphereStudy("study", 5));
  ASSERT_EQ(Attune(service, {"create", file}).exit_code, 0);
  Process watch({"attune", "watch", "study", "--server", proxy.address()});
  // When it says this it follows.
  ASSERT_EQ(Attune(service, {"pause", "study"}).exit_code, 0);
  ASSERT_TRUE(watch.WaitForLog("was paused").has_value()) << watch.Log();

  proxy.Set(kHalfOpen);
  ASSERT_TRUE(watch.WaitForLog("waiting for it to come back").has_value())
      << watch.Log() << watch.Output();
  proxy.Set({});
  ASSERT_TRUE(watch.WaitForLog("the coordinator is back").has_value())
      << watch.Log();
  ASSERT_EQ(Attune(service, {"resume", "study"}).exit_code, 0);
  EXPECT_EQ(StartWorker(service, {"--exit-when-done"})->Wait(), 0);
  EXPECT_EQ(watch.Wait(), 0) << watch.Log();
}

}  // namespace
}  // namespace attune

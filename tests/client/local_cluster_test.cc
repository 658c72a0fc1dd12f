#include "client/local_cluster.h"

#include <sys/stat.h>

#include <fstream>
#include <memory>
#include <string>

#include "client/scratch_directory.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/testing/status_matchers.h"

namespace attune {
namespace {

using testing::AllOf;
using testing::HasSubstr;

constexpr absl::Duration kLong = absl::Minutes(1);

class WorkerPoolTest : public testing::Test {
 protected:
  void SetUp() override {
    ATTUNE_ASSERT_OK_AND_ASSIGN(directory_, ScratchDirectory::Create());
  }

  std::unique_ptr<WorkerPool> Start(const std::string& script, int count) {
    auto pool = WorkerPool::Start({.command = {"/bin/sh", "-c", script},
                                   .count = count,
                                   .log_path = directory_->path() + "/log"});
    ATTUNE_EXPECT_OK(pool);
    return *std::move(pool);
  }

  std::unique_ptr<ScratchDirectory> directory_;
};

TEST_F(WorkerPoolTest, WorkersThatDieAreStartedAgainButNotForEver) {
  const auto pool = Start("echo no data set; exit 3", 2);
  absl::Status status;
  int rounds = 0;
  while (status.ok() && ++rounds < 100) {
    ASSERT_TRUE(pool->WaitFor(kLong));
    status = pool->Watch();
  }
  EXPECT_THAT(status, StatusIs(absl::StatusCode::kAborted,
                               AllOf(HasSubstr("ended with exit code 3"),
                                     HasSubstr("no data set"))));
  // Two the first time, and three more chances for each.
  EXPECT_EQ(rounds, 4);
}

TEST_F(WorkerPoolTest, WorkersThatLeaveAreNotStartedAgain) {
  const auto pool = Start("exit 0", 2);
  ASSERT_TRUE(pool->WaitFor(kLong));
  ATTUNE_EXPECT_OK(pool->Watch());
  EXPECT_TRUE(pool->HaveEnded());
}

TEST_F(WorkerPoolTest, ASignalReachesEach) {
  const auto pool = Start("exec tail -f /dev/null", 3);
  EXPECT_FALSE(pool->HaveEnded());
  pool->Terminate();
  EXPECT_TRUE(pool->WaitFor(kLong));
}

TEST_F(WorkerPoolTest, KnowsItsWorkersByTheirProcess) {
  const auto pool = Start("echo host:$$.1; exec tail -f /dev/null", 1);
  std::string name;
  while (name.empty()) name = LastLines(directory_->path() + "/log", 1);
  name = name.substr(0, name.find('\n'));
  EXPECT_TRUE(pool->Has(name)) << name;
  EXPECT_FALSE(pool->Has("host:1.1"));
  EXPECT_FALSE(pool->Has(""));
}

TEST(LocalCoordinatorTest, OneThatNeverTakesCallsCanBeInterrupted) {
  // Says nothing, and goes on until it is killed.
  ATTUNE_ASSERT_OK_AND_ASSIGN(const auto directory, ScratchDirectory::Create());
  const std::string program = directory->path() + "/attuned";
  std::ofstream(program) << "#!/bin/sh\ntrap '' TERM\nexec tail -f /dev/null\n";
  ASSERT_EQ(chmod(program.c_str(), 0700), 0);
  EXPECT_THAT(LocalCoordinator::Start({.program = program,
                                       .database = "some.db",
                                       .interrupted = [] { return true; }}),
              StatusIs(absl::StatusCode::kCancelled,
                       HasSubstr("while the coordinator was starting")));
}

TEST(LocalCoordinatorTest, OneThatDoesNotStartShowsItsLog) {
  EXPECT_THAT(
      LocalCoordinator::Start({.program = "/bin/ls", .database = "some.db"}),
      StatusIs(absl::StatusCode::kUnavailable,
               AllOf(HasSubstr("attuned ended with exit code 2"),
                     HasSubstr("unrecognized option"))));
  EXPECT_THAT(LocalCoordinator::Start(
                  {.program = "/nowhere/attuned", .database = "some.db"}),
              StatusIs(absl::StatusCode::kInternal,
                       HasSubstr("cannot start /nowhere/attuned")));
}

}  // namespace
}  // namespace attune

// A coordinator whose disk is full, breaks, or may not be written.

#include <signal.h>
#include <unistd.h>

#include <atomic>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/match.h"
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
#include "tests/e2e/small_disk.h"

namespace attune {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::IsEmpty;

// Three witnesses of what a service acknowledges.
class Witnesses {
 public:
  explicit Witnesses(const std::string& address) {
    for (int i = 1; i <= 3; ++i) {
      threads_.emplace_back([this, address, i] {
        LoadWorker({.address = address,
                    .name = absl::StrCat("load-", i),
                    .rng = Rng(static_cast<uint64_t>(i)),
                    .unreliable = true},
                   &ledger_)
            .Run(enough_);
      });
    }
  }
  // Returns when all studies are at their end.
  void Finish() {
    enough_ = true;
    threads_.clear();  // joins them
  }
  Ledger& ledger() { return ledger_; }

 private:
  Ledger ledger_;
  std::atomic<bool> enough_ = false;
  std::vector<std::jthread> threads_;
};

TEST(DiskTest, AFullDiskRefusesReadsOnAndGoesOnWithRoom) {
  SmallDisk disk(SmallDisk::Kind::kMemory, 16);
  if (disk.problem().has_value()) GTEST_SKIP() << *disk.problem();
  const TempDir dir;
  const std::string db = disk.path("attune.db");
  const Service service = StartService(db, {"--lease-duration", "1s"});
  ASSERT_NE(service.address, "") << service.process->Log();
  Witnesses witnesses(service.address);
  const std::string file = dir.Write("late.yaml", SphereStudy("late", 1));

  const int rounds = NumberFromEnv("ATTUNE_DISK_ROUNDS", 3);
  for (int round = 0; round < rounds; ++round) {
    ASSERT_TRUE(witnesses.ledger().WaitForMore(200, absl::Minutes(2)))
        << "round " << round << "\n"
        << service.process->Log();
    disk.Fill();
    ASSERT_TRUE(
        service.process->WaitForLog("event=commit_failed", round).has_value());
    const Finish refused = Attune(service, {"create", file});
    EXPECT_EQ(refused.exit_code, 1);
    EXPECT_THAT(refused.log, HasSubstr("full"));
    const Finish read = Attune(service, {"trials", "load-1-1"});
    EXPECT_EQ(read.exit_code, 0) << read.log;
    disk.Empty();
  }
  ASSERT_TRUE(witnesses.ledger().WaitForMore(200, absl::Minutes(2)));
  witnesses.Finish();
  service.process->Signal(SIGTERM);
  EXPECT_EQ(service.process->Wait(), 0) << service.process->Log();
  EXPECT_THAT(witnesses.ledger().problems(), IsEmpty());
  const Facts facts = witnesses.ledger().facts();
  EXPECT_THAT(FindContradictions(db, facts), IsEmpty());
  std::printf("%zu facts were acknowledged\n", facts.size());
}

// Stops the process when all of its threads are between two system calls, and
// lets it go on at the end.
class Halt {
 public:
  explicit Halt(Process& process) : process_(process) {
    process_.Signal(SIGSTOP);
    while (!AllStopped()) {
    }
  }
  ~Halt() { process_.Signal(SIGCONT); }
  Halt(const Halt&) = delete;
  Halt& operator=(const Halt&) = delete;

 private:
  bool AllStopped() const {
    namespace fs = std::filesystem;
    const std::string tasks = absl::StrCat("/proc/", process_.pid(), "/task");
    for (const auto& task : fs::directory_iterator(tasks)) {
      std::ifstream file(task.path() / "stat");
      const std::string stat(std::istreambuf_iterator<char>(file), {});
      // The state follows the name, which is in brackets.
      if (!absl::StrContains(stat, ") T ")) return false;
    }
    return true;
  }

  Process& process_;
};

// The kernel does this to a file system whose disk fails. (It refuses to do it
// by request while a file is open for writing.) An fsync that is under way just
// then is said to have succeeded now and then, and has not, which is ext4's
// doing: so none is.
TEST(DiskTest, ADiskThatBecomesReadOnlyKeepsWhatWasAcknowledged) {
  SmallDisk disk(SmallDisk::Kind::kExt4, 32);
  if (disk.problem().has_value()) GTEST_SKIP() << *disk.problem();
  const TempDir dir;
  const std::string db = disk.path("attune.db");
  const std::string file = dir.Write("late.yaml", SphereStudy("late", 1));
  // Not a port, which somebody else could take between two coordinators.
  const std::vector<std::string> flags = {"--lease-duration", "1s", "--listen",
                                          "unix:" + dir.path("socket")};
  Service service = StartService(db, flags);
  ASSERT_NE(service.address, "") << service.process->Log();
  Witnesses witnesses("unix:" + dir.path("socket"));
  ASSERT_TRUE(witnesses.ledger().WaitForMore(500, absl::Minutes(2)));

  {
    const Halt halt(*service.process);
    ASSERT_TRUE(disk.Break());
  }
  ASSERT_TRUE(service.process->WaitForLog("event=commit_failed").has_value());
  EXPECT_EQ(Attune(service, {"create", file}).exit_code, 1);
  service.process->Signal(SIGKILL);
  service.process->Wait();

  ASSERT_TRUE(disk.MountAgain(/*read_only=*/false)) << *disk.problem();
  service = StartService(db, flags);
  ASSERT_NE(service.address, "") << service.process->Log();
  ASSERT_TRUE(witnesses.ledger().WaitForMore(200, absl::Minutes(2)));
  witnesses.Finish();
  service.process->Signal(SIGTERM);
  EXPECT_EQ(service.process->Wait(), 0) << service.process->Log();
  EXPECT_THAT(witnesses.ledger().problems(), IsEmpty());
  EXPECT_THAT(FindContradictions(db, witnesses.ledger().facts()), IsEmpty());
}

TEST(DiskTest, AReadOnlyFileSystemIsNamedAndServedReadOnly) {
  SmallDisk disk(SmallDisk::Kind::kExt4, 32);
  if (disk.problem().has_value()) GTEST_SKIP() << *disk.problem();
  const std::string db = disk.path("attune.db");
  const TempDir dir;
  const std::string file = dir.Write("study.yaml", SphereStudy("study", 3));
  ASSERT_EQ(RunProgram({"attune", "run", file, "--db", db}).exit_code, 0);
  ASSERT_TRUE(disk.MountAgain(/*read_only=*/true)) << *disk.problem();

  const Finish refused = RunProgram({"attuned", "--db", db});
  EXPECT_EQ(refused.exit_code, 1);
  EXPECT_THAT(refused.log,
              AllOf(HasSubstr(db), HasSubstr("Read-only file system"),
                    HasSubstr("--read-only")));
  const Service service = StartService(db, {"--read-only"});
  ASSERT_NE(service.address, "") << service.process->Log();
  EXPECT_THAT(Attune(service, {"list"}).output, HasSubstr("study"));
  const Finish offline = RunProgram({"attune", "list", "--db", db});
  EXPECT_EQ(offline.exit_code, 0) << offline.log;
  EXPECT_THAT(offline.output, HasSubstr("study"));
}

// The log beside the file holds what was acknowledged last.
TEST(DiskTest, WhatAKilledCoordinatorLeftIsReadFromAReadOnlyFileSystem) {
  SmallDisk disk(SmallDisk::Kind::kExt4, 32);
  if (disk.problem().has_value()) GTEST_SKIP() << *disk.problem();
  const std::string db = disk.path("attune.db");
  const TempDir dir;
  {
    const Service service = StartService(db);
    const std::string file = dir.Write("study.yaml", SphereStudy("study", 3));
    ASSERT_EQ(Attune(service, {"create", file}).exit_code, 0);
    service.process->Signal(SIGKILL);
    service.process->Wait();
  }
  ASSERT_TRUE(disk.MountAgain(/*read_only=*/true)) << *disk.problem();
  const Finish list = RunProgram({"attune", "list", "--db", db});
  EXPECT_EQ(list.exit_code, 0) << list.log;
  EXPECT_THAT(list.output, HasSubstr("study"));
}

}  // namespace
}  // namespace attune

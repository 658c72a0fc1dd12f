// SqliteStorage on a disk that fails, is full, and loses power between any two
// of its calls: what was acknowledged is there, whole, whatever came.

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "core/log.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "storage/memory_storage.h"
#include "storage/sqlite_storage.h"
#include "tests/testing/builders.h"
#include "tests/testing/simulated_disk.h"
#include "tests/testing/simulated_vfs.h"
#include "tests/testing/status_matchers.h"
#include "tests/testing/stored_contents.h"

namespace attune {
namespace {

constexpr char kPath[] = "/disk/attune.db";

// A study's life in commits of every kind.
std::vector<WriteBatch> MakeHistory() {
  std::vector<WriteBatch> history;
  Study study = MakeStudy(MakeStudySpec());
  history.push_back({.studies = {study}});
  for (int64_t number = 1; number <= 6; ++number) {
    Trial trial =
        MakeTrial(number, Running{.lease = {.worker = {"w"}, .attempt = 1}});
    history.push_back({.trials = {trial}});
    const TrialMeasurements measured = {
        trial.id,
        {{.step = 1, .metrics = {{"loss", 0.5}}},
         {.step = number + 1, .metrics = {{"loss", 0.25}, {"seconds", 1.0}}}}};
    history.push_back({.measurements = {measured}});
    trial = MakeTrial(number, Completed{.attempt = 1, .objectives = {0.25}});
    trial.revision = 2;
    history.push_back({.trials = {trial}});
  }
  Study other = MakeStudy(MakeStudySpec("other"), 2);
  history.push_back({.studies = {other}});
  history.push_back({.deleted_studies = {other.id}});
  study.revision = 2;
  study.state = StudyState::kCompleted;
  history.push_back({.studies = {study}});
  return history;
}

// What is stored after each commit of the history, and before the first.
std::vector<StoredContents> MakeExpected(const std::vector<WriteBatch>& all) {
  MemoryStorage storage;
  std::vector<StoredContents> expected = {{}};
  for (const WriteBatch& batch : all) {
    EXPECT_THAT(storage.Commit(batch), IsOk());
    expected.push_back(*ReadContents(storage, {}));
  }
  return expected;
}

class PowerLossTest : public testing::Test {
 protected:
  static void SetUpTestSuite() { InitLog("storage_test", LogLevel::kError); }

  // With a log that is folded into the file often.
  static absl::StatusOr<std::unique_ptr<SqliteStorage>> Open(
      const SimulatedVfs& vfs) {
    return SqliteStorage::Open(
        kPath,
        {.checkpoint_pages = 30, .restart_pages = 60, .vfs = vfs.name()});
  }

  // Commits what follows the first `done` of the history until a commit fails.
  // Returns how many are acknowledged then.
  size_t CommitFrom(size_t done, Storage& storage) const {
    while (done < history_.size() && storage.Commit(history_[done]).ok()) {
      ++done;
    }
    return done;
  }

  static void ExpectSound(const SimulatedVfs& vfs) {
    ATTUNE_ASSERT_OK_AND_ASSIGN(
        const auto db,
        Database::Open(kPath, DatabaseMode::kReadWrite, {}, vfs.name()));
    ATTUNE_ASSERT_OK_AND_ASSIGN(Statement check,
                                db->Prepare("PRAGMA integrity_check"));
    ATTUNE_ASSERT_OK_AND_ASSIGN(const bool has_row, check.Step());
    ASSERT_TRUE(has_row);
    EXPECT_EQ(check.Text(0), "ok");
  }

  void ExpectHoldsAll(const SimulatedVfs& vfs) const {
    ATTUNE_ASSERT_OK_AND_ASSIGN(const auto storage, Open(vfs));
    EXPECT_THAT(ReadContents(*storage, {}), IsOkAndHolds(expected_.back()));
  }

  // The first process meets `fault` at the `at`th change of the disk, and dies
  // then or when it is refused. A second one goes on until the power fails, and
  // a third one looks. False if there are not so many changes.
  bool DieAt(int64_t at, DiskFault fault, bool cut_power) {
    SimulatedDisk disk(Rng(static_cast<uint64_t>(at)).Split("disk"));
    const SimulatedVfs vfs(&disk);
    const size_t done = UseUntil(at, fault, disk, vfs);
    if (disk.changes() < at) return false;
    disk.fault = [](DiskCall) { return DiskFault::kNone; };
    if (cut_power) {
      disk.CutPower();
    } else {
      disk.Kill();
    }
    disk.Start();
    ExpectContinues(vfs, done, disk);
    disk.Start();
    ExpectSound(vfs);
    ExpectHoldsAll(vfs);
    return true;
  }

  size_t UseUntil(int64_t at, DiskFault fault, SimulatedDisk& disk,
                  const SimulatedVfs& vfs) const {
    disk.fault = [&disk, at, fault](DiskCall) {
      return disk.changes() == at ? fault : DiskFault::kNone;
    };
    const auto storage = Open(vfs);
    const size_t done = storage.ok() ? CommitFrom(0, **storage) : 0;
    if (disk.changes() >= at && !disk.is_dead()) disk.Kill();
    return done;
  }

  // The file opens, holds all that was acknowledged, at most one commit more,
  // and takes the rest. Then the power fails.
  void ExpectContinues(const SimulatedVfs& vfs, size_t done,
                       SimulatedDisk& disk) {
    ATTUNE_ASSERT_OK_AND_ASSIGN(const auto storage, Open(vfs));
    ATTUNE_ASSERT_OK_AND_ASSIGN(const StoredContents found,
                                ReadContents(*storage, {}));
    if (found != expected_[done]) {
      ++done;
      ASSERT_LT(done, expected_.size());
      ASSERT_TRUE(found == expected_[done]);
    }
    ASSERT_EQ(CommitFrom(done, *storage), history_.size());
    disk.CutPower();
  }

  const std::vector<WriteBatch> history_ = MakeHistory();
  const std::vector<StoredContents> expected_ = MakeExpected(history_);
};

TEST_F(PowerLossTest, AKilledProcessLosesNothing) {
  int64_t at = 1;
  for (; DieAt(at, DiskFault::kDies, /*cut_power=*/false); ++at) {
    if (HasFailure()) FAIL() << "killed at change " << at;
  }
  EXPECT_GT(at, 100);
}

TEST_F(PowerLossTest, APowerCutLosesNothing) {
  int64_t at = 1;
  for (; DieAt(at, DiskFault::kDies, /*cut_power=*/true); ++at) {
    if (HasFailure()) FAIL() << "cut at change " << at;
  }
  EXPECT_GT(at, 100);
}

// A failed sync may leave what it was about in memory only, for good.
TEST_F(PowerLossTest, AFailureBeforeItLosesNothing) {
  int64_t at = 1;
  for (; DieAt(at, DiskFault::kFails, /*cut_power=*/false); ++at) {
    if (HasFailure()) FAIL() << "failed at change " << at;
  }
  EXPECT_GT(at, 100);
}

// What nobody was told of and nobody saw does not appear later.
TEST_F(PowerLossTest, ACommitWhoseSyncFailedDoesNotComeBack) {
  SimulatedDisk disk(Rng(1));
  const SimulatedVfs vfs(&disk);
  auto storage = Open(vfs);
  ASSERT_THAT(storage, IsOk());
  ATTUNE_ASSERT_OK((*storage)->Commit(history_[0]));
  disk.fault = [](DiskCall call) {
    return call == DiskCall::kSync ? DiskFault::kFails : DiskFault::kNone;
  };
  EXPECT_THAT((*storage)->Commit(history_[1]),
              StatusIs(absl::StatusCode::kUnavailable));
  disk.fault = [](DiskCall) { return DiskFault::kNone; };
  EXPECT_THAT(ReadContents(**storage, {}), IsOkAndHolds(expected_[1]));
  disk.Kill();
  storage->reset();
  disk.Start();
  ATTUNE_ASSERT_OK_AND_ASSIGN(const auto again, Open(vfs));
  EXPECT_THAT(ReadContents(*again, {}), IsOkAndHolds(expected_[1]));
}

TEST_F(PowerLossTest, AFullDiskTakesWholeCommitsOnceThereIsRoom) {
  SimulatedDisk disk(Rng(1));
  const SimulatedVfs vfs(&disk);
  // The log that the migrations wrote is gone, so that this one grows.
  ATTUNE_ASSERT_OK(Open(vfs));
  ATTUNE_ASSERT_OK_AND_ASSIGN(const auto storage, Open(vfs));
  size_t done = 0;
  int refused = 0;
  for (disk.capacity = 0; done < history_.size(); disk.capacity += 4'096) {
    done = CommitFrom(done, *storage);
    EXPECT_THAT(ReadContents(*storage, {}), IsOkAndHolds(expected_[done]));
    if (done < history_.size()) ++refused;
    ASSERT_LT(refused, 1000);
  }
  EXPECT_GT(refused, 3);
}

// Faults of every kind at random; after each refusal the storage is as before.
TEST_F(PowerLossTest, AFailingDiskRefusesWholeCommits) {
  int refused = 0;
  for (uint64_t seed = 1; seed <= 20; ++seed) {
    SimulatedDisk disk(Rng(seed).Split("disk"));
    const SimulatedVfs vfs(&disk);
    ATTUNE_ASSERT_OK_AND_ASSIGN(const auto storage, Open(vfs));
    Rng rng(seed);
    const auto faults = [&rng](DiskCall call) {
      if (rng.Below(30) > 0) return DiskFault::kNone;
      if (call != DiskCall::kWrite) return DiskFault::kFails;
      return rng.Below(2) == 0 ? DiskFault::kTorn : DiskFault::kFull;
    };
    for (size_t done = 0; done < history_.size();) {
      disk.fault = faults;
      const size_t now = CommitFrom(done, *storage);
      disk.fault = [](DiskCall) { return DiskFault::kNone; };
      ASSERT_THAT(ReadContents(*storage, {}), IsOkAndHolds(expected_[now]))
          << "seed " << seed << ", commit " << now;
      if (now < history_.size()) ++refused;
      done = now;
    }
  }
  EXPECT_GT(refused, 20);
}

}  // namespace
}  // namespace attune

#include "storage/sqlite_log.h"

#include <memory>
#include <optional>
#include <string>

#include "absl/strings/str_cat.h"
#include "core/random.h"
#include "gtest/gtest.h"
#include "storage/sqlite_db.h"
#include "tests/testing/simulated_disk.h"
#include "tests/testing/simulated_vfs.h"
#include "tests/testing/status_matchers.h"
#include "tests/testing/temporary_directory.h"

namespace attune {
namespace {

absl::Status AddPages(Database& db, int count) {
  return db.Execute(absl::StrCat(
      "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE "
      "i < ",
      count, ") INSERT INTO pages SELECT printf('%.4000c', 'x') || i FROM n"));
}

absl::StatusOr<int64_t> Count(Database& db) {
  return db.QueryInt("SELECT count(*) FROM pages WHERE bytes LIKE 'xxx%'");
}

// A table of texts of a page each, in a file whose log is gathered.
class SqliteLogTest : public testing::Test {
 protected:
  void SetUp() override {
    auto db = Open();
    ATTUNE_ASSERT_OK(db);
    db_ = *std::move(db);
    ATTUNE_ASSERT_OK(
        db_->Execute("PRAGMA journal_mode = WAL;"
                     "PRAGMA synchronous = FULL;"
                     "CREATE TABLE pages (bytes TEXT)"));
    db_->GatherLogWrites();
    disk_.fault = [this](DiskCall call) {
      if (call == DiskCall::kWrite) ++writes_;
      if (call == DiskCall::kSync) ++syncs_;
      return call == failing_ ? DiskFault::kFull : DiskFault::kNone;
    };
  }

  absl::StatusOr<std::unique_ptr<Database>> Open() const {
    return Database::Open("/pages.db", DatabaseMode::kReadWrite, {},
                          vfs_.name());
  }

  SimulatedDisk disk_ = SimulatedDisk(Rng(1));
  SimulatedVfs vfs_ = SimulatedVfs(&disk_);
  std::unique_ptr<Database> db_;
  int writes_ = 0;
  int syncs_ = 0;
  std::optional<DiskCall> failing_;
};

TEST_F(SqliteLogTest, ACommitIsOneWriteAndOneSync) {
  ATTUNE_ASSERT_OK(AddPages(*db_, 20));
  EXPECT_EQ(writes_, 1);
  EXPECT_EQ(syncs_, 1);
  ATTUNE_ASSERT_OK_AND_ASSIGN(const auto reader, Open());
  EXPECT_THAT(Count(*reader), IsOkAndHolds(20));
}

TEST_F(SqliteLogTest, WhatIsHeldBackCanBeRead) {
  // Three pages of cache: most of what is written goes to the log before the
  // commit, and comes back from there.
  ATTUNE_ASSERT_OK(db_->Execute("PRAGMA cache_size = 3; BEGIN"));
  ATTUNE_ASSERT_OK(AddPages(*db_, 50));
  EXPECT_THAT(Count(*db_), IsOkAndHolds(50));
  ATTUNE_ASSERT_OK(db_->Execute("UPDATE pages SET bytes = bytes || 'y'"));
  ATTUNE_ASSERT_OK(db_->Execute("COMMIT"));
  ATTUNE_ASSERT_OK_AND_ASSIGN(const auto reader, Open());
  EXPECT_THAT(Count(*reader), IsOkAndHolds(50));
  EXPECT_THAT(reader->QueryInt("SELECT count(*) FROM pages WHERE bytes LIKE "
                               "'%y'"),
              IsOkAndHolds(50));
}

TEST_F(SqliteLogTest, ALargeCommitIsWrittenInSeveralPieces) {
  ATTUNE_ASSERT_OK(AddPages(*db_, 1000));
  EXPECT_GT(writes_, 30);
  EXPECT_LT(writes_, 40);
  EXPECT_THAT(Count(*db_), IsOkAndHolds(1000));
}

TEST_F(SqliteLogTest, AWriteThatFindsNoRoomRefusesTheCommit) {
  ATTUNE_ASSERT_OK(AddPages(*db_, 2));
  failing_ = DiskCall::kWrite;
  EXPECT_THAT(AddPages(*db_, 3), StatusIs(absl::StatusCode::kUnavailable));
  failing_ = std::nullopt;
  EXPECT_THAT(Count(*db_), IsOkAndHolds(2));
  ATTUNE_ASSERT_OK(AddPages(*db_, 4));
  ATTUNE_ASSERT_OK_AND_ASSIGN(const auto reader, Open());
  EXPECT_THAT(Count(*reader), IsOkAndHolds(6));
}

// The system's own methods take pieces of a limited size.
TEST(SqliteLogFileTest, CommitsOfAnySizeAreKept) {
  const TemporaryDirectory directory;
  ATTUNE_ASSERT_OK_AND_ASSIGN(
      const auto db,
      Database::Open(directory.File("pages.db"), DatabaseMode::kReadWrite, {}));
  ATTUNE_ASSERT_OK(
      db->Execute("PRAGMA journal_mode = WAL;"
                  "PRAGMA synchronous = FULL;"
                  "CREATE TABLE pages (bytes TEXT)"));
  db->GatherLogWrites();
  int64_t expected = 0;
  for (const int count : {1, 30, 31, 32, 33, 127, 128, 700}) {
    ATTUNE_ASSERT_OK(AddPages(*db, count));
    expected += count;
    ATTUNE_ASSERT_OK_AND_ASSIGN(
        const auto reader,
        Database::Open(db->path(), DatabaseMode::kReadOnly, absl::Seconds(1)));
    EXPECT_THAT(Count(*reader), IsOkAndHolds(expected));
  }
}

TEST_F(SqliteLogTest, ClosingFoldsTheLogIntoTheFile) {
  ATTUNE_ASSERT_OK(AddPages(*db_, 5));
  db_ = nullptr;
  EXPECT_EQ(disk_.Find("/pages.db-wal"), nullptr);
  ATTUNE_ASSERT_OK_AND_ASSIGN(const auto reader, Open());
  EXPECT_THAT(Count(*reader), IsOkAndHolds(5));
}

}  // namespace
}  // namespace attune

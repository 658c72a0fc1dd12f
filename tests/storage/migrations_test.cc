#include "storage/migrations.h"

#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "tests/testing/status_matchers.h"
#include "tests/testing/temporary_directory.h"

namespace attune {
namespace {

class MigrationsTest : public testing::Test {
 protected:
  std::unique_ptr<Database> Open() const {
    auto db = Database::Open(directory_.File("test.db"),
                             DatabaseMode::kReadWrite, absl::ZeroDuration());
    EXPECT_THAT(db, IsOk());
    return db.ok() ? *std::move(db) : nullptr;
  }

  TemporaryDirectory directory_;
  const std::unique_ptr<Database> db_ = Open();
  const std::vector<Migration> one_ = {
      {.version = 1, .sql = "CREATE TABLE a (i); CREATE TABLE b (i);"}};
  const std::vector<Migration> two_ = {
      one_[0], {.version = 2, .sql = "ALTER TABLE a ADD COLUMN j;"}};
};

TEST_F(MigrationsTest, AreNumberedFromOne) {
  int64_t version = 0;
  for (const Migration& migration : Migrations()) {
    EXPECT_EQ(migration.version, ++version);
    EXPECT_FALSE(migration.sql.empty());
  }
  EXPECT_GE(version, 1);
}

TEST_F(MigrationsTest, KeepTheStudiesOfTheFirstVersion) {
  ATTUNE_ASSERT_OK(Migrate(*db_, Migrations().first(1)));
  ATTUNE_ASSERT_OK(db_->Execute(
      "INSERT INTO studies (name, revision, state, state_reason, algorithm,"
      " stopping, task, max_attempts, seed, create_time, update_time)"
      " VALUES ('old', 1, 'active', '', 'random', 'none', 'none', 3, 0, 1, "
      "1)"));
  ATTUNE_ASSERT_OK(Migrate(*db_, Migrations()));
  EXPECT_THAT(db_->QueryInt("SELECT count(*) FROM studies"
                            " WHERE name = 'old' AND max_failed IS NULL"),
              IsOkAndHolds(1));
}

TEST_F(MigrationsTest, BringAnEmptyFileToTheLastVersion) {
  EXPECT_THAT(SchemaVersion(*db_, two_), IsOkAndHolds(0));
  ATTUNE_ASSERT_OK(Migrate(*db_, two_));
  EXPECT_THAT(SchemaVersion(*db_, two_), IsOkAndHolds(2));
  EXPECT_THAT(db_->QueryInt("PRAGMA application_id"),
              IsOkAndHolds(kApplicationId));
  EXPECT_THAT(db_->Execute("INSERT INTO a VALUES (1, 2)"), IsOk());
}

TEST_F(MigrationsTest, ContinueFromTheVersionOfTheFile) {
  ATTUNE_ASSERT_OK(Migrate(*db_, one_));
  ATTUNE_ASSERT_OK(db_->Execute("INSERT INTO a VALUES (1)"));
  ATTUNE_ASSERT_OK(Migrate(*db_, two_));
  EXPECT_THAT(db_->QueryInt("SELECT i FROM a WHERE j IS NULL"),
              IsOkAndHolds(1));
}

TEST_F(MigrationsTest, AreAppliedOnceByTwoProcesses) {
  const auto other = Open();
  ATTUNE_ASSERT_OK(Migrate(*db_, two_));
  ATTUNE_ASSERT_OK(Migrate(*other, two_));
  EXPECT_THAT(SchemaVersion(*other, two_), IsOkAndHolds(2));
}

TEST_F(MigrationsTest, LeaveTheVersionBeforeWhenOneFails) {
  const std::vector<Migration> broken = {
      one_[0], {.version = 2, .sql = "DROP TABLE a; SELECT nothing;"}};
  EXPECT_THAT(Migrate(*db_, broken), StatusIs(absl::StatusCode::kInternal));
  EXPECT_THAT(SchemaVersion(*db_, two_), IsOkAndHolds(1));
  EXPECT_THAT(db_->QueryInt("SELECT count(*) FROM a"), IsOkAndHolds(0));
  EXPECT_THAT(Migrate(*db_, two_), IsOk());
}

TEST_F(MigrationsTest, RefuseANewerFileNamingBothVersions) {
  ATTUNE_ASSERT_OK(Migrate(*db_, two_));
  EXPECT_THAT(Migrate(*db_, one_),
              StatusIs(absl::StatusCode::kFailedPrecondition,
                       testing::AllOf(testing::HasSubstr("version 2"),
                                      testing::HasSubstr("up to 1"))));
}

TEST_F(MigrationsTest, RefuseATableOfAnotherProgram) {
  ATTUNE_ASSERT_OK(db_->Execute("CREATE TABLE theirs (i)"));
  EXPECT_THAT(Migrate(*db_, one_),
              StatusIs(absl::StatusCode::kFailedPrecondition,
                       testing::HasSubstr("another program")));
  EXPECT_THAT(db_->QueryInt("SELECT count(*) FROM sqlite_master"),
              IsOkAndHolds(1));
}

TEST_F(MigrationsTest, RefuseTheMarkOfAnotherProgram) {
  ATTUNE_ASSERT_OK(db_->Execute("PRAGMA application_id = 7"));
  EXPECT_THAT(Migrate(*db_, one_),
              StatusIs(absl::StatusCode::kFailedPrecondition,
                       testing::HasSubstr("application_id is 7")));
}

}  // namespace
}  // namespace attune

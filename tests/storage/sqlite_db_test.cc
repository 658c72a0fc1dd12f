#include "storage/sqlite_db.h"

#include <cmath>
#include <filesystem>
#include <fstream>
#include <limits>
#include <memory>
#include <optional>
#include <string>

#include "core/error.h"
#include "gtest/gtest.h"
#include "tests/testing/status_matchers.h"
#include "tests/testing/temporary_directory.h"

namespace attune {
namespace {

class SqliteDbTest : public testing::Test {
 protected:
  std::unique_ptr<Database> Open(
      DatabaseMode mode = DatabaseMode::kReadWrite) const {
    auto db = Database::Open(path_, mode, absl::ZeroDuration());
    EXPECT_THAT(db, IsOk());
    return db.ok() ? *std::move(db) : nullptr;
  }

  TemporaryDirectory directory_;
  const std::string path_ = directory_.File("test.db");
};

TEST_F(SqliteDbTest, BindsAndReadsEveryType) {
  const auto db = Open();
  ATTUNE_ASSERT_OK(db->Execute("CREATE TABLE t (i, r, s, t, n, e)"));
  {
    ATTUNE_ASSERT_OK_AND_ASSIGN(
        Statement insert,
        db->Prepare("INSERT INTO t VALUES (?1, ?2, ?3, ?4, ?5, ?6)"));
    insert.Bind(std::numeric_limits<int64_t>::min(), 0.1,
                std::string("a\0b", 3), absl::FromUnixMicros(-1), std::nullopt,
                absl::string_view());
    ATTUNE_ASSERT_OK(insert.Run());
  }
  EXPECT_EQ(db->changes(), 1);
  ATTUNE_ASSERT_OK_AND_ASSIGN(Statement row, db->Prepare("SELECT * FROM t"));
  ASSERT_THAT(row.Step(), IsOkAndHolds(true));
  EXPECT_EQ(row.Int(0), std::numeric_limits<int64_t>::min());
  EXPECT_EQ(row.Real(1), 0.1);
  EXPECT_EQ(row.String(2), std::string("a\0b", 3));
  EXPECT_EQ(row.OptionalTime(3), absl::FromUnixMicros(-1));
  EXPECT_EQ(row.OptionalInt(4), std::nullopt);
  EXPECT_EQ(row.OptionalTime(4), std::nullopt);
  EXPECT_EQ(row.OptionalString(4), std::nullopt);
  EXPECT_EQ(row.OptionalString(5), "");
  EXPECT_THAT(row.Step(), IsOkAndHolds(false));
}

TEST_F(SqliteDbTest, BindsNanAsNull) {
  const auto db = Open();
  ATTUNE_ASSERT_OK_AND_ASSIGN(Statement select, db->Prepare("SELECT ?1"));
  select.Bind(std::nan(""));
  ASSERT_THAT(select.Step(), IsOkAndHolds(true));
  EXPECT_TRUE(select.IsNull(0));
}

TEST_F(SqliteDbTest, LendsAStatementAgainAfterAnError) {
  const auto db = Open();
  ATTUNE_ASSERT_OK(db->Execute("CREATE TABLE t (i UNIQUE)"));
  constexpr char kInsert[] = "INSERT INTO t VALUES (?1)";
  for (const int value : {1, 2}) {
    ATTUNE_ASSERT_OK_AND_ASSIGN(Statement insert, db->Prepare(kInsert));
    EXPECT_THAT(insert.Bind(value).Run(), IsOk());
  }
  for (const int value : {1, 3}) {
    ATTUNE_ASSERT_OK_AND_ASSIGN(Statement insert, db->Prepare(kInsert));
    EXPECT_EQ(insert.Bind(value).Run().ok(), value == 3);
  }
}

TEST_F(SqliteDbTest, TellsWhichRuleWasBroken) {
  const auto db = Open();
  ATTUNE_ASSERT_OK(
      db->Execute("PRAGMA foreign_keys = ON;"
                  "CREATE TABLE parent (id INTEGER PRIMARY KEY, name UNIQUE);"
                  "CREATE TABLE child (a, b, p REFERENCES parent CHECK (p < 9),"
                  " PRIMARY KEY (a, b)) WITHOUT ROWID;"
                  "INSERT INTO parent VALUES (1, 'x'); INSERT INTO child "
                  "VALUES (1, 1, 1)"));
  const auto rule = [&](const char* sql) {
    auto statement = db->Prepare(sql);
    EXPECT_THAT(statement, IsOk());
    return WhichRule(statement->Run());
  };
  EXPECT_EQ(rule("INSERT INTO parent VALUES (1, 'y')"),
            BrokenRule::kPrimaryKey);
  EXPECT_EQ(rule("INSERT INTO parent VALUES (2, 'x')"), BrokenRule::kUnique);
  EXPECT_EQ(rule("INSERT INTO child VALUES (1, 1, 1)"),
            BrokenRule::kPrimaryKey);
  EXPECT_EQ(rule("INSERT INTO child VALUES (1, 2, 7)"),
            BrokenRule::kForeignKey);
  EXPECT_EQ(rule("INSERT INTO child VALUES (1, 2, 9)"), BrokenRule::kCheck);
  EXPECT_EQ(rule("INSERT INTO child VALUES (1, 2, 1)"), BrokenRule::kNone);
}

TEST_F(SqliteDbTest, WrongSqlIsABugOfOurs) {
  EXPECT_THAT(
      Open()->Prepare("SELEKT 1"),
      StatusIs(absl::StatusCode::kInternal, testing::HasSubstr("SELEKT")));
  EXPECT_THAT(Open()->QueryInt("SELECT 1 WHERE false"),
              StatusIs(absl::StatusCode::kInternal));
}

TEST_F(SqliteDbTest, RollsBackATransactionThatIsNotCommitted) {
  const auto db = Open();
  ATTUNE_ASSERT_OK(db->Execute("CREATE TABLE t (i)"));
  {
    ATTUNE_ASSERT_OK_AND_ASSIGN(
        const Transaction transaction,
        Transaction::Begin(*db, Transaction::Kind::kWrite));
    ATTUNE_ASSERT_OK(db->Execute("INSERT INTO t VALUES (1)"));
    EXPECT_TRUE(db->in_transaction());
  }
  EXPECT_FALSE(db->in_transaction());
  EXPECT_THAT(db->QueryInt("SELECT count(*) FROM t"), IsOkAndHolds(0));
}

TEST_F(SqliteDbTest, AllowsOneWriterAtATime) {
  const auto first = Open();
  const auto second = Open();
  ATTUNE_ASSERT_OK_AND_ASSIGN(
      Transaction transaction,
      Transaction::Begin(*first, Transaction::Kind::kWrite));
  const auto refused = Transaction::Begin(*second, Transaction::Kind::kWrite);
  EXPECT_THAT(refused, StatusIs(absl::StatusCode::kUnavailable));
  EXPECT_THAT(refused, HasReason(reason::kStorageUnavailable));
  ATTUNE_ASSERT_OK(transaction.Commit());
  EXPECT_THAT(Transaction::Begin(*second, Transaction::Kind::kWrite), IsOk());
}

TEST_F(SqliteDbTest, AFullDiskIsUnavailableAndUndoesTheTransaction) {
  const auto db = Open();
  ATTUNE_ASSERT_OK(
      db->Execute("CREATE TABLE t (b); PRAGMA max_page_count = 8"));
  {
    ATTUNE_ASSERT_OK_AND_ASSIGN(
        const Transaction transaction,
        Transaction::Begin(*db, Transaction::Kind::kWrite));
    ATTUNE_ASSERT_OK(db->Execute("INSERT INTO t VALUES (1)"));
    const absl::Status full =
        db->Execute("INSERT INTO t VALUES (zeroblob(100000))");
    EXPECT_THAT(full, StatusIs(absl::StatusCode::kUnavailable,
                               testing::HasSubstr("full")));
    EXPECT_THAT(full, HasReason(reason::kStorageUnavailable));
  }
  EXPECT_FALSE(db->in_transaction());
  EXPECT_THAT(db->QueryInt("SELECT count(*) FROM t"), IsOkAndHolds(0));
  EXPECT_THAT(db->Execute("INSERT INTO t VALUES (2)"), IsOk());
}

TEST_F(SqliteDbTest, AFileThatIsNoDatabaseIsDataLoss) {
  std::ofstream(path_) << std::string(5000, 'x');
  EXPECT_THAT(
      Open()->QueryInt("SELECT count(*) FROM sqlite_master"),
      StatusIs(absl::StatusCode::kDataLoss, testing::HasSubstr("test.db")));
}

TEST_F(SqliteDbTest, OpensFilesWhateverTheyAreNamed) {
  std::filesystem::current_path(directory_.path());
  for (const std::string name :
       {":memory:", "file:x?mode=memory", "a%20b#c?d"}) {
    auto db = Database::Open(name, DatabaseMode::kReadWrite, {});
    ASSERT_THAT(db, IsOk());
    ATTUNE_ASSERT_OK((*db)->Execute("CREATE TABLE t (i)"));
    EXPECT_TRUE(std::filesystem::exists(directory_.File(name))) << name;
    auto immutable = Database::Open(name, DatabaseMode::kImmutable, {});
    ASSERT_THAT(immutable, IsOk());
    EXPECT_THAT((*immutable)->QueryInt("SELECT count(*) FROM t"),
                IsOkAndHolds(0));
  }
}

TEST_F(SqliteDbTest, AReaderMayNotWriteNorCreate) {
  EXPECT_THAT(Database::Open(path_, DatabaseMode::kReadOnly, {}),
              StatusIs(absl::StatusCode::kUnavailable));
  ATTUNE_ASSERT_OK(Open()->Execute("CREATE TABLE t (i)"));
  const auto reader = Open(DatabaseMode::kReadOnly);
  EXPECT_TRUE(reader->read_only());
  EXPECT_THAT(reader->Execute("INSERT INTO t VALUES (1)"),
              StatusIs(absl::StatusCode::kUnavailable));
}

TEST_F(SqliteDbTest, CountsThePagesOfTheLogAndCopiesThem) {
  const auto db = Open();
  ATTUNE_ASSERT_OK(
      db->Execute("PRAGMA journal_mode = WAL; CREATE TABLE t (i)"));
  const int pages = db->wal_pages();
  EXPECT_GT(pages, 0);
  ATTUNE_ASSERT_OK(db->Execute("INSERT INTO t VALUES (1)"));
  EXPECT_GT(db->wal_pages(), pages);
  EXPECT_THAT(db->Checkpoint(/*restart=*/true), IsOkAndHolds(true));
  ATTUNE_ASSERT_OK(db->Execute("INSERT INTO t VALUES (2)"));
  EXPECT_LT(db->wal_pages(), pages);
}

TEST_F(SqliteDbTest, CannotCopyWhatAReaderStillNeeds) {
  const auto db = Open();
  ATTUNE_ASSERT_OK(
      db->Execute("PRAGMA journal_mode = WAL; CREATE TABLE t (i)"));
  const auto reader = Open(DatabaseMode::kReadOnly);
  ATTUNE_ASSERT_OK_AND_ASSIGN(
      Transaction transaction,
      Transaction::Begin(*reader, Transaction::Kind::kRead));
  ATTUNE_ASSERT_OK(reader->QueryInt("SELECT count(*) FROM t").status());
  ATTUNE_ASSERT_OK(db->Execute("INSERT INTO t VALUES (1)"));
  EXPECT_THAT(db->Checkpoint(/*restart=*/true), IsOkAndHolds(false));
  ATTUNE_ASSERT_OK(transaction.Commit());
  EXPECT_THAT(db->Checkpoint(/*restart=*/true), IsOkAndHolds(true));
}

}  // namespace
}  // namespace attune

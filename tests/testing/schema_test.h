#ifndef ATTUNE_TESTS_TESTING_SCHEMA_TEST_H_
#define ATTUNE_TESTS_TESTING_SCHEMA_TEST_H_

#include <memory>
#include <string>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "storage/migrations.h"
#include "storage/sqlite_db.h"
#include "tests/testing/status_matchers.h"
#include "tests/testing/temporary_directory.h"

namespace attune {

// An empty database with Attune's tables, to be read and written row by row.
class SchemaTest : public testing::Test {
 protected:
  SchemaTest() {
    EXPECT_THAT(
        db_->Execute("PRAGMA foreign_keys = ON; PRAGMA synchronous = OFF"),
        IsOk());
    EXPECT_THAT(Migrate(*db_, Migrations()), IsOk());
  }

  // Whether the schema lets the rows of `table` be changed so.
  bool Allows(const std::string& table, const std::string& assignments) {
    const absl::Status status =
        db_->Execute(absl::StrCat("UPDATE ", table, " SET ", assignments));
    EXPECT_TRUE(status.ok() || WhichRule(status) == BrokenRule::kCheck)
        << status;
    return status.ok();
  }

  // Changes the rows of `table` in a way that the schema forbids.
  void Damage(const std::string& table, const std::string& assignments) {
    EXPECT_FALSE(Allows(table, assignments));
    EXPECT_THAT(
        db_->Execute(absl::StrCat(
            "PRAGMA ignore_check_constraints = ON; UPDATE ", table, " SET ",
            assignments, "; PRAGMA ignore_check_constraints = OFF")),
        IsOk());
  }

  TemporaryDirectory directory_;
  const std::unique_ptr<Database> db_ =
      *Database::Open(directory_.File("test.db"), DatabaseMode::kReadWrite,
                      absl::ZeroDuration());
};

}  // namespace attune

#endif  // ATTUNE_TESTS_TESTING_SCHEMA_TEST_H_

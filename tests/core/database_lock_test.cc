#include "core/database_lock.h"

#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <filesystem>
#include <fstream>
#include <memory>
#include <optional>
#include <string>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/testing/status_matchers.h"
#include "tests/testing/temporary_directory.h"

namespace attune {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Optional;

class DatabaseLockTest : public testing::Test {
 protected:
  TemporaryDirectory directory_;
  const std::string database_ = directory_.path() + "/a.db";
};

TEST_F(DatabaseLockTest, NobodyHoldsWhatWasNeverLocked) {
  EXPECT_THAT(ReadDatabaseLock(database_), IsOkAndHolds(std::nullopt));
  EXPECT_THAT(ReadDatabaseLock("/nowhere/at/all.db"),
              IsOkAndHolds(std::nullopt));
}

TEST_F(DatabaseLockTest, SaysWhoHoldsItAndWhere) {
  ATTUNE_ASSERT_OK_AND_ASSIGN(const auto lock,
                              DatabaseLock::Acquire(database_));
  EXPECT_THAT(ReadDatabaseLock(database_),
              IsOkAndHolds(Optional(DatabaseHolder{.pid = getpid()})));
  ATTUNE_ASSERT_OK(lock->SetAddresses({"127.0.0.1:7070", "unix:/tmp/a b"}));
  EXPECT_THAT(
      ReadDatabaseLock(database_),
      IsOkAndHolds(Optional(DatabaseHolder{
          .pid = getpid(), .addresses = {"127.0.0.1:7070", "unix:/tmp/a b"}})));
}

TEST_F(DatabaseLockTest, IsHadOnce) {
  ATTUNE_ASSERT_OK_AND_ASSIGN(auto lock, DatabaseLock::Acquire(database_));
  ATTUNE_ASSERT_OK(lock->SetAddresses({"127.0.0.1:7070"}));
  EXPECT_THAT(DatabaseLock::Acquire(database_),
              StatusIs(absl::StatusCode::kFailedPrecondition,
                       absl::StrCat("database ", database_,
                                    " is in use by attuned pid ", getpid(),
                                    " at 127.0.0.1:7070")));
  // The refusal has not disturbed the holder.
  ATTUNE_ASSERT_OK_AND_ASSIGN(const auto holder, ReadDatabaseLock(database_));
  ASSERT_TRUE(holder.has_value());
  EXPECT_THAT(holder->addresses, ElementsAre("127.0.0.1:7070"));
  lock.reset();
  EXPECT_THAT(DatabaseLock::Acquire(database_), IsOk());
}

TEST_F(DatabaseLockTest, IsFreeAgainAfterItsHolder) {
  ATTUNE_ASSERT_OK_AND_ASSIGN(auto lock, DatabaseLock::Acquire(database_));
  ATTUNE_ASSERT_OK(lock->SetAddresses({"127.0.0.1:7070"}));
  lock.reset();
  EXPECT_THAT(ReadDatabaseLock(database_), IsOkAndHolds(std::nullopt));
  std::ifstream file(database_ + ".lock");
  EXPECT_TRUE(file.good());
  EXPECT_EQ(file.peek(), std::ifstream::traits_type::eof());
}

// As if the holder had been killed: its words are still there, its lock is not.
TEST_F(DatabaseLockTest, WordsWithoutALockAreNotBelieved) {
  std::ofstream(database_ + ".lock") << "pid 1\naddress 127.0.0.1:7070\n";
  EXPECT_THAT(ReadDatabaseLock(database_), IsOkAndHolds(std::nullopt));
  EXPECT_THAT(DatabaseLock::Acquire(database_), IsOk());
}

TEST_F(DatabaseLockTest, KeepsOffAnotherProcess) {
  ATTUNE_ASSERT_OK_AND_ASSIGN(const auto lock,
                              DatabaseLock::Acquire(database_));
  const pid_t child = fork();
  ASSERT_GE(child, 0);
  if (child == 0) {
    const absl::Status status = DatabaseLock::Acquire(database_).status();
    _exit(status.code() == absl::StatusCode::kFailedPrecondition ? 0 : 1);
  }
  int status = 0;
  ASSERT_EQ(waitpid(child, &status, 0), child);
  EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

TEST_F(DatabaseLockTest, MissingDirectoryIsNamed) {
  EXPECT_THAT(DatabaseLock::Acquire("/nowhere/at/all.db"),
              StatusIs(absl::StatusCode::kNotFound,
                       HasSubstr("/nowhere/at/all.db.lock")));
}

// Whatever name it has, it is one database.
TEST_F(DatabaseLockTest, KeepsOffWhoComesThroughASymbolicLink) {
  std::ofstream(database_) << "";
  const std::string link = directory_.path() + "/link.db";
  std::filesystem::create_symlink("a.db", link);
  ATTUNE_ASSERT_OK_AND_ASSIGN(const auto lock,
                              DatabaseLock::Acquire(database_));
  ATTUNE_ASSERT_OK(lock->SetAddresses({"127.0.0.1:7070"}));
  EXPECT_THAT(DatabaseLock::Acquire(link),
              StatusIs(absl::StatusCode::kFailedPrecondition,
                       HasSubstr("at 127.0.0.1:7070")));
  EXPECT_THAT(ReadDatabaseLock(link),
              IsOkAndHolds(Optional(DatabaseHolder{
                  .pid = getpid(), .addresses = {"127.0.0.1:7070"}})));
}

TEST_F(DatabaseLockTest, ALinkToNothingYetIsLockedWhereTheFileWillBe) {
  const std::string link = directory_.path() + "/link.db";
  std::filesystem::create_symlink("a.db", link);
  ATTUNE_ASSERT_OK_AND_ASSIGN(const auto lock, DatabaseLock::Acquire(link));
  EXPECT_THAT(DatabaseLock::Acquire(database_),
              StatusIs(absl::StatusCode::kFailedPrecondition));
}

// Its lock file has another name, and the log of SQLite too.
TEST_F(DatabaseLockTest, KeepsOffWhoComesThroughAHardLink) {
  std::ofstream(database_) << "";
  const std::string link = directory_.path() + "/link.db";
  std::filesystem::create_hard_link(database_, link);
  ATTUNE_ASSERT_OK_AND_ASSIGN(auto lock, DatabaseLock::Acquire(database_));
  ATTUNE_ASSERT_OK(lock->SetAddresses({"127.0.0.1:7070"}));
  const DatabaseHolder holder = {.pid = getpid(),
                                 .addresses = {"127.0.0.1:7070"}};
  EXPECT_THAT(ReadDatabaseLock(link), IsOkAndHolds(Optional(holder)));
  EXPECT_THAT(DatabaseLock::Acquire(link),
              StatusIs(absl::StatusCode::kFailedPrecondition,
                       AllOf(HasSubstr(absl::StrCat("pid ", getpid())),
                             HasSubstr("at 127.0.0.1:7070"))));
  lock.reset();
  EXPECT_THAT(ReadDatabaseLock(link), IsOkAndHolds(std::nullopt));
  EXPECT_THAT(DatabaseLock::Acquire(link), IsOk());
}

TEST_F(DatabaseLockTest, AFileThatComesLaterIsLockedThen) {
  ATTUNE_ASSERT_OK_AND_ASSIGN(const auto lock,
                              DatabaseLock::Acquire(database_));
  std::ofstream(database_) << "";
  const std::string link = directory_.path() + "/link.db";
  std::filesystem::create_hard_link(database_, link);
  EXPECT_THAT(ReadDatabaseLock(link), IsOkAndHolds(std::nullopt));
  ATTUNE_ASSERT_OK(lock->LockFile());
  EXPECT_THAT(DatabaseLock::Acquire(link),
              StatusIs(absl::StatusCode::kFailedPrecondition));
}

}  // namespace
}  // namespace attune

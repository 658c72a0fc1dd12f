#include "client/connection.h"

#include <memory>
#include <string>

#include "client/scratch_directory.h"
#include "core/database_lock.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/client/fake_coordinator.h"
#include "tests/testing/status_matchers.h"

namespace attune {
namespace {

using testing::AllOf;
using testing::HasSubstr;

TEST(ChooseStudyTest, TheOnlyOneNeedsNoName) {
  EXPECT_THAT(ChooseStudy("", {"mlp"}, "x.db", "say which"),
              IsOkAndHolds("mlp"));
  EXPECT_THAT(ChooseStudy("mlp", {"cnn", "mlp"}, "x.db", "say which"),
              IsOkAndHolds("mlp"));
}

TEST(ChooseStudyTest, OfSeveralOneHasToBeNamed) {
  EXPECT_THAT(ChooseStudy("", {"cnn", "mlp"}, "x.db", "say which"),
              StatusIs(absl::StatusCode::kNotFound,
                       "there are 2 studies in x.db, say which: cnn, mlp"));
  EXPECT_THAT(
      ChooseStudy("", {}, "x.db", "say which"),
      StatusIs(absl::StatusCode::kNotFound, "there is no study in x.db"));
}

TEST(ChooseStudyTest, ANameThatIsUnknownGetsTheNearest) {
  EXPECT_THAT(
      ChooseStudy("fashion-mpl", {"cnn", "fashion-mlp"}, "x.db", "say which"),
      StatusIs(absl::StatusCode::kNotFound,
               "there is no study `fashion-mpl` in x.db; did you mean "
               "`fashion-mlp`?"));
  EXPECT_THAT(ChooseStudy("other", {"cnn", "mlp"}, "x.db", "say which"),
              StatusIs(absl::StatusCode::kNotFound,
                       "there is no study `other` in x.db; there is cnn, mlp"));
}

TEST(ChooseStudyTest, AsksTheCoordinatorForNames) {
  FakeCoordinator coordinator;
  ATTUNE_ASSERT_OK_AND_ASSIGN(
      const auto connection,
      Connection::Open({.server = coordinator.address()}, Use::kRead, ""));
  EXPECT_EQ(connection->own(), nullptr);
  EXPECT_THAT(ChooseStudy("second", *connection, "say which"),
              IsOkAndHolds("second"));
}

TEST(ConnectionTest, UsesTheHolderOfTheLock) {
  FakeCoordinator coordinator;
  ATTUNE_ASSERT_OK_AND_ASSIGN(const auto directory, ScratchDirectory::Create());
  const std::string database = directory->path() + "/a.db";
  ATTUNE_ASSERT_OK_AND_ASSIGN(const auto lock, DatabaseLock::Acquire(database));
  ATTUNE_ASSERT_OK(lock->SetAddresses({"127.0.0.1:1", coordinator.address()}));
  ATTUNE_ASSERT_OK_AND_ASSIGN(
      const auto connection,
      Connection::Open({.server = "", .database = database}, Use::kRead, ""));
  EXPECT_EQ(connection->client().address(), coordinator.address());
  EXPECT_EQ(connection->place(), database);
  EXPECT_EQ(connection->own(), nullptr);
}

TEST(ConnectionTest, ADatabaseNeedsADirectory) {
  EXPECT_THAT(Connection::Open({.server = "", .database = "/nowhere/a.db"},
                               Use::kCreate, ""),
              StatusIs(absl::StatusCode::kNotFound,
                       HasSubstr("there is no directory /nowhere")));
}

TEST(ConnectionTest, AQuestionNeedsADatabase) {
  ATTUNE_ASSERT_OK_AND_ASSIGN(const auto directory, ScratchDirectory::Create());
  const std::string database = directory->path() + "/none.db";
  for (const Use use : {Use::kRead, Use::kChange}) {
    EXPECT_THAT(Connection::Open({.server = "", .database = database}, use, ""),
                StatusIs(absl::StatusCode::kNotFound,
                         AllOf(HasSubstr("there is no database " + database),
                               HasSubstr("attune run"))));
  }
}

}  // namespace
}  // namespace attune

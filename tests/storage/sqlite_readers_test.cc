#include "storage/sqlite_readers.h"

#include <atomic>
#include <optional>
#include <thread>
#include <vector>

#include "gtest/gtest.h"
#include "tests/testing/status_matchers.h"
#include "tests/testing/temporary_directory.h"

namespace attune {
namespace {

class SqliteReadersTest : public testing::Test {
 protected:
  SqliteReadersTest() {
    auto db = Database::Open(path_, DatabaseMode::kReadWrite, {});
    EXPECT_THAT(db, IsOk());
    EXPECT_THAT((*db)->Execute("CREATE TABLE t (i); INSERT INTO t VALUES (7)"),
                IsOk());
  }

  TemporaryDirectory directory_;
  const std::string path_ = directory_.File("test.db");
};

TEST_F(SqliteReadersTest, LendsAConnectionAgain) {
  SqliteReaders readers({.path = path_, .max_readers = 1});
  const Database* first = nullptr;
  {
    ATTUNE_ASSERT_OK_AND_ASSIGN(const auto lease, readers.Borrow());
    first = &lease.db();
  }
  ATTUNE_ASSERT_OK_AND_ASSIGN(const auto lease, readers.Borrow());
  EXPECT_EQ(&lease.db(), first);
}

TEST_F(SqliteReadersTest, NeverLendsMoreThanItHas) {
  SqliteReaders readers({.path = path_, .max_readers = 2});
  std::atomic<int> lent = 0;
  std::vector<std::thread> threads;
  threads.reserve(6);
  for (int i = 0; i < 6; ++i) {
    threads.emplace_back([&] {
      for (int round = 0; round < 20; ++round) {
        const auto lease = readers.Borrow();
        ASSERT_THAT(lease, IsOk());
        EXPECT_LE(++lent, 2);
        EXPECT_THAT(lease->db().QueryInt("SELECT i FROM t"), IsOkAndHolds(7));
        --lent;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
}

TEST_F(SqliteReadersTest, GivesBackThePlaceOfAConnectionThatDidNotOpen) {
  SqliteReaders readers({.path = directory_.File("none.db"), .max_readers = 1});
  for (int i = 0; i < 3; ++i) {
    EXPECT_THAT(readers.Borrow(), StatusIs(absl::StatusCode::kUnavailable));
  }
}

TEST_F(SqliteReadersTest, RunsAloneOnlyWhileNoneIsLent) {
  SqliteReaders readers({.path = path_, .max_readers = 2});
  bool ran = false;
  {
    ATTUNE_ASSERT_OK_AND_ASSIGN(const auto lease, readers.Borrow());
    EXPECT_FALSE(readers.RunAlone(absl::Milliseconds(1), [&] { ran = true; }));
    EXPECT_FALSE(ran);
  }
  EXPECT_TRUE(readers.RunAlone(absl::ZeroDuration(), [&] { ran = true; }));
  EXPECT_TRUE(ran);
  EXPECT_THAT(readers.Borrow(), IsOk());
}

TEST_F(SqliteReadersTest, WaitsForThoseThatAreLent) {
  SqliteReaders readers({.path = path_, .max_readers = 1});
  auto lease = readers.Borrow();
  ASSERT_THAT(lease, IsOk());
  std::atomic<bool> given_back = false;
  std::thread alone([&] {
    EXPECT_TRUE(readers.RunAlone(absl::InfiniteDuration(),
                                 [&] { EXPECT_TRUE(given_back); }));
  });
  given_back = true;
  { const auto end = std::move(*lease); }
  alone.join();
}

}  // namespace
}  // namespace attune

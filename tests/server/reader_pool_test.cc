#include "server/reader_pool.h"

#include <atomic>
#include <latch>

#include "gtest/gtest.h"
#include "tests/testing/status_matchers.h"

namespace attune {
namespace {

TEST(ReaderPoolTest, RunsTasksBesideOneAnother) {
  ReaderPool pool(2);
  std::latch both(2);
  std::latch done(2);
  for (int i = 0; i < 2; ++i) {
    pool.Run([&](const absl::Status& status) {
      EXPECT_THAT(status, IsOk());
      both.arrive_and_wait();  // hangs if one thread had to run them both
      done.count_down();
    });
  }
  done.wait();
}

TEST(ReaderPoolTest, CloseRunsWhatIsWaiting) {
  std::atomic<int> ran = 0;
  ReaderPool pool(1);
  std::latch go(1);
  pool.Run([&](const absl::Status&) { go.wait(); });
  for (int i = 0; i < 10; ++i) {
    pool.Run([&](const absl::Status& status) { ran += status.ok() ? 1 : 0; });
  }
  go.count_down();
  pool.Close();
  EXPECT_EQ(ran, 10);
}

TEST(ReaderPoolTest, AfterCloseTasksLearnItAtOnce) {
  ReaderPool pool(1);
  pool.Close();
  pool.Close();
  absl::Status seen;
  pool.Run([&](const absl::Status& status) { seen = status; });
  EXPECT_THAT(seen, StatusIs(absl::StatusCode::kUnavailable));
  EXPECT_THAT(seen, HasReason(reason::kShuttingDown));
}

}  // namespace
}  // namespace attune

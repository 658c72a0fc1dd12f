#include "server/timed_storage.h"

#include <memory>
#include <utility>

#include "gtest/gtest.h"
#include "storage/memory_storage.h"
#include "tests/testing/builders.h"
#include "tests/testing/failing_storage.h"
#include "tests/testing/fake_clock.h"
#include "tests/testing/status_matchers.h"
#include "tests/testing/storage_contract.h"

namespace attune {
namespace {

TEST(TimedStorageTest, CountsCommitsAndTheirFailures) {
  MemoryStorage memory;
  auto failing = std::make_unique<FailingStorage>(&memory);
  bool fails = false;
  failing->fail_commit = [&fails] { return fails; };
  const FakeClock clock;
  TimedStorage storage(std::move(failing), &clock);
  EXPECT_EQ(storage.times().count, 0);
  EXPECT_EQ(storage.times().longest, absl::ZeroDuration());

  Study study = MakeStudy(MakeStudySpec());
  for (size_t i = 0; i < TimedStorage::kKept + 10; ++i) {
    ATTUNE_ASSERT_OK(storage.Commit({.studies = {study}}));
    ++study.revision;
  }
  fails = true;
  EXPECT_FALSE(storage.Commit({.studies = {study}}).ok());
  const CommitTimes times = storage.times();
  EXPECT_EQ(times.count, TimedStorage::kKept + 10);
  EXPECT_GT(times.median, absl::ZeroDuration());
  EXPECT_LE(times.median, times.p99);
  EXPECT_LE(times.p99, times.longest);
  EXPECT_EQ(times.failures, 1);
  EXPECT_NE(times.last_error, "");
  EXPECT_EQ(times.last_error_time, clock.Now());
}

std::unique_ptr<Storage> MakeTimed(const TemporaryDirectory&) {
  static const auto& clock = *new SystemClock();
  return std::make_unique<TimedStorage>(std::make_unique<MemoryStorage>(),
                                        &clock);
}

INSTANTIATE_TEST_SUITE_P(Timed, StorageContractTest,
                         testing::Values(StorageCase{"Memory", MakeTimed}),
                         StorageCaseName);

}  // namespace
}  // namespace attune

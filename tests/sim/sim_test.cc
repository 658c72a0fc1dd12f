#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>

#include "absl/strings/str_cat.h"
#include "core/log.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "storage/sqlite_storage.h"
#include "tests/sim/cluster.h"
#include "tests/testing/status_matchers.h"
#include "tests/testing/temporary_directory.h"

namespace attune {
namespace {

constexpr uint64_t kSeeds = 200;

// What a person types to see the seed again, event by event.
std::string Replay(uint64_t seed) {
  return absl::StrCat("replay: build/dev/tests/simulate --seed=", seed, " -v");
}

class SimTest : public testing::Test {
 protected:
  static void SetUpTestSuite() { InitLog("sim_test", LogLevel::kError); }
};

TEST_F(SimTest, NothingIsLostAndEveryStudyEnds) {
  for (uint64_t seed = 1; seed <= kSeeds; ++seed) {
    const SimResult result = Simulate({.seed = seed});
    ASSERT_FALSE(result.violation.has_value()) << *result.violation << "\n"
                                               << Replay(seed);
  }
}

TEST_F(SimTest, NothingIsLostOnSqliteEither) {
  for (uint64_t seed = 1; seed <= 3; ++seed) {
    const TemporaryDirectory directory;
    ATTUNE_ASSERT_OK_AND_ASSIGN(
        const std::unique_ptr<SqliteStorage> storage,
        SqliteStorage::Open(directory.path() + "/attune.db"));
    const SimResult result = Cluster({.seed = seed}, storage.get()).Run();
    ASSERT_FALSE(result.violation.has_value()) << *result.violation << "\n"
                                               << Replay(seed) << " --sqlite";
    // The store behind it makes no difference.
    EXPECT_EQ(result.trace, Simulate({.seed = seed}).trace);
  }
}

TEST_F(SimTest, TheSameSeedGivesTheSameTrace) {
  for (uint64_t seed = 1; seed <= 5; ++seed) {
    const SimResult first = Simulate({.seed = seed});
    EXPECT_EQ(first.trace, Simulate({.seed = seed}).trace) << Replay(seed);
    EXPECT_NE(first.trace, Simulate({.seed = seed + 1}).trace);
  }
}

// The first seed whose simulation is violated; 0 if none is.
uint64_t FirstViolation(PlantedBug bug) {
  for (uint64_t seed = 1; seed <= kSeeds; ++seed) {
    if (Simulate({.seed = seed, .bug = bug}).violation.has_value()) return seed;
  }
  return 0;
}

TEST_F(SimTest, FindsACoordinatorThatTakesStaleTokens) {
  EXPECT_GT(FirstViolation(PlantedBug::kAttemptIgnored), 0U);
}

TEST_F(SimTest, FindsAStorageThatForgetsACommit) {
  EXPECT_GT(FirstViolation(PlantedBug::kCommitLost), 0U);
}

}  // namespace
}  // namespace attune

#include <cstdint>
#include <cstdio>
#include <string>

#include "absl/strings/str_cat.h"
#include "core/log.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/sim/cluster.h"

namespace attune {
namespace {

// What a person types to see the seed again, event by event.
std::string Replay(uint64_t seed) {
  return absl::StrCat("replay: build/dev/tests/simulate --seed=", seed, " -v");
}

class SimTest : public testing::Test {
 protected:
  // Broken trials and failing disks are what this is about.
  static void SetUpTestSuite() { MuteLog(); }
};

TEST_F(SimTest, TheStoreBehindItMakesNoDifference) {
  for (uint64_t seed = 1; seed <= 20; ++seed) {
    const SimResult on_sqlite =
        Simulate({.seed = seed, .store = StoreKind::kSqliteOnGoodDisk});
    const SimResult in_memory =
        Simulate({.seed = seed, .store = StoreKind::kMemory});
    EXPECT_EQ(on_sqlite.violation, in_memory.violation);
    EXPECT_EQ(on_sqlite.trace, in_memory.trace) << "seed " << seed;
  }
}

TEST_F(SimTest, TheSameSeedGivesTheSameTrace) {
  for (uint64_t seed = 1; seed <= 20; ++seed) {
    const SimResult first = Simulate({.seed = seed});
    EXPECT_EQ(first.trace, Simulate({.seed = seed}).trace) << Replay(seed);
    EXPECT_NE(first.trace, Simulate({.seed = seed + 1}).trace);
  }
}

// ---- many seeds -------------------------------------------------------------

// Ten thousand in all; a sanitizer's build has time for some of them only.
constexpr uint64_t kShards = 20;
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr uint64_t kSeedsPerShard = 12;
#else
constexpr uint64_t kSeedsPerShard = 500;
#endif

class SimSeedsTest : public SimTest,
                     public testing::WithParamInterface<uint64_t> {};

TEST_P(SimSeedsTest, NothingIsLostAndEveryStudyEnds) {
  const uint64_t first = 1 + GetParam() * kSeedsPerShard;
  for (uint64_t seed = first; seed < first + kSeedsPerShard; ++seed) {
    const SimResult result = Simulate({.seed = seed});
    ASSERT_FALSE(result.violation.has_value()) << *result.violation << "\n"
                                               << Replay(seed);
  }
}

INSTANTIATE_TEST_SUITE_P(Shards, SimSeedsTest,
                         testing::Range<uint64_t>(0, kShards));

// ---- that it can fail -------------------------------------------------------

struct PlantedCase {
  std::string name;
  PlantedBug bug = PlantedBug::kNone;
  std::string found_as;  // a part of what is said to be violated
};

class SimFindsTest : public SimTest,
                     public testing::WithParamInterface<PlantedCase> {};

TEST_P(SimFindsTest, ThePlantedBug) {
  constexpr uint64_t kSeeds = 500;
  uint64_t seed = 1;
  SimResult result = Simulate({.seed = seed, .bug = GetParam().bug});
  while (!result.violation.has_value() && seed < kSeeds) {
    result = Simulate({.seed = ++seed, .bug = GetParam().bug});
  }
  ASSERT_TRUE(result.violation.has_value());
  EXPECT_THAT(*result.violation, testing::HasSubstr(GetParam().found_as));
  std::printf("found by seed %d: %s\n", static_cast<int>(seed),
              result.violation->c_str());
}

INSTANTIATE_TEST_SUITE_P(
    All, SimFindsTest,
    testing::Values(
        PlantedCase{"ReplyBeforeCommit", PlantedBug::kReplyBeforeCommit,
                    "is gone"},
        PlantedCase{"NoFencing", PlantedBug::kNoFencing, "was taken"},
        PlantedCase{"BudgetCheckedAfter", PlantedBug::kBudgetCheckedAfter,
                    "trials of"},
        PlantedCase{"LeasesNotExtended", PlantedBug::kLeasesNotExtended,
                    "too early"},
        PlantedCase{"StepStoredTwice", PlantedBug::kStepStoredTwice, "twice"},
        PlantedCase{"CommitLost", PlantedBug::kCommitLost, ""}),
    [](const auto& planted) { return planted.param.name; });

}  // namespace
}  // namespace attune

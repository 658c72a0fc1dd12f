#include "worker/engine_choice.h"

#include <cstdlib>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/testing/status_matchers.h"

namespace attune {
namespace {

using testing::HasSubstr;

constexpr char kPlain[] = "/usr/lib/attune/libattune_engine.so";
constexpr char kB[] = "/usr/lib/attune/glibc-hwcaps/b/libattune_engine.so";
constexpr char kC[] = "/usr/lib/attune/glibc-hwcaps/c/libattune_engine.so";

// The processor runs a and b.
EngineBuilds Builds() { return {.names = {"a", "b", "c"}, .runnable = 2}; }

TEST(EnginePathTest, LeadsFromAnyBuildToAnyOther) {
  EXPECT_THAT(EnginePath(Builds(), "a", kPlain), IsOkAndHolds(kPlain));
  EXPECT_THAT(EnginePath(Builds(), "b", kPlain), IsOkAndHolds(kB));
  EXPECT_THAT(EnginePath(Builds(), "a", kC), IsOkAndHolds(kPlain));
  EXPECT_THAT(EnginePath(Builds(), "b", kC), IsOkAndHolds(kB));
}

TEST(EnginePathTest, SaysWhichNamesThereAre) {
  EXPECT_THAT(EnginePath(Builds(), "d", kPlain),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       HasSubstr("is 'd', expected one of a, b, c")));
}

TEST(EnginePathTest, RefusesWhatTheProcessorDoesNotRun) {
  EXPECT_THAT(EnginePath(Builds(), "c", kPlain),
              StatusIs(absl::StatusCode::kFailedPrecondition,
                       HasSubstr("the best that it runs is b")));
}

TEST(EngineBuildsTest, TheFirstRunsEverywhere) {
  const EngineBuilds builds = EngineBuildsHere();
  EXPECT_GE(builds.runnable, 1);
  EXPECT_LE(builds.runnable, builds.names.size());
}

TEST(UseChosenEngineTest, ReturnsIfTheWantedOneIsLoaded) {
  unsetenv("ATTUNE_ENGINE");
  ATTUNE_EXPECT_OK(UseChosenEngine("a", nullptr));
  setenv("ATTUNE_ENGINE", "a", 1);
  ATTUNE_EXPECT_OK(UseChosenEngine("a", nullptr));
  unsetenv("ATTUNE_ENGINE");
}

}  // namespace
}  // namespace attune

#include "core/study.h"

#include <algorithm>

#include "gtest/gtest.h"

namespace attune {
namespace {

TEST(StudyTest, NamesStatesGoalsAndScales) {
  EXPECT_EQ(ToString(StudyState::kActive), "active");
  EXPECT_EQ(ToString(StudyState::kPaused), "paused");
  EXPECT_EQ(ToString(StudyState::kStopped), "stopped");
  EXPECT_EQ(ToString(StudyState::kCompleted), "completed");
  EXPECT_EQ(ToString(Goal::kMinimize), "minimize");
  EXPECT_EQ(ToString(Goal::kMaximize), "maximize");
  EXPECT_EQ(ToString(Scale::kLinear), "linear");
  EXPECT_EQ(ToString(Scale::kLog), "log");
  EXPECT_EQ(ToString(Scale::kReverseLog), "reverse_log");
}

TEST(StudyTest, ArtifactFoldersAreNamedByStudyAndCreation) {
  const absl::Time time = absl::FromUnixMicros(1'700'000'000'000'042);
  EXPECT_EQ(ArtifactFolder("mlp", time), "mlp.20231114T221320.000042Z");
  EXPECT_NE(ArtifactFolder("mlp", time + absl::Microseconds(1)),
            ArtifactFolder("mlp", time));
  // What the database does not keep of a time makes no difference.
  EXPECT_EQ(ArtifactFolder("mlp", time + absl::Nanoseconds(999)),
            ArtifactFolder("mlp", time));
}

TEST(StudyTest, FunctionsAreListedInOrder) {
  const std::vector<std::string>& names = FunctionNames();
  EXPECT_EQ(names.size(), 7u);
  EXPECT_TRUE(std::is_sorted(names.begin(), names.end()));
}

}  // namespace
}  // namespace attune

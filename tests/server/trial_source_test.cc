#include "server/trial_source.h"

#include <memory>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/server/coordinator_fixture.h"

namespace attune {
namespace {

using testing::HasSubstr;

// An algorithm that can do nothing.
class BrokenSearch : public SearchAlgorithm {
 public:
  absl::string_view name() const override { return "broken"; }
  absl::Status Supports(const StudySpec&) const override {
    return absl::OkStatus();
  }
  absl::StatusOr<std::vector<Suggestion>> Suggest(const StudyView&, int,
                                                  Rng&) const override {
    return absl::InternalError("the matrix is singular");
  }
};

// Grid search is broken, random search works.
std::unique_ptr<SearchAlgorithm> BreakGrid(const Algorithm& settings) {
  if (settings.name == "random") {
    return MakeSearchAlgorithm(settings);
  }
  return std::make_unique<BrokenSearch>();
}

std::unique_ptr<SearchAlgorithm> BreakAll(const Algorithm&) {
  return std::make_unique<BrokenSearch>();
}

class TrialSourceTest : public CoordinatorFixture {};

TEST_F(TrialSourceTest, ASuggestionDependsOnSeedAndNumberNotOnWhoAsks) {
  ATTUNE_ASSERT_OK(Create(MakeStudySpec("one")));
  ATTUNE_ASSERT_OK(Create(MakeStudySpec("two")));
  const Assignment a = Assign("a", "one");
  const Assignment b = Assign("b", "one");
  ATTUNE_ASSERT_OK(Complete(Assign("c", "two").token));
  Restart();
  const Assignment d = Assign("d", "two");
  EXPECT_EQ(d.token.trial.number, 2);
  EXPECT_EQ(d.parameters, b.parameters);
  EXPECT_NE(d.parameters, a.parameters);
}

TEST_F(TrialSourceTest, CreatesAndLeasesInOneRecordOfRevisionOne) {
  ATTUNE_ASSERT_OK(Create(MakeStudySpec()));
  const LeaseToken token = Token("w");
  const Trial trial = StoredTrial(token.trial);
  EXPECT_EQ(trial.revision, 1);
  EXPECT_EQ(trial.seen_revision, 1);
  EXPECT_EQ(trial.create_time, now_);
  EXPECT_EQ(trial.start_time, now_);
  EXPECT_EQ(trial.attempts.size(), 1U);
}

TEST_F(TrialSourceTest, DrawsAtRandomWhenTheAlgorithmFailsAndSaysSo) {
  options_.make_algorithm = &BreakGrid;
  Restart();
  StudySpec spec = MakeStudySpec();
  spec.algorithm = Algorithm{.name = "grid"};
  ATTUNE_ASSERT_OK(Create(spec));
  const LeaseToken token = Token("w");
  EXPECT_THAT(StoredTrial(token.trial).tag,
              HasSubstr("the matrix is singular"));
  EXPECT_FALSE(StoredTrial(token.trial).parameters.empty());
}

TEST_F(TrialSourceTest, CompletesAStudyForWhichNothingFindsAPoint) {
  options_.make_algorithm = &BreakAll;
  Restart();
  ATTUNE_ASSERT_OK(Create(MakeStudySpec()));
  EXPECT_TRUE(Lease("w")->exhausted);
  EXPECT_EQ(StoredStudy().state, StudyState::kCompleted);
  EXPECT_THAT(StoredStudy().state_reason, HasSubstr("singular"));
}

TEST_F(TrialSourceTest, AsksTheSearchForMoreThanMaxTrialsNever) {
  StudySpec spec = MakeStudySpec();
  spec.algorithm = Algorithm{.name = "grid"};
  spec.space.parameters[0].domain = IntRange{.min = 1, .max = 2};
  spec.budget.max_trials = 5;
  ATTUNE_ASSERT_OK(Create(spec));
  Token("a");
  const LeaseToken last = Token("b");
  EXPECT_FALSE(Lease("c")->exhausted);
  ATTUNE_ASSERT_OK(Release(last));
  EXPECT_EQ(Token("c").trial.number, 2);
}

}  // namespace
}  // namespace attune

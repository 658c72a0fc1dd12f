#include "server/study_life.h"

#include <memory>
#include <set>
#include <utility>
#include <variant>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/server/coordinator_fixture.h"

namespace attune {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

class StudyLifeTest : public CoordinatorFixture {
 protected:
  StudyState StateOf(absl::string_view name = "test-study") {
    return StoredStudy(name).state;
  }

  // Whose trials fail with their first attempt.
  static StudySpec FailingSpec() {
    StudySpec spec = MakeStudySpec();
    spec.budget.max_trials = 100;
    spec.max_attempts = 1;
    return spec;
  }
  void Fail(int count) {
    for (int i = 0; i < count; ++i) {
      ATTUNE_ASSERT_OK(Finish(Token("a"), Broken{.message = "no such file"}));
    }
  }
};

TEST_F(StudyLifeTest, CreatesAStudyOnce) {
  ATTUNE_ASSERT_OK_AND_ASSIGN(const Study study, Create(MakeStudySpec()));
  EXPECT_EQ(study.revision, 1);
  EXPECT_EQ(study.state, StudyState::kActive);
  EXPECT_EQ(study.create_time, now_);
  EXPECT_EQ(StoredStudy(), study);
  now_ += absl::Seconds(1);
  EXPECT_THAT(Create(MakeStudySpec()), IsOkAndHolds(study));
}

TEST_F(StudyLifeTest, HoldsADurationAsItIsStored) {
  StudySpec spec = MakeStudySpec();
  spec.budget.max_duration = absl::Nanoseconds(1'000'001'999);
  ATTUNE_ASSERT_OK_AND_ASSIGN(const Study study, Create(spec));
  EXPECT_EQ(study.spec.budget.max_duration, absl::Microseconds(1'000'001));
  EXPECT_THAT(Create(spec), IsOkAndHolds(study));
}

TEST_F(StudyLifeTest, ANameIsTakenByAnotherSpec) {
  ATTUNE_ASSERT_OK(Create(MakeStudySpec()));
  StudySpec other = MakeStudySpec();
  other.budget.max_trials = 99;
  other.seed = 5;
  const auto created = Create(other);
  EXPECT_THAT(created, StatusIs(absl::StatusCode::kAlreadyExists,
                                HasSubstr("another budget, seed")));
  EXPECT_THAT(created, HasReason(reason::kStudyExists));
}

TEST_F(StudyLifeTest, RefusesASpecThatIsWrong) {
  StudySpec spec = MakeStudySpec();
  spec.objectives.clear();
  EXPECT_THAT(Create(spec), HasReason(reason::kInvalidField));
  StudySpec grid = MakeStudySpec();
  grid.algorithm =
      Algorithm{.name = "grid"};  // x is continuous, without points
  EXPECT_THAT(Create(grid), HasReason(reason::kInvalidField));
}

TEST_F(StudyLifeTest, TwoCreatesOfOneBatchAreOneStudy) {
  const auto results =
      DoAll({CreateStudy{MakeStudySpec()}, CreateStudy{MakeStudySpec()}});
  EXPECT_EQ(*As<Study>(results[0]), *As<Study>(results[1]));
}

TEST_F(StudyLifeTest, ADeletedStudyIsGoneAndItsIdNeverComesBack) {
  ATTUNE_ASSERT_OK_AND_ASSIGN(const Study first, Create(MakeStudySpec()));
  const LeaseToken token = Token("w");
  ATTUNE_ASSERT_OK(Do(DeleteStudy{"test-study"}));
  EXPECT_THAT(Do(DeleteStudy{"test-study"}), HasReason(reason::kStudyNotFound));
  EXPECT_THAT(Complete(token), HasReason(reason::kLeaseLost));
  ATTUNE_ASSERT_OK_AND_ASSIGN(const Study second, Create(MakeStudySpec()));
  EXPECT_GT(second.id, first.id);
  EXPECT_THAT(Complete(token), HasReason(reason::kLeaseLost));
}

TEST_F(StudyLifeTest, ANameCanBeDeletedAndTakenInOneBatch) {
  ATTUNE_ASSERT_OK(Create(MakeStudySpec()));
  StudySpec other = MakeStudySpec();
  other.seed = 9;
  const auto results = DoAll({DeleteStudy{"test-study"}, CreateStudy{other}});
  ATTUNE_EXPECT_OK(results[1]);
  EXPECT_EQ(StoredStudy().spec.seed, 9U);
  ATTUNE_EXPECT_OK(Do(DeleteStudy{"test-study"}));
  for (const Result& result :
       DoAll({CreateStudy{other}, DeleteStudy{"test-study"}})) {
    ATTUNE_EXPECT_OK(result);
  }
  EXPECT_THAT(*memory_.ListStudies({}), IsEmpty());
}

TEST_F(StudyLifeTest, APausedStudyHandsOutNothingUntilItIsResumed) {
  ATTUNE_ASSERT_OK(Create(MakeStudySpec()));
  const LeaseToken token = Token("a");
  ATTUNE_ASSERT_OK_AND_ASSIGN(const Study paused,
                              As<Study>(Do(PauseStudy{"test-study"})));
  EXPECT_EQ(paused.state, StudyState::kPaused);
  EXPECT_EQ(paused.revision, 2);
  EXPECT_THAT(As<Study>(Do(PauseStudy{"test-study"})), IsOkAndHolds(paused));
  EXPECT_THAT(Lease("b")->assignments, IsEmpty());
  EXPECT_THAT(Renew(token), IsOkAndHolds(Verdict::kContinue));
  ATTUNE_ASSERT_OK(Do(ResumeStudy{"test-study"}));
  EXPECT_THAT(Lease("b")->assignments, SizeIs(1));
}

TEST_F(StudyLifeTest, AStoppedStudyAsksItsTrialsToStop) {
  ATTUNE_ASSERT_OK(Create(MakeStudySpec()));
  const LeaseToken token = Token("a");
  ATTUNE_ASSERT_OK_AND_ASSIGN(const Study stopped,
                              As<Study>(Do(StopStudy{"test-study"})));
  EXPECT_EQ(stopped.state, StudyState::kStopped);
  EXPECT_THAT(As<Study>(Do(StopStudy{"test-study"})), IsOkAndHolds(stopped));
  EXPECT_THAT(Renew(token), IsOkAndHolds(Verdict::kStop));
  ATTUNE_ASSERT_OK(Finish(token, Stopped()));
  EXPECT_EQ(std::get<Pruned>(StoredTrial(token.trial).state).reason,
            "the study was stopped");
  EXPECT_EQ(StateOf(), StudyState::kStopped);
  ATTUNE_EXPECT_OK(Finish(token, Stopped()));
  EXPECT_THAT(Do(PauseStudy{"test-study"}), HasReason(reason::kStudyState));
}

TEST_F(StudyLifeTest, AStoppedStudyGoesOnWhenItIsResumed) {
  ATTUNE_ASSERT_OK(Create(MakeStudySpec()));
  ATTUNE_ASSERT_OK(Release(Token("a")));
  ATTUNE_ASSERT_OK(Do(StopStudy{"test-study"}));
  Restart();
  ATTUNE_ASSERT_OK(Do(ResumeStudy{"test-study"}));
  EXPECT_EQ(Token("a").trial.number, 1);
  EXPECT_EQ(Token("b").trial.number, 2);
}

TEST_F(StudyLifeTest, CompletesInTheCommitOfItsLastTrial) {
  StudySpec spec = MakeStudySpec();
  spec.budget.max_trials = 2;
  ATTUNE_ASSERT_OK(Create(spec));
  const LeaseToken a = Token("a");
  ATTUNE_ASSERT_OK(Complete(Token("b")));
  EXPECT_EQ(StateOf(), StudyState::kActive);
  const int commits = storage_.commits;
  now_ += absl::Seconds(1);
  ATTUNE_ASSERT_OK(Complete(a));
  EXPECT_EQ(storage_.commits, commits + 1);
  const Study study = StoredStudy();
  EXPECT_EQ(study.state, StudyState::kCompleted);
  EXPECT_EQ(study.state_reason, "all of its 2 trials are done");
  EXPECT_EQ(study.update_time, now_);
  EXPECT_THAT(Do(ResumeStudy{"test-study"}), HasReason(reason::kStudyState));
  EXPECT_THAT(Do(StopStudy{"test-study"}), HasReason(reason::kStudyState));
}

TEST_F(StudyLifeTest, CompletesWhenItsSpaceIsUsedUp) {
  StudySpec spec = MakeStudySpec();
  spec.budget.max_trials = std::nullopt;
  spec.algorithm = Algorithm{.name = "grid"};
  spec.space.parameters[0].domain = IntRange{.min = 1, .max = 2};
  ATTUNE_ASSERT_OK(Create(spec));
  ATTUNE_ASSERT_OK(Complete(Token("a")));
  ATTUNE_ASSERT_OK(Complete(Token("a")));
  EXPECT_EQ(StateOf(), StudyState::kCompleted);
  EXPECT_THAT(StoredStudy().state_reason, HasSubstr("every point"));
  EXPECT_THAT(StoredTrials(), SizeIs(2));
}

TEST_F(StudyLifeTest, CompletesWhenItsLastTrialFailsWithALostLease) {
  StudySpec spec = MakeStudySpec();
  spec.budget.max_trials = 1;
  spec.max_attempts = 1;
  ATTUNE_ASSERT_OK(Create(spec));
  Token("a");
  Advance(options_.lease_duration);
  EXPECT_EQ(StateOf(), StudyState::kCompleted);
}

TEST_F(StudyLifeTest, IsPausedWhenItsFirstTenTrialsFail) {
  ATTUNE_ASSERT_OK(Create(FailingSpec()));
  Fail(9);
  EXPECT_EQ(StateOf(), StudyState::kActive);
  const LeaseToken running = Token("b");
  Restart();
  Fail(1);
  EXPECT_EQ(StateOf(), StudyState::kPaused);
  EXPECT_EQ(StoredStudy().state_reason,
            "10 trials failed and none was completed; the last one, trial 11: "
            "WORKER_ERROR: no such file");
  EXPECT_THAT(Lease("a")->assignments, IsEmpty());
  EXPECT_THAT(Renew(running), IsOkAndHolds(Verdict::kContinue));
}

TEST_F(StudyLifeTest, IsPausedAgainAfterAsManyFailuresMore) {
  StudySpec spec = FailingSpec();
  spec.budget.max_failed = 2;
  ATTUNE_ASSERT_OK(Create(spec));
  ATTUNE_ASSERT_OK(Complete(Token("a")));
  Fail(2);
  EXPECT_EQ(StateOf(), StudyState::kPaused);
  EXPECT_THAT(StoredStudy().state_reason,
              testing::StartsWith("2 trials failed, as many as its max_failed; "
                                  "the last one, trial 3: "));
  now_ += absl::Seconds(1);
  ATTUNE_ASSERT_OK(Do(ResumeStudy{"test-study"}));
  EXPECT_EQ(StoredStudy().state_reason, "");
  Restart();
  Fail(1);
  EXPECT_EQ(StateOf(), StudyState::kActive);
  Fail(1);
  EXPECT_EQ(StateOf(), StudyState::kPaused);
}

TEST_F(StudyLifeTest, IsCompletedAndNotPausedByTheLastFailure) {
  StudySpec spec = FailingSpec();
  spec.budget.max_trials = 1;
  spec.budget.max_failed = 1;
  ATTUNE_ASSERT_OK(Create(spec));
  Fail(1);
  EXPECT_EQ(StateOf(), StudyState::kCompleted);
}

TEST_F(StudyLifeTest, EndsWhenItsTimeIsOver) {
  StudySpec spec = MakeStudySpec();
  spec.budget.max_duration = absl::Seconds(30);
  ATTUNE_ASSERT_OK(Create(spec));
  const LeaseToken running = Token("a");
  ATTUNE_ASSERT_OK(Release(Token("b")));
  EXPECT_EQ(coordinator_->NextTick(), now_ + absl::Seconds(30));
  Advance(absl::Seconds(30));
  EXPECT_EQ(StateName(StoredTrials()[1].state), "cancelled");
  EXPECT_THAT(Renew(running), IsOkAndHolds(Verdict::kStop));
  EXPECT_THAT(Lease("c")->assignments, IsEmpty());
  ATTUNE_ASSERT_OK(Finish(running, Stopped()));
  EXPECT_EQ(StateOf(), StudyState::kCompleted);
  EXPECT_EQ(StoredStudy().state_reason, "its max_duration of 30s is over");
}

TEST_F(StudyLifeTest, NoTrialStartsLateEvenIfTheTickIs) {
  StudySpec spec = MakeStudySpec();
  spec.budget.max_duration = absl::Seconds(30);
  ATTUNE_ASSERT_OK(Create(spec));
  now_ += absl::Seconds(31);
  EXPECT_TRUE(Lease("a")->exhausted);
  EXPECT_EQ(StateOf(), StudyState::kCompleted);
}

TEST_F(StudyLifeTest, TheTimeGoesOnWhileItIsStopped) {
  StudySpec spec = MakeStudySpec();
  spec.budget.max_duration = absl::Seconds(30);
  ATTUNE_ASSERT_OK(Create(spec));
  ATTUNE_ASSERT_OK(Do(StopStudy{"test-study"}));
  Advance(absl::Seconds(40));
  EXPECT_EQ(StateOf(), StudyState::kStopped);
  ATTUNE_ASSERT_OK_AND_ASSIGN(const Study resumed,
                              As<Study>(Do(ResumeStudy{"test-study"})));
  EXPECT_EQ(resumed.state, StudyState::kCompleted);
}

// ---- changing ---------------------------------------------------------------

UpdateStudy ChangeOf(std::set<StudyField> fields, Budget budget = {}) {
  return {.study = "test-study", .fields = std::move(fields), .budget = budget};
}

TEST_F(StudyLifeTest, ChangesTheFieldsThatAreNamed) {
  StudySpec spec = MakeStudySpec();
  spec.budget = {.max_trials = 10, .max_parallel = 2};
  ATTUNE_ASSERT_OK(Create(spec));
  now_ += absl::Seconds(5);
  UpdateStudy command =
      ChangeOf({StudyField::kMaxTrials, StudyField::kAttributes},
               {.max_trials = 20, .max_parallel = 7});
  command.attributes = {{"owner", "anna"}};
  ATTUNE_ASSERT_OK_AND_ASSIGN(const Study changed, As<Study>(Do(command)));
  EXPECT_EQ(changed.spec.budget, (Budget{.max_trials = 20, .max_parallel = 2}));
  EXPECT_EQ(changed.attributes, (Attributes{{"owner", "anna"}}));
  EXPECT_EQ(changed.revision, 2);
  EXPECT_EQ(changed.update_time, now_);
  EXPECT_EQ(StoredStudy(), changed);
  ATTUNE_ASSERT_OK_AND_ASSIGN(const Study same, As<Study>(Do(command)));
  EXPECT_EQ(same, changed);
  ATTUNE_ASSERT_OK_AND_ASSIGN(
      const Study unlimited,
      As<Study>(Do(ChangeOf({StudyField::kMaxParallel}))));
  EXPECT_EQ(unlimited.spec.budget, (Budget{.max_trials = 20}));
}

TEST_F(StudyLifeTest, ChangesOnlyWhatIsStillAsItWasSeen) {
  ATTUNE_ASSERT_OK(Create(MakeStudySpec()));
  UpdateStudy command = ChangeOf({StudyField::kMaxTrials}, {.max_trials = 20});
  command.revision = 1;
  ATTUNE_ASSERT_OK(Do(command).status());
  const absl::Status stale = Do(command).status();
  EXPECT_TRUE(absl::IsAborted(stale));
  EXPECT_EQ(Reason(stale), reason::kRevisionMismatch);
  EXPECT_TRUE(absl::IsAborted(
      Do(DeleteStudy{.study = "test-study", .revision = 1}).status()));
  ATTUNE_ASSERT_OK(
      Do(DeleteStudy{.study = "test-study", .revision = 2}).status());
}

TEST_F(StudyLifeTest, RefusesABudgetThatIsWrong) {
  ATTUNE_ASSERT_OK(Create(MakeStudySpec()));
  const Study before = StoredStudy();
  const absl::Status status =
      Do(ChangeOf({StudyField::kMaxTrials}, {.max_trials = 0})).status();
  EXPECT_TRUE(absl::IsInvalidArgument(status));
  EXPECT_EQ(Violations(status)[0].field, "budget.max_trials");
  EXPECT_EQ(StoredStudy(), before);
}

TEST_F(StudyLifeTest, GoesOnWithALargerBudget) {
  StudySpec spec = MakeStudySpec();
  spec.budget = {.max_trials = 1};
  ATTUNE_ASSERT_OK(Create(spec));
  ATTUNE_ASSERT_OK(Complete(Token("a")));
  EXPECT_EQ(StateOf(), StudyState::kCompleted);
  ATTUNE_ASSERT_OK_AND_ASSIGN(
      const Study changed,
      As<Study>(Do(ChangeOf({StudyField::kMaxTrials}, {.max_trials = 2}))));
  EXPECT_EQ(changed.state, StudyState::kActive);
  EXPECT_EQ(changed.state_reason, "");
  ATTUNE_ASSERT_OK(Complete(Token("a")));
  EXPECT_EQ(StateOf(), StudyState::kCompleted);
  EXPECT_THAT(StoredTrials(), SizeIs(2));
}

TEST_F(StudyLifeTest, IsDoneWithASmallerBudget) {
  ATTUNE_ASSERT_OK(Create(MakeStudySpec()));
  ATTUNE_ASSERT_OK(Complete(Token("a")));
  ATTUNE_ASSERT_OK(Complete(Token("a")));
  ATTUNE_ASSERT_OK_AND_ASSIGN(
      const Study changed,
      As<Study>(Do(ChangeOf({StudyField::kMaxTrials}, {.max_trials = 1}))));
  EXPECT_EQ(changed.state, StudyState::kCompleted);
  EXPECT_EQ(StoredStudy(), changed);
}

TEST_F(StudyLifeTest, HasMoreTimeWhenItIsGiven) {
  StudySpec spec = MakeStudySpec();
  spec.budget.max_duration = absl::Seconds(30);
  ATTUNE_ASSERT_OK(Create(spec));
  Advance(absl::Seconds(31));
  EXPECT_EQ(StateOf(), StudyState::kCompleted);
  ATTUNE_ASSERT_OK_AND_ASSIGN(
      const Study longer,
      As<Study>(Do(ChangeOf({StudyField::kMaxDuration},
                            {.max_duration = absl::Seconds(60)}))));
  EXPECT_EQ(longer.state, StudyState::kActive);
  ATTUNE_ASSERT_OK(Complete(Token("a")));
  ATTUNE_ASSERT_OK_AND_ASSIGN(
      const Study over,
      As<Study>(Do(ChangeOf({StudyField::kMaxDuration},
                            {.max_duration = absl::Seconds(10)}))));
  EXPECT_EQ(over.state, StudyState::kCompleted);
}

TEST_F(StudyLifeTest, OnlySoManyStudiesAreOpen) {
  options_.max_open_studies = 2;
  Restart();
  ATTUNE_ASSERT_OK(Create(MakeStudySpec("a")));
  ATTUNE_ASSERT_OK(Create(MakeStudySpec("b")));
  ATTUNE_ASSERT_OK(Create(MakeStudySpec("b")));  // it is there
  const absl::Status full = Create(MakeStudySpec("c")).status();
  EXPECT_TRUE(absl::IsResourceExhausted(full));
  EXPECT_EQ(Reason(full), reason::kLimitReached);
  EXPECT_THAT(std::string(full.message()), HasSubstr("there are 2 studies"));
  ATTUNE_ASSERT_OK(Do(StopStudy{"a"}).status());
  ATTUNE_ASSERT_OK(Create(MakeStudySpec("c")));
}

}  // namespace
}  // namespace attune

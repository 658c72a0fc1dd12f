#include "server/attempt_desk.h"

#include <cmath>
#include <limits>
#include <string>
#include <variant>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/server/coordinator_fixture.h"

namespace attune {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

Measurement Loss(int64_t step, double value) {
  return {.step = step, .metrics = {{"loss", value}}};
}

class AttemptDeskTest : public CoordinatorFixture {
 protected:
  void SetUp() override { ATTUNE_ASSERT_OK(Create(MakeStudySpec())); }

  template <typename S>
  S StoredState(TrialId id) {
    const Trial trial = StoredTrial(id);
    ATTUNE_CHECK(std::holds_alternative<S>(trial.state));
    return std::get<S>(trial.state);
  }
  // The worker's lease runs out and another takes the trial.
  LeaseToken LoseTo(absl::string_view worker) {
    Advance(options_.lease_duration);
    return Token(worker);
  }
};

TEST_F(AttemptDeskTest, AReportIsStoredBeforeItIsAnswered) {
  const LeaseToken token = Token("w");
  EXPECT_THAT(Report(token, {Loss(1, 0.5), Loss(2, NAN)}),
              IsOkAndHolds(Verdict::kContinue));
  EXPECT_THAT(StoredMeasurements(token.trial),
              ElementsAre(Loss(1, 0.5), Loss(2, NAN)));
}

TEST_F(AttemptDeskTest, AStepThatWasReportedKeepsItsFirstValues) {
  const LeaseToken token = Token("w");
  ATTUNE_ASSERT_OK(Report(token, {Loss(1, 0.5), Loss(1, 0.6)}));
  const int commits = storage_.commits;
  EXPECT_THAT(Report(token, {Loss(1, 0.7)}), IsOkAndHolds(Verdict::kContinue));
  EXPECT_EQ(storage_.commits, commits);
  EXPECT_THAT(StoredMeasurements(token.trial), ElementsAre(Loss(1, 0.5)));
}

TEST_F(AttemptDeskTest, ReportsOfOneBatchAreStoredTogether) {
  const LeaseToken token = Token("w");
  const int commits = storage_.commits;
  DoAll({ReportMeasurements{token, {Loss(2, 0.2)}},
         ReportMeasurements{token, {Loss(1, 0.1), Loss(2, 0.9)}}});
  EXPECT_EQ(storage_.commits, commits + 1);
  EXPECT_THAT(StoredMeasurements(token.trial),
              ElementsAre(Loss(1, 0.1), Loss(2, 0.2)));
}

TEST_F(AttemptDeskTest, AReportRenewsTheLeaseInMemoryOnly) {
  const LeaseToken token = Token("w");
  const absl::Time stored = StoredState<Running>(token.trial).lease.deadline;
  now_ += absl::Seconds(50);
  ATTUNE_ASSERT_OK(Report(token, {}));
  EXPECT_EQ(coordinator_->NextTick(), now_ + options_.lease_duration);
  EXPECT_EQ(StoredState<Running>(token.trial).lease.deadline, stored);
  Advance(absl::Seconds(50));
  EXPECT_THAT(Renew(token), IsOkAndHolds(Verdict::kContinue));
}

TEST_F(AttemptDeskTest, AStaleTokenChangesNothing) {
  const LeaseToken stale = Token("a");
  const LeaseToken current = LoseTo("b");
  EXPECT_EQ(current.trial, stale.trial);
  EXPECT_EQ(current.attempt, 2);
  const Trial before = StoredTrial(stale.trial);
  EXPECT_THAT(Report(stale, {Loss(1, 0.5)}), HasReason(reason::kLeaseLost));
  EXPECT_THAT(Complete(stale), HasReason(reason::kLeaseLost));
  EXPECT_THAT(Release(stale), HasReason(reason::kLeaseLost));
  EXPECT_THAT(Renew(stale), IsOkAndHolds(Verdict::kLeaseLost));
  EXPECT_EQ(StoredTrial(stale.trial), before);
  EXPECT_THAT(StoredMeasurements(stale.trial), IsEmpty());
}

TEST_F(AttemptDeskTest, ALostLeaseSaysWhoRunsTheTrialNow) {
  const LeaseToken stale = Token("a");
  LoseTo("b");
  EXPECT_THAT(Report(stale, {}),
              StatusIs(absl::StatusCode::kFailedPrecondition,
                       "studies/test-study/trials/1: the lease of attempt 1 "
                       "has ended; attempt 2 runs on b"));
}

TEST_F(AttemptDeskTest, ATokenOfNoTrialIsALostLease) {
  LeaseToken token = Token("w");
  token.trial.number = 99;
  EXPECT_THAT(Report(token, {}), HasReason(reason::kLeaseLost));
  EXPECT_THAT(Complete(token), HasReason(reason::kLeaseLost));
  token.trial.study.value = 99;
  EXPECT_THAT(Complete(token), HasReason(reason::kLeaseLost));
  EXPECT_THAT(Renew(token), IsOkAndHolds(Verdict::kLeaseLost));
}

TEST_F(AttemptDeskTest, FinishingTakesTheObjectiveFromTheLastValue) {
  const LeaseToken token = Token("w");
  ATTUNE_ASSERT_OK(Report(token, {Loss(1, 0.5), Loss(2, 0.4)}));
  ATTUNE_ASSERT_OK(Finish(token, Finished(), {Loss(3, 0.3)}));
  EXPECT_EQ(StoredState<Completed>(token.trial),
            (Completed{.attempt = 1, .objectives = {0.3}}));
  EXPECT_THAT(StoredMeasurements(token.trial), SizeIs(3));
}

TEST_F(AttemptDeskTest, FinishingAgainWithTheSameIsOk) {
  const LeaseToken token = Token("w");
  ATTUNE_ASSERT_OK(Finish(token, Finished(), {Loss(1, 0.3)}));
  ATTUNE_EXPECT_OK(Finish(token, Finished(), {Loss(1, 0.3)}));
  ATTUNE_EXPECT_OK(Finish(token));
  EXPECT_THAT(Finish(token, Diverged{"nan"}),
              HasReason(reason::kTrialFinished));
  EXPECT_THAT(Finish(token, Finished(), {Loss(2, 0.1)}),
              HasReason(reason::kTrialFinished));
  EXPECT_THAT(StoredMeasurements(token.trial), ElementsAre(Loss(1, 0.3)));
}

TEST_F(AttemptDeskTest, FinishingTwiceInOneBatchIsOk) {
  const LeaseToken token = Token("w");
  const FinishTrial finish = {token, {Loss(1, 0.3)}, Finished()};
  for (const Result& result : DoAll({finish, finish})) {
    ATTUNE_EXPECT_OK(result);
  }
  EXPECT_EQ(StoredTrial(token.trial).revision, 2);
}

TEST_F(AttemptDeskTest, FinishingAgainIsOkAfterTheStudyCompleted) {
  StudySpec spec = MakeStudySpec("short");
  spec.budget.max_trials = 1;
  ATTUNE_ASSERT_OK(Create(spec));
  const LeaseToken token = Assign("w", "short").token;
  ATTUNE_ASSERT_OK(Complete(token));
  EXPECT_EQ(StoredStudy("short").state, StudyState::kCompleted);
  ATTUNE_EXPECT_OK(Complete(token));
  Restart();
  ATTUNE_EXPECT_OK(Complete(token));
  EXPECT_THAT(Finish(token, Broken{"no"}), HasReason(reason::kTrialFinished));
  EXPECT_THAT(Report(token, {}), HasReason(reason::kLeaseLost));
}

TEST_F(AttemptDeskTest, AReportAfterTheEndIsALostLease) {
  const LeaseToken token = Token("w");
  ATTUNE_ASSERT_OK(Complete(token));
  EXPECT_THAT(Report(token, {}), HasReason(reason::kLeaseLost));
  EXPECT_THAT(Renew(token), IsOkAndHolds(Verdict::kLeaseLost));
}

TEST_F(AttemptDeskTest, AMissingMetricFailsTheTrialForGood) {
  const LeaseToken token = Token("w");
  ATTUNE_ASSERT_OK(
      Finish(token, Finished(), {{.step = 1, .metrics = {{"accuracy", 0.9}}}}));
  const auto failed = StoredState<Failed>(token.trial);
  EXPECT_EQ(failed.cause, std::string(cause::kMetricMissing));
  EXPECT_THAT(failed.message, HasSubstr("'loss'"));
  EXPECT_THAT(failed.message, HasSubstr("accuracy"));
  ATTUNE_EXPECT_OK(Finish(token));
}

TEST_F(AttemptDeskTest, ANanObjectiveFailsTheTrial) {
  const LeaseToken token = Token("w");
  ATTUNE_ASSERT_OK(Complete(token, NAN));
  EXPECT_EQ(StoredState<Failed>(token.trial).cause,
            std::string(cause::kNonFiniteObjective));
  ATTUNE_EXPECT_OK(Complete(token, NAN));
}

TEST_F(AttemptDeskTest, DivergedIsInfeasible) {
  const LeaseToken token = Token("w");
  ATTUNE_ASSERT_OK(
      Finish(token, Diverged{"loss is NaN at step 7"}, {Loss(7, NAN)}));
  EXPECT_EQ(StoredState<Infeasible>(token.trial).reason,
            "loss is NaN at step 7");
  EXPECT_THAT(StoredMeasurements(token.trial), SizeIs(1));
}

TEST_F(AttemptDeskTest, ABrokenAttemptIsTriedAgainWhileAttemptsAreLeft) {
  LeaseToken token = Token("a");
  ATTUNE_ASSERT_OK(Finish(token, Broken{"no data"}));
  ATTUNE_EXPECT_OK(Finish(token, Broken{"no data"}));
  EXPECT_EQ(StoredState<Waiting>(token.trial).lost, 1);
  ATTUNE_ASSERT_OK(Finish(Token("b"), Broken{"no data"}));
  token = Token("c");
  EXPECT_EQ(token.attempt, 3);
  ATTUNE_ASSERT_OK(Finish(token, Broken{"no data"}));
  const auto failed = StoredState<Failed>(token.trial);
  EXPECT_EQ(failed.cause, std::string(cause::kWorkerError));
  EXPECT_EQ(failed.message, "no data");
}

TEST_F(AttemptDeskTest, ALaterAttemptKeepsTheStepsOfTheEarlierOne) {
  ATTUNE_ASSERT_OK(Report(Token("a"), {Loss(1, 0.5)}));
  const LeaseToken second = LoseTo("b");
  ATTUNE_ASSERT_OK(Report(second, {Loss(1, 0.9), Loss(2, 0.4)}));
  EXPECT_THAT(StoredMeasurements(second.trial),
              ElementsAre(Loss(1, 0.5), Loss(2, 0.4)));
}

TEST_F(AttemptDeskTest, AReleasedTrialWaitsAndItsAttemptDoesNotCount) {
  const LeaseToken token = Token("w");
  ATTUNE_ASSERT_OK(Release(token));
  ATTUNE_EXPECT_OK(Release(token));
  EXPECT_EQ(StoredState<Waiting>(token.trial),
            (Waiting{.attempt = 1, .lost = 0}));
}

TEST_F(AttemptDeskTest, AnExpiredLeaseWaitsAndFailsAfterTheLastAttempt) {
  const LeaseToken token = Token("w");
  Advance(options_.lease_duration);
  EXPECT_EQ(StoredState<Waiting>(token.trial).lost, 1);
  LoseTo("w");
  EXPECT_EQ(Token("w").attempt, 2);
  LoseTo("w");
  EXPECT_EQ(Token("w").attempt, 3);
  Advance(options_.lease_duration);
  EXPECT_EQ(StoredState<Failed>(token.trial).cause,
            std::string(cause::kLeaseExpired));
}

TEST_F(AttemptDeskTest, ALeaseIsCurrentUntilSomebodyEndsIt) {
  const LeaseToken token = Token("w");
  now_ += absl::Hours(1);  // the worker is late, and so is the tick
  EXPECT_THAT(Renew(token), IsOkAndHolds(Verdict::kContinue));
  coordinator_->Tick(now_);
  EXPECT_THAT(Renew(token), IsOkAndHolds(Verdict::kContinue));
}

TEST_F(AttemptDeskTest, OneRenewalAnswersForManyLeases) {
  const LeaseToken a = Token("a");
  const LeaseToken b = Token("b");
  ATTUNE_ASSERT_OK(Complete(b));
  ATTUNE_ASSERT_OK_AND_ASSIGN(
      const auto verdicts, As<std::vector<Verdict>>(Do(RenewLeases{{b, a}})));
  EXPECT_THAT(verdicts, ElementsAre(Verdict::kLeaseLost, Verdict::kContinue));
}

TEST_F(AttemptDeskTest, NobodyStopsUnasked) {
  const LeaseToken token = Token("w");
  EXPECT_THAT(Finish(token, Stopped(), {Loss(1, 0.5)}),
              HasReason(reason::kTrialState));
  EXPECT_THAT(StoredMeasurements(token.trial), IsEmpty());
}

class MedianAttemptTest : public CoordinatorFixture {
 protected:
  void SetUp() override {
    StudySpec spec = MakeStudySpec();
    spec.stopping =
        Stopping{.name = "median", .settings = {{"min_trials", int64_t{2}}}};
    ATTUNE_ASSERT_OK(Create(spec));
    ATTUNE_ASSERT_OK(Complete(Token("a"), 0.1));
    ATTUNE_ASSERT_OK(Complete(Token("a"), 0.2));
  }
};

TEST_F(MedianAttemptTest, AWorseTrialIsAskedToStopAndIsPruned) {
  const LeaseToken token = Token("w");
  EXPECT_THAT(Report(token, {Loss(1, 0.9)}), IsOkAndHolds(Verdict::kStop));
  EXPECT_TRUE(std::get<Running>(StoredTrial(token.trial).state)
                  .stop_requested.has_value());
  EXPECT_THAT(Renew(token), IsOkAndHolds(Verdict::kStop));
  EXPECT_THAT(Report(token, {}), IsOkAndHolds(Verdict::kStop));
  ATTUNE_ASSERT_OK(Finish(token, Stopped()));
  ATTUNE_EXPECT_OK(Finish(token, Stopped()));
  EXPECT_EQ(StateName(StoredTrial(token.trial).state), "pruned");
}

TEST_F(MedianAttemptTest, ABetterTrialGoesOn) {
  EXPECT_THAT(Report(Token("w"), {Loss(1, 0.05)}),
              IsOkAndHolds(Verdict::kContinue));
}

TEST_F(MedianAttemptTest, CurvesOutliveARestart) {
  const LeaseToken token = Token("w");
  Restart();
  EXPECT_THAT(Report(token, {Loss(1, 0.9)}), IsOkAndHolds(Verdict::kStop));
}

}  // namespace
}  // namespace attune

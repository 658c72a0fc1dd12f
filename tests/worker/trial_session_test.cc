#include "worker/trial_session.h"

#include <functional>
#include <new>
#include <stop_token>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/testing/status_matchers.h"
#include "tests/worker/trial_fixture.h"

namespace attune {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class TrialSessionTest : public TrialFixture {
 protected:
  // Steps `count` times, or to the end, letting the time pass that it waits.
  void Step(int count = 1000) {
    for (int i = 0; i < count && !session_.end().has_value(); ++i) {
      const absl::Time next = session_.Step(stop_.get_token());
      ASSERT_LT(next, absl::InfiniteFuture());
      if (next > clock_.Now()) clock_.SetTime(next);
    }
  }
  std::vector<int64_t> Steps() { return coordinator_.steps[token_]; }
  std::vector<Outcome> Outcomes() { return coordinator_.outcomes[token_]; }

  std::stop_source stop_;
  const LeaseToken token_ = MakeAssignment(1).token;
  TrialSession session_{
      MakeAssignment(1),
      {.retry = kExactRetry, .max_pending = 4, .max_per_call = 2},
      context_,
      Rng(1)};
};

TEST_F(TrialSessionTest, ReportsEachMeasurementAtOnceAndFinishes) {
  Step(1);
  EXPECT_THAT(Steps(), ElementsAre(1));
  Step();
  EXPECT_THAT(Steps(), ElementsAre(1, 2, 3));
  EXPECT_THAT(Outcomes(), ElementsAre(Outcome(Finished{})));
  EXPECT_EQ(session_.end(), SessionEnd::kDelivered);
  EXPECT_EQ(coordinator_.report_calls, 3);
}

TEST_F(TrialSessionTest, GoesOnTrainingWhileTheCoordinatorIsAway) {
  coordinator_.report_failures = {{Away()}};
  const absl::Time before = clock_.Now();
  Step(3);
  EXPECT_EQ(runner_.advanced, 3);
  EXPECT_EQ(clock_.Now(), before);
  EXPECT_EQ(coordinator_.report_calls, 1);  // the next is not due yet
  EXPECT_EQ(session_.away_since(), before);
  EXPECT_EQ(session_.waiting_since(), std::nullopt);
}

TEST_F(TrialSessionTest, DeliversWhatItKeptInOrderWhenTheCoordinatorIsBack) {
  runner_.steps = 3;
  coordinator_.report_failures = {{Away()}};
  Step(2);
  EXPECT_THAT(Steps(), IsEmpty());
  clock_.Advance(absl::Seconds(1));
  Step(1);
  EXPECT_THAT(Steps(), ElementsAre(1, 2, 3));
  EXPECT_EQ(session_.away_since(), std::nullopt);
}

TEST_F(TrialSessionTest, StoresAStepOnceWhenTheReplyWasLost) {
  coordinator_.report_failures = {FakeCoordinator::LostReply()};
  Step();
  EXPECT_THAT(Steps(), ElementsAre(1, 2, 3));
  EXPECT_EQ(session_.end(), SessionEnd::kDelivered);
}

TEST_F(TrialSessionTest, GivesTheLastMeasurementsAlongWithTheOutcome) {
  runner_.steps = 2;
  coordinator_.report_failures = {{Away()}};
  Step();
  EXPECT_EQ(coordinator_.report_calls, 1);
  EXPECT_EQ(coordinator_.finish_calls, 1);
  EXPECT_THAT(Steps(), ElementsAre(1, 2));
}

TEST_F(TrialSessionTest, PausesTrainingWhenItKeepsAllItMay) {
  runner_.steps = 10;
  for (int i = 0; i < 3; ++i) coordinator_.report_failures.push_back({Away()});
  Step(4);  // the first try at 0 s
  const absl::Time full = clock_.Now();
  Step(1);  // full: only waits
  EXPECT_EQ(runner_.advanced, 4);
  EXPECT_EQ(session_.waiting_since(), full);
  Step();
  EXPECT_THAT(Steps(), ElementsAre(1, 2, 3, 4, 5, 6, 7, 8, 9, 10));
  EXPECT_EQ(session_.end(), SessionEnd::kDelivered);
}

TEST_F(TrialSessionTest, OffersTheOutcomeUntilItIsTaken) {
  coordinator_.finish_failures = {{Away()}, {Away()}, {Away()}};
  const absl::Time before = clock_.Now();
  Step();
  EXPECT_EQ(coordinator_.finish_calls, 4);
  EXPECT_EQ(clock_.Now() - before, absl::Seconds(1 + 2 + 4));
  EXPECT_EQ(session_.end(), SessionEnd::kDelivered);
}

TEST_F(TrialSessionTest, FinishesOnceWhenTheReplyWasLost) {
  coordinator_.finish_failures = {FakeCoordinator::LostReply()};
  Step();
  EXPECT_EQ(coordinator_.finish_calls, 2);
  EXPECT_THAT(Outcomes(), ElementsAre(Outcome(Finished{})));
  EXPECT_EQ(session_.end(), SessionEnd::kDelivered);
}

TEST_F(TrialSessionTest, StopsWhenAReportIsAnsweredSo) {
  coordinator_.report_verdicts = {Verdict::kContinue, Verdict::kStop};
  Step();
  EXPECT_THAT(Steps(), ElementsAre(1, 2));
  EXPECT_THAT(Outcomes(), ElementsAre(Outcome(Stopped{})));
}

TEST_F(TrialSessionTest, StopsWhenARenewalSaysSo) {
  Step(1);
  session_.StopEarly();
  Step();
  EXPECT_THAT(Steps(), ElementsAre(1));
  EXPECT_THAT(Outcomes(), ElementsAre(Outcome(Stopped{})));
}

TEST_F(TrialSessionTest, DropsTheTrialWhenAReportFindsTheLeaseLost) {
  coordinator_.report_failures = {{LeaseLost()}};
  Step();
  EXPECT_EQ(session_.end(), SessionEnd::kDropped);
  EXPECT_THAT(session_.drop_reason(), HasReason(reason::kLeaseLost));
  EXPECT_EQ(coordinator_.finish_calls, 0);
}

TEST_F(TrialSessionTest, DropsTheTrialWhenTheOutcomeComesTooLate) {
  coordinator_.finish_failures = {{Away()}, {LeaseLost()}};
  Step();
  EXPECT_EQ(session_.end(), SessionEnd::kDropped);
  EXPECT_EQ(coordinator_.finish_calls, 2);
}

TEST_F(TrialSessionTest, OffersAnOutcomeEvenIfARenewalFoundTheLeaseLost) {
  coordinator_.finish_failures = {{Away()}};
  Step(4);
  ASSERT_TRUE(session_.outcome().has_value());
  session_.LoseLease();
  Step();
  EXPECT_EQ(session_.end(), SessionEnd::kDelivered);
}

TEST_F(TrialSessionTest, ReportsAnErrorOfTheRunnerAsBroken) {
  runner_.steps = 1;
  runner_.outcome = absl::DataLossError("the file is cut short");
  Step();
  EXPECT_THAT(Steps(), ElementsAre(1));
  EXPECT_THAT(Outcomes(),
              ElementsAre(Outcome(Broken{"the file is cut short"})));
  EXPECT_EQ(session_.end(), SessionEnd::kDelivered);
}

TEST_F(TrialSessionTest, ReportsATaskThatCannotBeRunAsBroken) {
  runner_.start = absl::InvalidArgumentError("no such dataset: 'mnits'");
  Step();
  ASSERT_EQ(Outcomes().size(), 1);
  EXPECT_THAT(std::get<Broken>(Outcomes()[0]).message,
              HasSubstr("no such dataset: 'mnits'"));
}

TEST_F(TrialSessionTest, ReportsATrainingThatMemoryIsTooSmallForAsBroken) {
  runner_.before_step = [](int64_t step) {
    if (step == 2) throw std::bad_alloc();
  };
  Step();
  EXPECT_THAT(Steps(), ElementsAre(1));
  ASSERT_EQ(Outcomes().size(), 1);
  EXPECT_THAT(std::get<Broken>(Outcomes()[0]).message,
              HasSubstr("the trial does not fit into memory"));
}

TEST_F(TrialSessionTest, ReportsAStartThatMemoryIsTooSmallForAsBroken) {
  runner_.before_start = [] { throw std::bad_alloc(); };
  Step();
  ASSERT_EQ(Outcomes().size(), 1);
  EXPECT_THAT(std::get<Broken>(Outcomes()[0]).message,
              HasSubstr("could not be started: the trial does not fit"));
}

TEST_F(TrialSessionTest, TurnsAReportThatIsRefusedIntoABrokenTrial) {
  coordinator_.report_failures = {{absl::InvalidArgumentError("step -1")}};
  Step();
  ASSERT_EQ(Outcomes().size(), 1);
  EXPECT_THAT(std::get<Broken>(Outcomes()[0]).message, HasSubstr("step -1"));
}

TEST_F(TrialSessionTest, DropsATrialWhoseEveryEndIsRefused) {
  coordinator_.finish_failures = {{absl::InternalError("a bug")},
                                  {absl::InternalError("a bug")}};
  Step();
  EXPECT_EQ(session_.end(), SessionEnd::kDropped);
  EXPECT_EQ(coordinator_.finish_calls, 2);
}

TEST_F(TrialSessionTest, HandsTheTrialBackUntilItIsTaken) {
  Step(1);
  coordinator_.release_failures = {{Away()}, {Away()}};
  stop_.request_stop();
  session_.HandBack();
  Step();
  EXPECT_THAT(coordinator_.released, ElementsAre(token_));
  EXPECT_EQ(session_.end(), SessionEnd::kHandedBack);
  EXPECT_THAT(Outcomes(), IsEmpty());
}

TEST_F(TrialSessionTest, DeliversAnOutcomeInsteadOfHandingBack) {
  coordinator_.finish_failures = {{Away()}};
  Step(4);
  session_.HandBack();
  Step();
  EXPECT_EQ(session_.end(), SessionEnd::kDelivered);
  EXPECT_THAT(coordinator_.released, IsEmpty());
}

TEST_F(TrialSessionTest, DiscardsATrialWhoseEndIsTaken) {
  coordinator_.finish_failures = {{Away()}};
  Step(4);
  EXPECT_EQ(runner_.discarded, 0);
  Step();
  EXPECT_EQ(runner_.discarded, 1);
}

TEST_F(TrialSessionTest, DiscardsATrialThatIsStoppedBeforeItStarts) {
  session_.StopEarly();
  Step();
  EXPECT_EQ(runner_.starts, 0);
  EXPECT_EQ(runner_.discarded, 1);
}

TEST_F(TrialSessionTest, DiscardsWhatItHandsBackAfterItWasAskedToStop) {
  Step(1);
  session_.StopEarly();
  session_.HandBack();
  Step();
  EXPECT_EQ(session_.end(), SessionEnd::kHandedBack);
  EXPECT_EQ(runner_.discarded, 1);
}

TEST_F(TrialSessionTest, LeavesATrialThatOthersMayGoOnWith) {
  Step(1);
  session_.HandBack();
  Step();
  EXPECT_EQ(session_.end(), SessionEnd::kHandedBack);
  EXPECT_EQ(runner_.discarded, 0);
}

// What becomes of the files of a trial that this worker could not finish.
class UnfinishedTest : public TrialSessionTest,
                       public testing::WithParamInterface<bool> {
 protected:
  // Whether the trial of a session that is made to end as `make_end` says is
  // discarded.
  bool IsDiscarded(const std::function<void()>& make_end) {
    Assignment assignment = MakeAssignment(2);
    assignment.last_attempt = GetParam();
    TrialSession session(assignment, {.retry = kExactRetry}, context_, Rng(1));
    make_end();
    while (!session.end().has_value()) session.Step(stop_.get_token());
    return runner_.discarded > 0;
  }
};

TEST_P(UnfinishedTest, IsDiscardedIfItBreaksInItsLastAttempt) {
  const auto breaks = [this] { runner_.outcome = absl::DataLossError("cut"); };
  EXPECT_EQ(IsDiscarded(breaks), GetParam());
}

TEST_P(UnfinishedTest, IsDiscardedIfItsLastLeaseIsLost) {
  const auto loses = [this] { coordinator_.report_failures = {{LeaseLost()}}; };
  EXPECT_EQ(IsDiscarded(loses), GetParam());
}

INSTANTIATE_TEST_SUITE_P(All, UnfinishedTest, testing::Bool());

TEST_F(TrialSessionTest, SaysWhatIsNotDelivered) {
  coordinator_.report_failures = {{Away()}};
  coordinator_.finish_failures = {{Away()}};
  runner_.steps = 2;
  Step(3);
  EXPECT_EQ(session_.Undelivered(),
            "trial 1 of study demo, attempt 1: its end (finished) and 2 "
            "measurements");
}

}  // namespace
}  // namespace attune

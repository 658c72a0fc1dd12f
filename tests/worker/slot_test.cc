#include "worker/slot.h"

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

class SlotTest : public TrialFixture {
 protected:
  // Steps until it is done, letting the time pass that it waits; at most
  // `count` times.
  void Step(int count = 200) {
    for (int i = 0; i < count && !slot_.done(); ++i) {
      next_ = slot_.Step();
      if (!slot_.done() && next_ > clock_.Now()) clock_.SetTime(next_);
    }
  }
  // Until there is no trial.
  void RunTrial() {
    Step(1);
    for (int i = 0; i < 100 && slot_.session() != nullptr; ++i) Step(1);
  }
  static LeaseToken Token(int64_t number) {
    return MakeAssignment(number).token;
  }

  LeaseKeeper keeper_{&coordinator_, &clock_, kExactRetry, Rng(1)};
  Slot slot_{{.worker = {"w"},
              .study = "demo",
              .exit_when_done = true,
              .session = {.retry = kExactRetry}},
             context_,
             &keeper_,
             Rng(1)};
  absl::Time next_;
};

TEST_F(SlotTest, RunsTrialAfterTrialUntilThereAreNoMore) {
  coordinator_.trials = {MakeAssignment(1), MakeAssignment(2)};
  coordinator_.exhausted = true;
  Step();
  EXPECT_TRUE(slot_.done());
  EXPECT_THAT(slot_.result(), IsOk());
  EXPECT_THAT(coordinator_.steps[Token(1)], ElementsAre(1, 2, 3));
  EXPECT_THAT(coordinator_.steps[Token(2)], ElementsAre(1, 2, 3));
  EXPECT_EQ(runner_.starts, 2);
  EXPECT_EQ(slot_.Step(), absl::InfiniteFuture());
}

TEST_F(SlotTest, AsksForItsStudyAndLetsTheCallWait) {
  Step(1);
  ASSERT_EQ(coordinator_.lease_requests.size(), 1);
  EXPECT_EQ(coordinator_.lease_requests[0].study, "demo");
  EXPECT_EQ(coordinator_.lease_requests[0].wait, absl::Seconds(20));
  EXPECT_THAT(coordinator_.lease_requests[0].workers,
              ElementsAre(WorkerId{"w"}));
}

TEST_F(SlotTest, AsksAgainAfterAPauseWhenThereIsNothing) {
  const absl::Time asked = clock_.Now();
  EXPECT_EQ(slot_.Step(), asked + absl::Seconds(1));
}

TEST_F(SlotTest, BacksOffWhileNobodyAnswers) {
  coordinator_.lease_failures = {{Away()}, {Away()}, {Away()}};
  coordinator_.trials = {MakeAssignment(1)};
  const absl::Time before = clock_.Now();
  Step(4);
  EXPECT_EQ(clock_.Now() - before, absl::Seconds(1 + 2 + 4));
  EXPECT_NE(slot_.session(), nullptr);
}

TEST_F(SlotTest, GetsTheTrialWhoseReplyWasLost) {
  coordinator_.lease_failures = {FakeCoordinator::LostReply()};
  coordinator_.trials = {MakeAssignment(1), MakeAssignment(2)};
  Step(2);
  ASSERT_NE(slot_.session(), nullptr);
  EXPECT_EQ(slot_.session()->assignment().token, Token(1));
}

TEST_F(SlotTest, HoldsItsLeaseOnlyWhileItHasATrial) {
  coordinator_.trials = {MakeAssignment(1)};
  Step(2);
  EXPECT_EQ(keeper_.Step(), clock_.Now() + absl::Seconds(20));
  RunTrial();
  EXPECT_EQ(keeper_.Step(), absl::InfiniteFuture());
}

TEST_F(SlotTest, StopsTheTrialWhenARenewalSaysSo) {
  coordinator_.trials = {MakeAssignment(1)};
  coordinator_.renew_verdicts[Token(1)] = Verdict::kStop;
  Step(2);
  clock_.Advance(absl::Seconds(20));
  keeper_.Step();
  Step(1);
  EXPECT_THAT(coordinator_.outcomes[Token(1)], ElementsAre(Outcome(Stopped{})));
  EXPECT_EQ(slot_.session(), nullptr);
}

TEST_F(SlotTest, DropsTheTrialWhenARenewalFindsItLost) {
  coordinator_.trials = {MakeAssignment(1), MakeAssignment(2)};
  coordinator_.renew_verdicts[Token(1)] = Verdict::kLeaseLost;
  runner_.before_step = [this](int64_t step) {
    if (step != 2 || runner_.starts != 1) return;
    clock_.Advance(absl::Seconds(20));  // in the middle of the step
    keeper_.Step();
  };
  Step(3);
  EXPECT_EQ(runner_.advanced, 1);  // cut short
  Step(1);
  EXPECT_EQ(slot_.session(), nullptr);
  EXPECT_THAT(coordinator_.outcomes[Token(1)], IsEmpty());
}

TEST_F(SlotTest, PausesAfterATrialWhoseEndIsRefused) {
  coordinator_.trials = {MakeAssignment(1)};
  runner_.outcome = absl::InternalError("no memory");
  coordinator_.finish_failures = {{absl::InvalidArgumentError("no text")}};
  absl::Time next = slot_.Step();
  while (slot_.session() != nullptr) next = slot_.Step();
  EXPECT_GT(next, clock_.Now());
}

TEST_F(SlotTest, GoesOnWithTheNextTrialAfterABrokenOne) {
  coordinator_.trials = {MakeAssignment(1), MakeAssignment(2)};
  coordinator_.exhausted = true;
  runner_.outcome = absl::InternalError("no memory");
  Step();
  EXPECT_THAT(coordinator_.outcomes[Token(1)],
              ElementsAre(Outcome(Broken{"no memory"})));
  EXPECT_THAT(coordinator_.outcomes[Token(2)],
              ElementsAre(Outcome(Broken{"no memory"})));
  EXPECT_THAT(slot_.result(), IsOk());
}

TEST_F(SlotTest, EndsTheTrialThatRunsWhenItDrains) {
  coordinator_.trials = {MakeAssignment(1), MakeAssignment(2)};
  Step(2);
  slot_.Drain();
  Step();
  EXPECT_TRUE(slot_.done());
  EXPECT_THAT(coordinator_.outcomes[Token(1)],
              ElementsAre(Outcome(Finished{})));
  EXPECT_EQ(coordinator_.lease_requests.size(), 1);
  EXPECT_THAT(slot_.result(), IsOk());
}

TEST_F(SlotTest, IsDoneAtOnceWhenItDrainsWithoutATrial) {
  Step(1);
  slot_.Drain();
  EXPECT_EQ(slot_.Step(), absl::InfiniteFuture());
  EXPECT_TRUE(slot_.done());
  EXPECT_EQ(coordinator_.lease_requests.size(), 1);
}

TEST_F(SlotTest, HandsBackATrialThatAnInterruptedCallHadGot) {
  coordinator_.trials = {MakeAssignment(1)};
  coordinator_.lease_failures = {{absl::CancelledError("drained"), true}};
  Step(1);
  slot_.Drain();
  Step();
  EXPECT_TRUE(slot_.done());
  EXPECT_THAT(coordinator_.released, ElementsAre(Token(1)));
  EXPECT_EQ(coordinator_.lease_requests.back().wait, absl::ZeroDuration());
  EXPECT_EQ(runner_.starts, 0);
}

TEST_F(SlotTest, AsksOnlyOnceForATrialItIsNotSureOf) {
  coordinator_.lease_failures = {{Away()}, {Away()}};
  Step(1);
  slot_.Drain();
  Step(1);
  EXPECT_TRUE(slot_.done());
  EXPECT_THAT(slot_.result(), IsOk());
}

TEST_F(SlotTest, HandsBackATrialThatCameWhileItWasToldToDrain) {
  struct Draining : FakeCoordinator {
    Slot* slot = nullptr;
    absl::StatusOr<LeaseReply> LeaseTrials(const LeaseRequest& r) override {
      slot->Drain();
      return FakeCoordinator::LeaseTrials(r);
    }
  } coordinator;
  Slot draining(
      {.worker = {"w"}, .session = {.retry = kExactRetry}},
      {.coordinator = &coordinator, .runner = &runner_, .clock = &clock_},
      &keeper_, Rng(1));
  coordinator.slot = &draining;
  coordinator.trials = {MakeAssignment(1)};
  for (int i = 0; i < 5; ++i) draining.Step();
  EXPECT_TRUE(draining.done());
  EXPECT_THAT(coordinator.released, ElementsAre(Token(1)));
}

TEST_F(SlotTest, HandsTheTrialBackInTheMiddleOfAStep) {
  coordinator_.trials = {MakeAssignment(1)};
  runner_.before_step = [this](int64_t step) {
    if (step == 2) slot_.HandBack();
  };
  Step();
  EXPECT_TRUE(slot_.done());
  EXPECT_THAT(slot_.result(), IsOk());
  EXPECT_THAT(coordinator_.steps[Token(1)], ElementsAre(1));
  EXPECT_THAT(coordinator_.released, ElementsAre(Token(1)));
  EXPECT_THAT(coordinator_.outcomes[Token(1)], IsEmpty());
}

TEST_F(SlotTest, GivesUpHandingBackAfterFiveSeconds) {
  coordinator_.trials = {MakeAssignment(1)};
  Step(2);
  for (int i = 0; i < 50; ++i)
    coordinator_.release_failures.push_back({Away()});
  const absl::Time told = clock_.Now();
  slot_.Drain();
  slot_.HandBack();
  Step();
  EXPECT_TRUE(slot_.done());
  EXPECT_EQ(clock_.Now() - told, absl::Seconds(5));
  EXPECT_THAT(slot_.result(),
              StatusIs(absl::StatusCode::kUnavailable,
                       HasSubstr("trial 1 of study demo, attempt 1")));
}

TEST_F(SlotTest, GivesUpDeliveringAfterThirtySecondsOfDraining) {
  coordinator_.trials = {MakeAssignment(1)};
  for (int i = 0; i < 50; ++i) {
    coordinator_.report_failures.push_back({Away()});
    coordinator_.finish_failures.push_back({Away()});
  }
  Step(2);
  const absl::Time told = clock_.Now();
  slot_.Drain();
  Step();
  EXPECT_TRUE(slot_.done());
  EXPECT_EQ(clock_.Now() - told, absl::Seconds(30));
  EXPECT_THAT(slot_.result(), StatusIs(absl::StatusCode::kUnavailable,
                                       HasSubstr("3 measurements")));
}

TEST_F(SlotTest, CountsItsPatienceFromTheEndOfATrialThatOutlastsTheDrain) {
  coordinator_.trials = {MakeAssignment(1)};
  for (int i = 0; i < 100; ++i) {
    coordinator_.report_failures.push_back({Away()});
    coordinator_.finish_failures.push_back({Away()});
  }
  absl::Time ended;
  runner_.before_step = [&](int64_t) {
    clock_.Advance(absl::Minutes(1));
    ended = clock_.Now();
  };
  Step(2);
  slot_.Drain();
  Step();
  EXPECT_TRUE(slot_.done());
  EXPECT_EQ(clock_.Now() - ended, absl::Seconds(30));
  EXPECT_EQ(runner_.advanced, 3);
}

TEST_F(SlotTest, CountsItsPatienceFromWhenItHadToPauseTraining) {
  Slot slot(
      {.worker = {"w"},
       .session = {.retry = kExactRetry, .max_pending = 2, .max_per_call = 1}},
      context_, &keeper_, Rng(1));
  coordinator_.trials = {MakeAssignment(1)};
  for (int i = 0; i < 100; ++i) {
    coordinator_.report_failures.push_back({Away()});
  }
  runner_.before_step = [this](int64_t) { clock_.Advance(absl::Minutes(1)); };
  slot.Step();
  slot.Drain();
  slot.Step();
  slot.Step();
  EXPECT_EQ(runner_.advanced, 2);  // as many as it may keep
  EXPECT_FALSE(slot.done());
  const absl::Time paused = clock_.Now();
  for (int i = 0; i < 100 && !slot.done(); ++i) {
    const absl::Time next = slot.Step();
    if (!slot.done()) clock_.SetTime(next);
  }
  EXPECT_EQ(clock_.Now() - paused, absl::Seconds(30));
  EXPECT_THAT(slot.result(), StatusIs(absl::StatusCode::kUnavailable,
                                      HasSubstr("attempt 1: 2 measurements")));
}

TEST_F(SlotTest, GoesOnLookingForTheCoordinatorWhileItIsNotToldToLeave) {
  coordinator_.trials = {MakeAssignment(1)};
  for (int i = 0; i < 100; ++i) {
    coordinator_.finish_failures.push_back({Away()});
  }
  RunTrial();
  EXPECT_THAT(coordinator_.outcomes[Token(1)], IsEmpty());
  ASSERT_NE(slot_.session(), nullptr);
  RunTrial();
  EXPECT_THAT(coordinator_.outcomes[Token(1)],
              ElementsAre(Outcome(Finished{})));
}

TEST_F(SlotTest, FailsWhenItsStudyIsNotThereAndItIsToExitWhenDone) {
  coordinator_.lease_failures = {{absl::NotFoundError("no study demo")}};
  Step(1);
  EXPECT_TRUE(slot_.done());
  EXPECT_THAT(slot_.result(), StatusIs(absl::StatusCode::kNotFound));
}

TEST_F(SlotTest, KeepsAskingWhenTheCoordinatorRefuses) {
  coordinator_.lease_failures = {{absl::UnimplementedError("what?")},
                                 {absl::UnimplementedError("what?")}};
  coordinator_.trials = {MakeAssignment(1)};
  const absl::Time before = clock_.Now();
  Step(3);
  EXPECT_EQ(clock_.Now() - before, absl::Seconds(8));
  EXPECT_NE(slot_.session(), nullptr);
}

TEST_F(SlotTest, DoesNotRunATrialOfAnotherWorker) {
  coordinator_.trials = {MakeAssignment(1, "somebody else")};
  Step(1);
  EXPECT_EQ(slot_.session(), nullptr);
}

}  // namespace
}  // namespace attune

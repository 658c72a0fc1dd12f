#include "server/lease_desk.h"

#include <memory>
#include <set>
#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/server/coordinator_fixture.h"

namespace attune {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

class LeaseDeskTest : public CoordinatorFixture {
 protected:
  static LeaseReply ReplyOf(const std::shared_ptr<Call>& call) {
    ATTUNE_CHECK(call->result.has_value());
    const auto reply = As<LeaseReply>(*call->result);
    ATTUNE_CHECK(reply.ok());
    return *reply;
  }
  // Of the only assignment; 0 if there is none.
  static int64_t NumberOf(const LeaseReply& reply) {
    return reply.assignments.empty() ? 0
                                     : reply.assignments[0].token.trial.number;
  }
  StudySpec OneAtATime(absl::string_view name = "test-study") {
    StudySpec spec = MakeStudySpec(name);
    spec.budget.max_parallel = 1;
    return spec;
  }
};

TEST_F(LeaseDeskTest, AnAssignmentHasAllThatIsNeededToRunIt) {
  StudySpec spec = MakeStudySpec();
  spec.task = FunctionTask{.name = "sphere"};
  spec.objectives[0].metric = "value";
  spec.space.parameters.push_back({.name = "a", .domain = DoubleRange{}});
  ATTUNE_ASSERT_OK_AND_ASSIGN(const Study study, Create(spec));
  const Assignment trial = Assign("w");
  EXPECT_EQ(trial.worker.value, "w");
  EXPECT_EQ(trial.token.trial, (TrialId{.study = study.id, .number = 1}));
  EXPECT_EQ(trial.token.attempt, 1);
  EXPECT_EQ(trial.study, "test-study");
  EXPECT_EQ(trial.task, spec.task);
  EXPECT_THAT(trial.parameter_order, ElementsAre("x", "a"));
  EXPECT_THAT(trial.objectives, ElementsAre(Objective{.metric = "value"}));
  EXPECT_EQ(trial.study_seed, spec.seed);
  EXPECT_EQ(trial.seed >> 63, 0U);
  EXPECT_EQ(trial.lease_duration, options_.lease_duration);
  EXPECT_EQ(trial.parameters, StoredTrials()[0].parameters);
}

TEST_F(LeaseDeskTest, AnAssignmentSaysWhetherItIsTheLastAttempt) {
  StudySpec spec = MakeStudySpec();
  spec.max_attempts = 2;
  ATTUNE_ASSERT_OK(Create(spec));
  const Assignment first = Assign("w");
  EXPECT_FALSE(first.last_attempt);
  ATTUNE_ASSERT_OK(Release(first.token));
  const Assignment second = Assign("w");
  EXPECT_FALSE(second.last_attempt);
  ATTUNE_ASSERT_OK(Finish(second.token, Broken{.message = "no disk"}));
  const Assignment third = Assign("w");
  EXPECT_EQ(third.token.trial, first.token.trial);
  EXPECT_TRUE(third.last_attempt);
}

TEST_F(LeaseDeskTest, AWorkerThatAsksAgainGetsTheTrialItHolds) {
  ATTUNE_ASSERT_OK(Create(MakeStudySpec()));
  const LeaseToken first = Token("w");
  EXPECT_EQ(Token("w"), first);
  EXPECT_EQ(Token("v").trial.number, 2);
  EXPECT_THAT(StoredTrials(), SizeIs(2));
}

TEST_F(LeaseDeskTest, EachWorkerOfACallGetsATrial) {
  ATTUNE_ASSERT_OK(Create(MakeStudySpec()));
  LeaseTrials lease = LeaseOf("a");
  lease.request.workers.push_back({"b"});
  ATTUNE_ASSERT_OK_AND_ASSIGN(const LeaseReply reply,
                              As<LeaseReply>(Do(lease)));
  ASSERT_THAT(reply.assignments, SizeIs(2));
  EXPECT_EQ(reply.assignments[1].worker.value, "b");
  EXPECT_EQ(reply.assignments[1].token.trial.number, 2);
}

TEST_F(LeaseDeskTest, WaitingTrialsComeBeforeNewOnesLowestFirst) {
  ATTUNE_ASSERT_OK(Create(MakeStudySpec()));
  const LeaseToken one = Token("a");
  const LeaseToken two = Token("b");
  ATTUNE_ASSERT_OK(Release(two));
  ATTUNE_ASSERT_OK(Release(one));
  EXPECT_EQ(Token("c").trial.number, 1);
  EXPECT_EQ(Token("d").trial.number, 2);
  EXPECT_EQ(Token("e").trial.number, 3);
}

TEST_F(LeaseDeskTest, BudgetsAreExactWithinOneBatch) {
  StudySpec spec = MakeStudySpec();
  spec.budget = {.max_trials = 5, .max_parallel = 3};
  ATTUNE_ASSERT_OK(Create(spec));
  std::vector<Command> asks;
  for (int i = 0; i < 8; ++i) asks.push_back(LeaseOf(std::to_string(i)));
  int leased = 0;
  for (Result& result : DoAll(std::move(asks))) {
    leased +=
        static_cast<int>(As<LeaseReply>(std::move(result))->assignments.size());
  }
  EXPECT_EQ(leased, 3);
  EXPECT_THAT(StoredTrials(), SizeIs(3));
}

TEST_F(LeaseDeskTest, StudiesShareWorkersFairly) {
  ATTUNE_ASSERT_OK(Create(MakeStudySpec("first")));
  ATTUNE_ASSERT_OK(Create(MakeStudySpec("second")));
  EXPECT_EQ(Assign("a").study, "first");
  EXPECT_EQ(Assign("b").study, "second");
  const LeaseToken third = Assign("c").token;
  EXPECT_EQ(Assign("d").study, "second");
  ATTUNE_ASSERT_OK(Complete(third));
  EXPECT_EQ(Assign("e").study, "first");
}

TEST_F(LeaseDeskTest, AStudyThatIsNamedIsTheOnlyOneAsked) {
  ATTUNE_ASSERT_OK(Create(MakeStudySpec("first")));
  ATTUNE_ASSERT_OK(Create(MakeStudySpec("second")));
  EXPECT_EQ(Assign("a", "second").study, "second");
  EXPECT_EQ(Assign("a", "first").study, "first");
  EXPECT_THAT(Lease("b", "third"), HasReason(reason::kStudyNotFound));
}

TEST_F(LeaseDeskTest, AStudyWithoutATaskIsNotForThoseWhoNeedOne) {
  LeaseTrials lease = LeaseOf("w", "", absl::Seconds(30));
  lease.request.with_task = true;
  ATTUNE_ASSERT_OK(Create(MakeStudySpec("own-loop")));
  ATTUNE_ASSERT_OK_AND_ASSIGN(const LeaseReply none, As<LeaseReply>(Do(lease)));
  EXPECT_THAT(none.assignments, IsEmpty());
  EXPECT_TRUE(none.exhausted);
  EXPECT_EQ(Assign("a").study, "own-loop");

  StudySpec with_task = OneAtATime("with-task");
  with_task.task = FunctionTask{.name = "sphere"};
  with_task.objectives[0].metric = "value";
  ATTUNE_ASSERT_OK(Create(with_task));
  const LeaseToken first = Assign("b", "with-task").token;
  const auto call = Start(lease);
  EXPECT_FALSE(call->result.has_value());
  ATTUNE_ASSERT_OK(Release(first));
  EXPECT_EQ(ReplyOf(call).assignments[0].study, "with-task");
}

TEST_F(LeaseDeskTest, WhoWaitsIsAnsweredWhenATrialIsFree) {
  ATTUNE_ASSERT_OK(Create(OneAtATime()));
  const LeaseToken token = Token("a");
  const auto waiting = Wait("b");
  EXPECT_FALSE(waiting->result.has_value());
  ATTUNE_ASSERT_OK(Complete(token));
  EXPECT_EQ(NumberOf(ReplyOf(waiting)), 2);
}

TEST_F(LeaseDeskTest, WhoWaitsIsServedInOrderAndBeforeNewcomers) {
  ATTUNE_ASSERT_OK(Create(OneAtATime()));
  const LeaseToken token = Token("a");
  const auto named = Wait("b", "test-study");
  const auto any = Wait("c");
  const std::vector<Result> results =
      DoAll({FinishTrial{
                 token, {{.step = 1, .metrics = {{"loss", 1.0}}}}, Finished()},
             LeaseOf("d")});
  EXPECT_EQ(NumberOf(ReplyOf(named)), 2);
  EXPECT_FALSE(any->result.has_value());
  EXPECT_THAT(As<LeaseReply>(results[1])->assignments, IsEmpty());
}

TEST_F(LeaseDeskTest, AWaitEndsAfterItsTimeOrAMinute) {
  ATTUNE_ASSERT_OK(Create(OneAtATime()));
  const LeaseToken token = Token("a");
  const auto brief = Wait("b", "", absl::Seconds(3));
  const auto forever = Wait("c", "", absl::Hours(1));
  EXPECT_EQ(coordinator_->NextTick(), now_ + absl::Seconds(3));
  Advance(absl::Seconds(3));
  EXPECT_THAT(ReplyOf(brief).assignments, IsEmpty());
  EXPECT_FALSE(ReplyOf(brief).exhausted);
  ATTUNE_ASSERT_OK(Renew(token));
  Advance(absl::Seconds(56));
  EXPECT_FALSE(forever->result.has_value());
  Advance(absl::Seconds(1));
  EXPECT_THAT(ReplyOf(forever).assignments, IsEmpty());
}

TEST_F(LeaseDeskTest, AWorkerThatAsksTwiceWaitsOnce) {
  ATTUNE_ASSERT_OK(Create(OneAtATime()));
  const LeaseToken token = Token("a");
  const auto lost = Wait("b");
  const auto again = Wait("b");
  EXPECT_THAT(ReplyOf(lost).assignments, IsEmpty());
  EXPECT_FALSE(again->result.has_value());
  ATTUNE_ASSERT_OK(Complete(token));
  EXPECT_EQ(NumberOf(ReplyOf(again)), 2);
}

TEST_F(LeaseDeskTest, ACallerThatHasGoneGetsNoTrial) {
  ATTUNE_ASSERT_OK(Create(OneAtATime()));
  const LeaseToken token = Token("a");
  bool gone = false;
  auto call = std::make_shared<Call>();
  Request request = Ask(LeaseOf("b", "", absl::Seconds(30)), call);
  request.abandoned = [&gone] { return gone; };
  std::vector<Request> batch;
  batch.push_back(std::move(request));
  coordinator_->Process(std::move(batch), now_);
  const auto next = Wait("c");
  gone = true;
  ATTUNE_ASSERT_OK(Complete(token));
  EXPECT_THAT(ReplyOf(call).assignments, IsEmpty());
  EXPECT_EQ(NumberOf(ReplyOf(next)), 2);
}

TEST_F(LeaseDeskTest, IsExhaustedWhenThereIsNoStudy) {
  ATTUNE_ASSERT_OK_AND_ASSIGN(const LeaseReply reply, Lease("w"));
  EXPECT_TRUE(reply.exhausted);
}

TEST_F(LeaseDeskTest, IsNotExhaustedWhileATrialMayComeBack) {
  StudySpec spec = MakeStudySpec();
  spec.budget.max_trials = 1;
  ATTUNE_ASSERT_OK(Create(spec));
  const LeaseToken token = Token("a");
  ATTUNE_ASSERT_OK_AND_ASSIGN(const LeaseReply reply, Lease("b"));
  EXPECT_FALSE(reply.exhausted);
  const auto any = Wait("c");
  const auto named = Wait("d", "test-study");
  ATTUNE_ASSERT_OK(Complete(token));
  EXPECT_TRUE(ReplyOf(any).exhausted);
  EXPECT_TRUE(ReplyOf(named).exhausted);
  EXPECT_TRUE(Lease("e")->exhausted);
}

TEST_F(LeaseDeskTest, APausedStudyIsNotExhaustedAStoppedOneIs) {
  ATTUNE_ASSERT_OK(Create(MakeStudySpec()));
  ATTUNE_ASSERT_OK(Do(PauseStudy{"test-study"}));
  EXPECT_FALSE(Lease("a", "test-study")->exhausted);
  const auto waiting = Wait("a", "test-study");
  ATTUNE_ASSERT_OK(Do(StopStudy{"test-study"}));
  EXPECT_TRUE(ReplyOf(waiting).exhausted);
  EXPECT_TRUE(Lease("a")->exhausted);
}

TEST_F(LeaseDeskTest, WhoWaitsForADeletedStudyIsToldSo) {
  ATTUNE_ASSERT_OK(Create(OneAtATime("first")));
  ATTUNE_ASSERT_OK(Create(OneAtATime("second")));
  Token("a");
  Token("b");
  const auto named = Wait("c", "first");
  const auto any = Wait("d");
  ATTUNE_ASSERT_OK(Do(DeleteStudy{"first"}));
  EXPECT_THAT(*named->result, HasReason(reason::kStudyNotFound));
  EXPECT_FALSE(any->result.has_value());
}

TEST_F(LeaseDeskTest, ANewStudyServesThoseWhoWait) {
  ATTUNE_ASSERT_OK(Create(OneAtATime("first")));
  Token("a");
  const auto waiting = Wait("b");
  ATTUNE_ASSERT_OK(Create(MakeStudySpec("second")));
  EXPECT_EQ(ReplyOf(waiting).assignments[0].study, "second");
}

TEST_F(LeaseDeskTest, TheSeedIsTheTrialsOwnInEveryAttempt) {
  ATTUNE_ASSERT_OK(Create(MakeStudySpec()));
  const Assignment first = Assign("a");
  ATTUNE_ASSERT_OK(Release(first.token));
  const Assignment again = Assign("b");
  EXPECT_EQ(again.token.attempt, 2);
  EXPECT_EQ(again.seed, first.seed);
  EXPECT_NE(Assign("c").seed, first.seed);
}

TEST_F(LeaseDeskTest, OnlySoManyWait) {
  options_.max_waiting = 2;
  Restart();
  ATTUNE_ASSERT_OK(Create(MakeStudySpec()));
  ATTUNE_ASSERT_OK(Do(PauseStudy{"test-study"}).status());
  const auto first = Wait("a");
  const auto second = Wait("b");
  const auto third = Wait("c");
  ASSERT_TRUE(third->result.has_value());
  EXPECT_EQ(Reason(third->result->status()), reason::kLimitReached);
  EXPECT_FALSE(first->result.has_value());
  ATTUNE_ASSERT_OK(Do(ResumeStudy{"test-study"}).status());
  EXPECT_TRUE(first->result.has_value() && second->result.has_value());
}

}  // namespace
}  // namespace attune

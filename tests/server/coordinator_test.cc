#include "server/coordinator.h"

#include <memory>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/server/coordinator_fixture.h"

namespace attune {
namespace {

using testing::IsEmpty;
using testing::SizeIs;

class CoordinatorTest : public CoordinatorFixture {
 protected:
  void FailCommits(bool fail) {
    storage_.fail_commit = [fail] { return fail; };
  }
};

TEST_F(CoordinatorTest, ABatchIsOneCommit) {
  ATTUNE_ASSERT_OK(Create(MakeStudySpec()));
  const LeaseToken token = Token("a");
  const int commits = storage_.commits;
  DoAll({LeaseOf("b"), LeaseOf("c"),
         FinishTrial{
             token, {{.step = 1, .metrics = {{"loss", 1.0}}}}, Finished()},
         CreateStudy{MakeStudySpec("other")}});
  EXPECT_EQ(storage_.commits, commits + 1);
}

TEST_F(CoordinatorTest, LaterRequestsOfABatchSeeTheEarlierOnes) {
  const auto results = DoAll({CreateStudy{MakeStudySpec()}, LeaseOf("a"),
                              PauseStudy{"test-study"}, LeaseOf("b"),
                              ResumeStudy{"test-study"}, LeaseOf("a")});
  EXPECT_THAT(As<LeaseReply>(results[1])->assignments, SizeIs(1));
  EXPECT_THAT(As<LeaseReply>(results[3])->assignments, IsEmpty());
  EXPECT_EQ(As<LeaseReply>(results[5])->assignments[0].token,
            As<LeaseReply>(results[1])->assignments[0].token);
  EXPECT_EQ(StoredStudy().revision, 1);
}

TEST_F(CoordinatorTest, ARequestThatChangesNothingCommitsNothing) {
  ATTUNE_ASSERT_OK(Create(MakeStudySpec()));
  const LeaseToken token = Token("a");
  const int commits = storage_.commits;
  ATTUNE_ASSERT_OK(Renew(token));
  ATTUNE_ASSERT_OK(Lease("a"));
  ATTUNE_ASSERT_OK(Create(MakeStudySpec()));
  EXPECT_EQ(storage_.commits, commits);
}

TEST_F(CoordinatorTest, AStudyKeepsItsNameWhenItsSuccessorIsNotStored) {
  ATTUNE_ASSERT_OK(Create(MakeStudySpec()));
  StudySpec other = MakeStudySpec();
  other.seed = 9;
  FailCommits(true);
  DoAll({DeleteStudy{"test-study"}, CreateStudy{other}});
  FailCommits(false);
  ATTUNE_EXPECT_OK(Create(MakeStudySpec()));  // the one that is there
  EXPECT_EQ(Assign("w").study, "test-study");
}

TEST_F(CoordinatorTest, AFailedCommitTakesBackWhatRestsOnIt) {
  ATTUNE_ASSERT_OK(Create(MakeStudySpec()));
  const LeaseToken token = Token("a");
  FailCommits(true);
  const auto results =
      DoAll({RenewLeases{{token}}, LeaseOf(""),
             ReportMeasurements{token, {{.step = 1, .metrics = {{"loss", 1}}}}},
             RenewLeases{{token}}, LeaseOf("")});
  ATTUNE_EXPECT_OK(results[0]);  // rests on nothing of the batch
  EXPECT_THAT(results[1], HasReason(reason::kInvalidField));
  EXPECT_THAT(results[2], HasReason(reason::kStorageUnavailable));
  EXPECT_THAT(results[3], HasReason(reason::kStorageUnavailable));
  EXPECT_THAT(results[4], HasReason(reason::kInvalidField));
  EXPECT_THAT(StoredMeasurements(token.trial), IsEmpty());
}

TEST_F(CoordinatorTest, WorkGoesOnAfterTheDiskIsBack) {
  ATTUNE_ASSERT_OK(Create(MakeStudySpec()));
  const LeaseToken token = Token("a");
  FailCommits(true);
  EXPECT_THAT(Complete(token), HasReason(reason::kStorageUnavailable));
  EXPECT_THAT(Lease("b"), HasReason(reason::kStorageUnavailable));
  EXPECT_THAT(Create(MakeStudySpec("other")),
              HasReason(reason::kStorageUnavailable));
  FailCommits(false);
  ATTUNE_ASSERT_OK(Complete(token));
  EXPECT_EQ(Token("b").trial.number, 2);
  ATTUNE_ASSERT_OK(Create(MakeStudySpec("other")));
}

TEST_F(CoordinatorTest, AnExpiryThatCannotBeStoredIsTriedAgainLater) {
  ATTUNE_ASSERT_OK(Create(MakeStudySpec()));
  const LeaseToken token = Token("a");
  FailCommits(true);
  Advance(options_.lease_duration);
  EXPECT_GT(coordinator_->NextTick(), now_);
  EXPECT_EQ(StateName(StoredTrial(token.trial).state), "running");
  FailCommits(false);
  Advance(coordinator_->NextTick() - now_);
  EXPECT_EQ(StateName(StoredTrial(token.trial).state), "waiting");
}

TEST_F(CoordinatorTest, ARestartForgetsNothingAndExtendsLeases) {
  ATTUNE_ASSERT_OK(Create(MakeStudySpec()));
  const LeaseToken token = Token("a");
  ATTUNE_ASSERT_OK(Report(token, {{.step = 1, .metrics = {{"loss", 0.5}}}}));
  now_ += absl::Hours(2);
  Restart();
  EXPECT_EQ(coordinator_->NextTick(), now_ + options_.lease_duration);
  EXPECT_EQ(Token("a"), token);
  ATTUNE_ASSERT_OK(Finish(token));
  EXPECT_EQ(std::get<Completed>(StoredTrial(token.trial).state).objectives[0],
            0.5);
}

TEST_F(CoordinatorTest, AClockThatJumpsBackDoesNoHarm) {
  ATTUNE_ASSERT_OK(Create(MakeStudySpec()));
  const LeaseToken token = Token("a");
  now_ -= absl::Hours(1);
  coordinator_->Tick(now_);
  EXPECT_EQ(coordinator_->NextTick(), now_ + options_.lease_duration);
  ATTUNE_ASSERT_OK(Complete(token));
  const Trial trial = StoredTrial(token.trial);
  EXPECT_GE(*trial.end_time, *trial.start_time);
}

TEST_F(CoordinatorTest, NothingIsDueWhereNothingRuns) {
  EXPECT_EQ(coordinator_->NextTick(), absl::InfiniteFuture());
  ATTUNE_ASSERT_OK(Create(MakeStudySpec()));
  EXPECT_EQ(coordinator_->NextTick(), absl::InfiniteFuture());
}

TEST_F(CoordinatorTest, AnswersWhoWaitsBeforeTheEnd) {
  ATTUNE_ASSERT_OK(Create(MakeStudySpec()));
  ATTUNE_ASSERT_OK(Do(PauseStudy{"test-study"}));
  const auto waiting = Wait("a");
  EXPECT_FALSE(waiting->result.has_value());
  coordinator_->AnswerWaiting();
  EXPECT_THAT(As<LeaseReply>(*waiting->result)->assignments, IsEmpty());
}

TEST_F(CoordinatorTest, AStorageThatCannotBeListedIsAnErrorOfOpen) {
  storage_.fail_read = [] { return true; };
  EXPECT_THAT(Coordinator::Open(&storage_, options_, now_),
              HasReason(reason::kStorageUnavailable));
}

}  // namespace
}  // namespace attune

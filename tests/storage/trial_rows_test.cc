#include "storage/trial_rows.h"

#include <string>

#include "storage/study_rows.h"
#include "tests/testing/builders.h"
#include "tests/testing/schema_test.h"

namespace attune {
namespace {

using testing::AllOf;
using testing::HasSubstr;

class TrialRowsTest : public SchemaTest {
 protected:
  TrialRowsTest() {
    EXPECT_THAT(WriteStudy(*db_, MakeStudy(MakeStudySpec()), false), IsOk());
  }

  void Store(TrialState state) {
    ASSERT_THAT(WriteTrial(*db_, MakeTrial(1, std::move(state))), IsOk());
  }

  void ExpectUnreadable(const std::string& problem) {
    EXPECT_THAT(
        ReadTrials(*db_, {.study = {1}}),
        StatusIs(absl::StatusCode::kDataLoss,
                 AllOf(HasSubstr("table trials"),
                       HasSubstr("studies/1/trials/1"), HasSubstr(problem))));
  }
};

Running SomeLease() {
  return {.lease = {.worker = {"w"}, .deadline = TestTime()}};
}

TEST_F(TrialRowsTest, ARunningTrialHasALease) {
  Store(SomeLease());
  EXPECT_FALSE(Allows("trials", "lease_worker = NULL"));
  EXPECT_FALSE(Allows("trials", "lease_deadline = NULL"));
  EXPECT_FALSE(Allows("trials", "lost = NULL"));
  EXPECT_FALSE(Allows("trials", "state = 'waiting'"));
  EXPECT_FALSE(Allows("trials", "attempt = 0"));
  EXPECT_FALSE(Allows("trials", "end_time = 1"));
  EXPECT_TRUE(Allows("trials", "stop_requested = 'why'"));
}

TEST_F(TrialRowsTest, AWaitingTrialHasNoLeaseAndNoEnd) {
  Store(Waiting{.attempt = 2, .lost = 1});
  EXPECT_FALSE(Allows("trials", "lease_worker = 'w'"));
  EXPECT_FALSE(Allows("trials", "lease_deadline = 1"));
  EXPECT_FALSE(Allows("trials", "stop_requested = 'why'"));
  EXPECT_FALSE(Allows("trials", "end_time = 1"));
  EXPECT_FALSE(Allows("trials", "start_time = NULL"));
  EXPECT_FALSE(Allows("trials", "lost = 3"));
  EXPECT_FALSE(Allows("trials", "lost = -1"));
  EXPECT_TRUE(Allows("trials", "lost = 2"));
}

TEST_F(TrialRowsTest, ACompletedTrialHasAnObjective) {
  Store(Completed{.objectives = {0.5}});
  EXPECT_FALSE(Allows("trials", "objective = NULL"));
  EXPECT_FALSE(Allows("trials", "state = 'pruned'"));
  EXPECT_FALSE(Allows("trials", "reason = 'why'"));
  EXPECT_FALSE(Allows("trials", "end_time = NULL"));
  EXPECT_FALSE(Allows("trials", "more_objectives = '{}'"));
  EXPECT_TRUE(Allows("trials", "objective = -9e999"));
}

TEST_F(TrialRowsTest, OnlyACompletedTrialHasAnObjective) {
  Store(Pruned{.reason = "median"});
  EXPECT_FALSE(Allows("trials", "objective = 0.5"));
  EXPECT_FALSE(Allows("trials", "more_objectives = '[1.0]'"));
  EXPECT_FALSE(Allows("trials", "reason = NULL"));
  EXPECT_FALSE(Allows("trials", "cause = 'WORKER_ERROR'"));
}

TEST_F(TrialRowsTest, AFailedTrialHasACauseAndAMessage) {
  Store(Failed{.cause = std::string(cause::kWorkerError), .message = "no"});
  EXPECT_FALSE(Allows("trials", "cause = NULL"));
  EXPECT_FALSE(Allows("trials", "message = NULL"));
  EXPECT_FALSE(Allows("trials", "reason = 'why'"));
}

TEST_F(TrialRowsTest, NumbersRevisionsAndWordsAreLegal) {
  Store(Waiting{});
  EXPECT_FALSE(Allows("trials", "number = 0"));
  EXPECT_FALSE(Allows("trials", "revision = 0"));
  EXPECT_FALSE(Allows("trials", "state = 'resting'"));
  EXPECT_FALSE(Allows("trials", "parameters = '[]'"));
  EXPECT_FALSE(Allows("trials", "attempt = -1"));
}

TEST_F(TrialRowsTest, AnAttemptHasAnOutcomeOnceItHasEnded) {
  Store(Completed{.objectives = {0.5}});
  EXPECT_FALSE(Allows("attempts", "outcome = ''"));
  EXPECT_FALSE(Allows("attempts", "end_time = NULL"));
  EXPECT_FALSE(Allows("attempts", "number = 0"));
  EXPECT_TRUE(Allows("attempts", "outcome = '', end_time = NULL"));
}

TEST_F(TrialRowsTest, ANanObjectiveIsRefused) {
  const absl::Status status =
      WriteTrial(*db_, MakeTrial(1, Completed{.objectives = {std::nan("")}}));
  EXPECT_THAT(status, StatusIs(absl::StatusCode::kInternal,
                               HasSubstr("studies/1/trials/1")));
}

TEST_F(TrialRowsTest, DoesNotWriteAttemptsThatDidNotChange) {
  Trial trial = MakeTrial(1, Waiting{.attempt = 3, .lost = 3});
  ATTUNE_ASSERT_OK(WriteTrial(*db_, trial));
  trial.revision = 2;
  ATTUNE_ASSERT_OK_AND_ASSIGN(const int64_t before,
                              db_->QueryInt("SELECT total_changes()"));
  ATTUNE_ASSERT_OK(WriteTrial(*db_, trial));
  EXPECT_THAT(db_->QueryInt("SELECT total_changes()"),
              IsOkAndHolds(before + 1));
}

TEST_F(TrialRowsTest, NamesTheRowOfAnUnknownState) {
  Store(Waiting{});
  Damage("trials", "state = 'resting'");
  ExpectUnreadable("found the state 'resting'");
}

TEST_F(TrialRowsTest, NamesTheRowOfAStateWithoutItsData) {
  Store(Completed{.objectives = {0.5}});
  Damage("trials", "objective = NULL");
  ExpectUnreadable("'completed'");
}

TEST_F(TrialRowsTest, NamesTheRowOfDamagedParameters) {
  Store(Waiting{});
  Damage("trials", "parameters = '[1]'");
  ExpectUnreadable("parameters: found [1]");
}

TEST_F(TrialRowsTest, NamesTheRowOfAnObjectiveThatIsNoNumber) {
  Store(Completed{.objectives = {0.5}});
  ASSERT_TRUE(Allows("trials", "more_objectives = '[true]'"));
  ExpectUnreadable("found objective true");
}

}  // namespace
}  // namespace attune

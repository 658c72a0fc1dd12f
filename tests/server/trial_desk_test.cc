#include "server/trial_desk.h"

#include <string>
#include <variant>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/server/coordinator_fixture.h"

namespace attune {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

StudySpec WithoutSearch() {
  StudySpec spec = MakeStudySpec();
  spec.space = {};
  return spec;
}

class TrialDeskTest : public CoordinatorFixture {
 protected:
  static CreateTrials Planned(std::vector<Parameters> points,
                              std::string request_id = "") {
    CreateTrials command = {.study = "test-study",
                            .request_id = std::move(request_id)};
    for (Parameters& point : points) {
      command.trials.push_back({.parameters = std::move(point)});
    }
    return command;
  }
  absl::StatusOr<std::vector<Trial>> Trials(Command command) {
    auto reply = As<TrialsReply>(Do(std::move(command)));
    if (!reply.ok()) return reply.status();
    EXPECT_EQ(reply->study, "test-study");
    return reply->trials;
  }
  absl::StatusOr<Trial> One(Command command) {
    auto trials = Trials(std::move(command));
    if (!trials.ok()) return trials.status();
    ATTUNE_CHECK(trials->size() == 1);
    return trials->front();
  }
  absl::StatusOr<LeaseReply> Suggest(int64_t count,
                                     std::string request_id = "") {
    return As<LeaseReply>(Do(SuggestTrials{.study = "test-study",
                                           .worker = {"me"},
                                           .count = count,
                                           .request_id = request_id}));
  }
  static std::vector<int64_t> Numbers(const LeaseReply& reply) {
    std::vector<int64_t> numbers;
    for (const Assignment& assignment : reply.assignments) {
      numbers.push_back(assignment.token.trial.number);
    }
    return numbers;
  }
};

// ---- creating ---------------------------------------------------------------

TEST_F(TrialDeskTest, CreatedTrialsWaitAndAreHandedOutFirst) {
  ATTUNE_ASSERT_OK(Create(MakeStudySpec()));
  Assign("a");
  CreateTrials command = Planned({{{"x", 0.25}}, {{"x", 0.75}}});
  command.trials[0].attributes = {{"owner", "anna"}};
  ATTUNE_ASSERT_OK_AND_ASSIGN(const auto created, Trials(command));
  ASSERT_THAT(created, SizeIs(2));
  EXPECT_EQ(created[0].id.number, 2);
  EXPECT_EQ(created[0].state, TrialState(Waiting()));
  EXPECT_EQ(created[0].attributes, (Attributes{{"owner", "anna"}}));
  EXPECT_EQ(created[0].create_time, now_);
  EXPECT_EQ(StoredTrial(created[1].id), created[1]);
  EXPECT_EQ(Assign("b").parameters, (Parameters{{"x", 0.25}}));
  EXPECT_EQ(Assign("c").parameters, (Parameters{{"x", 0.75}}));
}

TEST_F(TrialDeskTest, RefusesEveryPointThatIsNotInTheSpace) {
  ATTUNE_ASSERT_OK(Create(MakeStudySpec()));
  const Result result = Do(Planned({{{"x", 0.5}}, {{"x", 7.0}}, {{"y", 0.5}}}));
  EXPECT_TRUE(absl::IsInvalidArgument(result.status()));
  std::vector<std::string> fields;
  for (const Violation& violation : Violations(result.status())) {
    fields.push_back(violation.field);
  }
  EXPECT_THAT(fields, testing::Contains("trials[1].parameters.x"));
  EXPECT_THAT(fields, testing::Contains("trials[2].parameters.y"));
  EXPECT_THAT(StoredTrials(), IsEmpty());
}

TEST_F(TrialDeskTest, RepeatsARequest) {
  ATTUNE_ASSERT_OK(Create(MakeStudySpec()));
  const CreateTrials command = Planned({{{"x", 0.25}}, {{"x", 0.25}}}, "id-1");
  ATTUNE_ASSERT_OK_AND_ASSIGN(const auto first, Trials(command));
  ATTUNE_ASSERT_OK(Complete(Token("a")));
  Restart();
  ATTUNE_ASSERT_OK_AND_ASSIGN(const auto again, Trials(command));
  ASSERT_THAT(again, SizeIs(2));
  EXPECT_EQ(again[0].id, first[0].id);
  EXPECT_EQ(again[1], first[1]);
  EXPECT_THAT(StoredTrials(), SizeIs(2));

  const Result other = Do(Planned({{{"x", 0.5}}}, "id-1"));
  EXPECT_TRUE(absl::IsInvalidArgument(other.status()));
  EXPECT_EQ(Reason(other.status()), reason::kRequestIdReused);
  ATTUNE_ASSERT_OK(Trials(Planned({{{"x", 0.5}}}, "id-2")));
  EXPECT_THAT(StoredTrials(), SizeIs(3));
}

TEST_F(TrialDeskTest, CreatesAllThatTheBudgetAllowsOrNone) {
  StudySpec spec = MakeStudySpec();
  spec.budget.max_trials = 3;
  ATTUNE_ASSERT_OK(Create(spec));
  Assign("a");
  const Result tooMany =
      Do(Planned({{{"x", 0.1}}, {{"x", 0.2}}, {{"x", 0.3}}}));
  EXPECT_TRUE(absl::IsFailedPrecondition(tooMany.status()));
  EXPECT_EQ(Reason(tooMany.status()), reason::kBudgetExhausted);
  EXPECT_THAT(tooMany.status().message(), HasSubstr("which leaves 2, and 3"));
  EXPECT_THAT(StoredTrials(), SizeIs(1));
  ATTUNE_ASSERT_OK(Trials(Planned({{{"x", 0.1}}, {{"x", 0.2}}})));
  EXPECT_THAT(StoredTrials(), SizeIs(3));
}

TEST_F(TrialDeskTest, CreatesNoneOnceTheTimeIsOver) {
  StudySpec spec = MakeStudySpec();
  spec.budget.max_duration = absl::Minutes(1);
  ATTUNE_ASSERT_OK(Create(spec));
  Advance(absl::Minutes(2));
  const Result late = Do(Planned({{{"x", 0.1}}}));
  EXPECT_EQ(Reason(late.status()), reason::kBudgetExhausted);
  EXPECT_EQ(StoredStudy().state, StudyState::kCompleted);
}

TEST_F(TrialDeskTest, AStoppedStudyTakesNoTrials) {
  ATTUNE_ASSERT_OK(Create(MakeStudySpec()));
  ATTUNE_ASSERT_OK(Do(StopStudy{"test-study"}).status());
  const Result refused = Do(Planned({{{"x", 0.1}}}));
  EXPECT_EQ(Reason(refused.status()), reason::kStudyState);
}

TEST_F(TrialDeskTest, ReopensAStudyWhoseSearchHasEnded) {
  StudySpec spec = MakeStudySpec();
  spec.space.parameters = {{.name = "x", .domain = Discrete{{int64_t{1}}}}};
  spec.budget = {};
  ATTUNE_ASSERT_OK(Create(spec));
  ATTUNE_ASSERT_OK(Complete(Token("a")));
  EXPECT_EQ(StoredStudy().state, StudyState::kCompleted);
  ATTUNE_ASSERT_OK(Trials(Planned({{{"x", int64_t{1}}}})));
  EXPECT_EQ(StoredStudy().state, StudyState::kActive);
  ATTUNE_ASSERT_OK(Complete(Token("a")));
  EXPECT_EQ(StoredStudy().state, StudyState::kCompleted);
  EXPECT_THAT(StoredTrials(), SizeIs(2));
}

TEST_F(TrialDeskTest, AStudyWithoutASearchTakesAnyParameters) {
  StudySpec spec = WithoutSearch();
  spec.budget.max_trials = 2;
  ATTUNE_ASSERT_OK(Create(spec));
  ATTUNE_ASSERT_OK_AND_ASSIGN(const LeaseReply none, Lease("a"));
  EXPECT_THAT(none.assignments, IsEmpty());
  EXPECT_FALSE(none.exhausted);
  ATTUNE_ASSERT_OK(Trials(Planned({{{"layers", int64_t{3}}}})));
  EXPECT_EQ(Assign("a").parameters, (Parameters{{"layers", int64_t{3}}}));
  ATTUNE_ASSERT_OK(Complete(Token("a")));
  EXPECT_EQ(StoredStudy().state, StudyState::kActive);
  ATTUNE_ASSERT_OK(Trials(Planned({{{"kind", std::string("b")}}})));
  ATTUNE_ASSERT_OK(Complete(Token("a")));
  EXPECT_EQ(StoredStudy().state, StudyState::kCompleted);
}

// ---- asking without a lease -------------------------------------------------

TEST_F(TrialDeskTest, SuggestedTrialsDoNotExpire) {
  ATTUNE_ASSERT_OK(Create(MakeStudySpec()));
  ATTUNE_ASSERT_OK_AND_ASSIGN(const LeaseReply reply, Suggest(2));
  EXPECT_THAT(Numbers(reply), ElementsAre(1, 2));
  EXPECT_EQ(reply.assignments[0].lease_duration, absl::InfiniteDuration());
  EXPECT_EQ(reply.assignments[0].worker.value, "me");
  Advance(absl::Hours(1000));
  Restart();
  Advance(absl::Hours(1000));
  const LeaseToken token = reply.assignments[0].token;
  EXPECT_THAT(Renew(token), IsOkAndHolds(Verdict::kContinue));
  Advance(absl::Hours(1000));
  ATTUNE_ASSERT_OK(Complete(token, 0.5));
  EXPECT_TRUE(std::holds_alternative<Completed>(StoredTrials()[0].state));
  EXPECT_TRUE(std::holds_alternative<Running>(StoredTrials()[1].state));
}

TEST_F(TrialDeskTest, EachCallGivesOthersAndARequestTheSame) {
  ATTUNE_ASSERT_OK(Create(MakeStudySpec()));
  ATTUNE_ASSERT_OK_AND_ASSIGN(const LeaseReply first, Suggest(2, "ask-1"));
  ATTUNE_ASSERT_OK_AND_ASSIGN(const LeaseReply other, Suggest(1, "ask-2"));
  ATTUNE_ASSERT_OK_AND_ASSIGN(const LeaseReply third, Suggest(1));
  EXPECT_THAT(Numbers(other), ElementsAre(3));
  EXPECT_THAT(Numbers(third), ElementsAre(4));
  ATTUNE_ASSERT_OK(Complete(first.assignments[0].token));
  Restart();
  ATTUNE_ASSERT_OK_AND_ASSIGN(const LeaseReply again, Suggest(2, "ask-1"));
  EXPECT_THAT(Numbers(again), ElementsAre(2));
  EXPECT_EQ(again.assignments[0].token, first.assignments[1].token);
}

// Else two programs would run the same attempt.
TEST_F(TrialDeskTest, ARepeatedAskIsNotGivenWhatAnotherGotSince) {
  ATTUNE_ASSERT_OK(Create(MakeStudySpec()));
  ATTUNE_ASSERT_OK_AND_ASSIGN(const LeaseReply first, Suggest(1, "ask-1"));
  ATTUNE_ASSERT_OK(Release(first.assignments[0].token));
  ATTUNE_ASSERT_OK_AND_ASSIGN(const LeaseReply other, Suggest(1, "ask-2"));
  EXPECT_THAT(Numbers(other), ElementsAre(1));
  ATTUNE_ASSERT_OK_AND_ASSIGN(const LeaseReply again, Suggest(1, "ask-1"));
  EXPECT_THAT(again.assignments, IsEmpty());
}

TEST_F(TrialDeskTest, ALeaseIsNoSuggestion) {
  ATTUNE_ASSERT_OK(Create(MakeStudySpec()));
  ATTUNE_ASSERT_OK_AND_ASSIGN(const LeaseReply reply, Suggest(1));
  EXPECT_EQ(Assign("me").token.trial.number, 2);
  EXPECT_EQ(Assign("me").token.trial.number, 2);
}

TEST_F(TrialDeskTest, SuggestsWhatWaitsFirst) {
  ATTUNE_ASSERT_OK(Create(MakeStudySpec()));
  ATTUNE_ASSERT_OK(Trials(Planned({{{"x", 0.125}}}, "made")));
  ATTUNE_ASSERT_OK_AND_ASSIGN(const LeaseReply reply, Suggest(1, "asked"));
  EXPECT_EQ(reply.assignments[0].parameters, (Parameters{{"x", 0.125}}));
  ATTUNE_ASSERT_OK_AND_ASSIGN(const auto made,
                              Trials(Planned({{{"x", 0.125}}}, "made")));
  EXPECT_EQ(made[0].id.number, 1);
}

TEST_F(TrialDeskTest, SuggestsNoMoreThanTheBudgetAllows) {
  StudySpec spec = MakeStudySpec();
  spec.budget = {.max_trials = 3, .max_parallel = 2};
  ATTUNE_ASSERT_OK(Create(spec));
  ATTUNE_ASSERT_OK_AND_ASSIGN(const LeaseReply first, Suggest(5));
  EXPECT_THAT(Numbers(first), ElementsAre(1, 2));
  ATTUNE_ASSERT_OK(Complete(first.assignments[0].token));
  ATTUNE_ASSERT_OK_AND_ASSIGN(const LeaseReply second, Suggest(5));
  EXPECT_THAT(Numbers(second), ElementsAre(3));
  ATTUNE_ASSERT_OK(Complete(first.assignments[1].token));
  ATTUNE_ASSERT_OK_AND_ASSIGN(const LeaseReply none, Suggest(5));
  EXPECT_THAT(none.assignments, IsEmpty());
  EXPECT_FALSE(none.exhausted);
  ATTUNE_ASSERT_OK(Complete(second.assignments[0].token));
  ATTUNE_ASSERT_OK_AND_ASSIGN(const LeaseReply over, Suggest(5));
  EXPECT_TRUE(over.exhausted);
}

TEST_F(TrialDeskTest, CannotSuggestWithoutASearch) {
  ATTUNE_ASSERT_OK(Create(WithoutSearch()));
  EXPECT_EQ(Reason(Suggest(1).status()), reason::kNoSearchSpace);
  ATTUNE_ASSERT_OK(Trials(Planned({{{"z", 1.0}}})));
  ATTUNE_ASSERT_OK_AND_ASSIGN(const LeaseReply reply, Suggest(5));
  EXPECT_THAT(Numbers(reply), ElementsAre(1));
}

TEST_F(TrialDeskTest, APausedStudySuggestsNothing) {
  ATTUNE_ASSERT_OK(Create(MakeStudySpec()));
  ATTUNE_ASSERT_OK(Do(PauseStudy{"test-study"}).status());
  EXPECT_EQ(Reason(Suggest(1).status()), reason::kStudyState);
}

// ---- ending and retrying ----------------------------------------------------

TEST_F(TrialDeskTest, CancelsWhatWaitsOrRuns) {
  ATTUNE_ASSERT_OK(Create(MakeStudySpec()));
  const LeaseToken token = Token("a");
  ATTUNE_ASSERT_OK_AND_ASSIGN(
      const Trial cancelled,
      One(CancelTrial{.study = "test-study", .number = 1, .reason = "a typo"}));
  EXPECT_EQ(cancelled.state, TrialState(Cancelled{1, "a typo"}));
  EXPECT_EQ(StoredTrials()[0], cancelled);
  EXPECT_EQ(Reason(Complete(token)), reason::kLeaseLost);
  ATTUNE_ASSERT_OK_AND_ASSIGN(
      const Trial again, One(CancelTrial{.study = "test-study", .number = 1}));
  EXPECT_EQ(again, cancelled);

  ATTUNE_ASSERT_OK(Trials(Planned({{{"x", 0.1}}})));
  ATTUNE_ASSERT_OK_AND_ASSIGN(
      const Trial waited, One(CancelTrial{.study = "test-study", .number = 2}));
  EXPECT_EQ(waited.state, TrialState(Cancelled{0, "cancelled by request"}));
}

TEST_F(TrialDeskTest, AskingForWhatCannotBeSaysWhy) {
  ATTUNE_ASSERT_OK(Create(MakeStudySpec()));
  ATTUNE_ASSERT_OK(Complete(Token("a")));
  const absl::Status finished =
      One(CancelTrial{.study = "test-study", .number = 1}).status();
  EXPECT_EQ(Reason(finished), reason::kTrialFinished);
  EXPECT_EQ(Resource(finished), "studies/test-study/trials/1");
  const absl::Status missing =
      One(StopTrial{.study = "test-study", .number = 7}).status();
  EXPECT_TRUE(absl::IsNotFound(missing));
  EXPECT_EQ(Reason(missing), reason::kTrialNotFound);
  EXPECT_EQ(Reason(One(RetryTrial{.study = "other", .number = 1}).status()),
            reason::kStudyNotFound);
  ATTUNE_ASSERT_OK(Trials(Planned({{{"x", 0.1}}})));
  EXPECT_EQ(Reason(One(StopTrial{.study = "test-study", .number = 2}).status()),
            reason::kTrialState);
}

TEST_F(TrialDeskTest, StopsARunningTrial) {
  ATTUNE_ASSERT_OK(Create(MakeStudySpec()));
  const LeaseToken token = Token("a");
  ATTUNE_ASSERT_OK(One(
      StopTrial{.study = "test-study", .number = 1, .reason = "seen enough"}));
  EXPECT_THAT(Renew(token), IsOkAndHolds(Verdict::kStop));
  ATTUNE_ASSERT_OK(Finish(token, Stopped()));
  EXPECT_EQ(StoredTrials()[0].state, TrialState(Pruned{1, "seen enough"}));
}

TEST_F(TrialDeskTest, RetriesInANewTrial) {
  StudySpec spec = MakeStudySpec();
  spec.max_attempts = 1;
  ATTUNE_ASSERT_OK(Create(spec));
  ATTUNE_ASSERT_OK(Finish(Token("a"), Broken{.message = "no such file"}));
  const Trial failed = StoredTrials()[0];
  ATTUNE_ASSERT_OK_AND_ASSIGN(
      const Trial retry, One(RetryTrial{.study = "test-study", .number = 1}));
  EXPECT_EQ(retry.id.number, 2);
  EXPECT_EQ(retry.parameters, failed.parameters);
  EXPECT_EQ(retry.retry_of, 1);
  EXPECT_EQ(StoredTrials()[0], failed);
  ATTUNE_ASSERT_OK_AND_ASSIGN(
      const Trial same, One(RetryTrial{.study = "test-study", .number = 1}));
  EXPECT_EQ(same, retry);
  ATTUNE_ASSERT_OK(Complete(Token("a")));
  EXPECT_EQ(
      Reason(One(RetryTrial{.study = "test-study", .number = 2}).status()),
      reason::kTrialState);
  ATTUNE_ASSERT_OK_AND_ASSIGN(
      const Trial third, One(RetryTrial{.study = "test-study", .number = 1}));
  EXPECT_EQ(third.id.number, 3);
}

TEST_F(TrialDeskTest, ARetryCountsInTheBudget) {
  StudySpec spec = MakeStudySpec();
  spec.max_attempts = 1;
  spec.budget.max_trials = 1;
  ATTUNE_ASSERT_OK(Create(spec));
  ATTUNE_ASSERT_OK(Finish(Token("a"), Broken{.message = "no such file"}));
  EXPECT_EQ(StoredStudy().state, StudyState::kCompleted);
  EXPECT_EQ(
      Reason(One(RetryTrial{.study = "test-study", .number = 1}).status()),
      reason::kBudgetExhausted);
  // What was read for this is given up again.
  EXPECT_EQ(coordinator_->book().Find(StoredStudy().id)->depth(),
            Depth::kLight);
}

// ---- attributes -------------------------------------------------------------

TEST_F(TrialDeskTest, ChangesAttributesOfAnyTrial) {
  StudySpec spec = MakeStudySpec();
  spec.budget.max_trials = 1;
  ATTUNE_ASSERT_OK(Create(spec));
  ATTUNE_ASSERT_OK(Complete(Token("a")));
  const int64_t revision = StoredTrials()[0].revision;
  ATTUNE_ASSERT_OK_AND_ASSIGN(
      const Trial noted,
      One(UpdateTrial{.study = "test-study",
                      .number = 1,
                      .revision = revision,
                      .attributes = {{"note", "the one in the paper"}}}));
  EXPECT_EQ(noted.revision, revision + 1);
  EXPECT_THAT(noted.attempts, SizeIs(1));
  EXPECT_EQ(StoredTrials()[0], noted);
  const absl::Status stale =
      One(UpdateTrial{.study = "test-study", .number = 1, .revision = revision})
          .status();
  EXPECT_TRUE(absl::IsAborted(stale));
  EXPECT_EQ(Reason(stale), reason::kRevisionMismatch);
}

}  // namespace
}  // namespace attune

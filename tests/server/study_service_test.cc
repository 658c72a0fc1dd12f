#include "server/study_service.h"

#include <cmath>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/server/running_server.h"

namespace attune {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::Field;
using testing::IsSupersetOf;
using testing::SizeIs;

class StudyServiceTest : public RunningServerTest {
 protected:
  template <typename Request, typename Response>
  absl::StatusOr<Response> Named(
      grpc::Status (StudyStub::*method)(grpc::ClientContext*, const Request&,
                                        Response*),
      const std::string& name) {
    Request request;
    request.set_name(name);
    return Call(studies(), method, request);
  }
};

std::vector<std::string> FieldsOf(const absl::Status& status) {
  std::vector<std::string> fields;
  for (const Violation& violation : Violations(status)) {
    fields.push_back(violation.field);
  }
  return fields;
}

TEST_F(StudyServiceTest, CreatesAndReturnsAStudy) {
  const StudySpec spec = MakeStudySpec("mnist");
  ATTUNE_ASSERT_OK_AND_ASSIGN(const pb::Study created, Create(spec));
  EXPECT_EQ(created.name(), "studies/mnist");
  EXPECT_EQ(created.state(), pb::Study::ACTIVE);
  EXPECT_THAT(FromProto("mnist", created.spec()), IsOkAndHolds(spec));
  ATTUNE_ASSERT_OK_AND_ASSIGN(const pb::Study read,
                              Named(&StudyStub::GetStudy, "studies/mnist"));
  EXPECT_EQ(read.id(), created.id());
}

TEST_F(StudyServiceTest, CreatingAgainIsTheSameStudyOrAConflict) {
  ATTUNE_ASSERT_OK_AND_ASSIGN(const pb::Study first,
                              Create(MakeStudySpec("mnist")));
  ATTUNE_ASSERT_OK_AND_ASSIGN(const pb::Study again,
                              Create(MakeStudySpec("mnist")));
  EXPECT_EQ(again.id(), first.id());
  StudySpec other = MakeStudySpec("mnist");
  other.seed = 77;
  const absl::Status status = Create(other).status();
  EXPECT_THAT(status, StatusIs(absl::StatusCode::kAlreadyExists));
  EXPECT_THAT(status, HasReason(reason::kStudyExists));
  EXPECT_EQ(Resource(status), "studies/mnist");
}

TEST_F(StudyServiceTest, EverythingWrongWithASpecIsSaidAtOnce) {
  StudySpec spec = MakeStudySpec("No Name");
  spec.space.parameters.push_back(
      {.name = "lr", .domain = DoubleRange{.min = 1.0, .max = -1.0}});
  spec.budget.max_trials = -3;
  const absl::Status status = Create(spec).status();
  EXPECT_THAT(status, StatusIs(absl::StatusCode::kInvalidArgument));
  EXPECT_THAT(status, HasReason(reason::kInvalidField));
  EXPECT_THAT(FieldsOf(status),
              IsSupersetOf({"name", "parameters.lr.max", "budget.max_trials"}));
}

TEST_F(StudyServiceTest, NumbersThatAreNoneAreTheCallersFault) {
  pb::CreateStudyRequest request;
  request.set_study_id("nan");
  *request.mutable_spec() = ToProto(MakeStudySpec("nan"));
  auto* parameter = request.mutable_spec()
                        ->mutable_search_space()
                        ->mutable_parameters(0)
                        ->mutable_double_range();
  parameter->set_min(std::nan(""));
  EXPECT_THAT(Call(studies(), &StudyStub::CreateStudy, request),
              StatusIs(absl::StatusCode::kInvalidArgument));
  parameter->set_min(0);
  request.mutable_spec()->mutable_objectives(0)->set_goal(
      static_cast<pb::Goal>(12));
  EXPECT_THAT(
      FieldsOf(Call(studies(), &StudyStub::CreateStudy, request).status()),
      ElementsAre("objective.goal"));
}

TEST_F(StudyServiceTest, ASpecThatIsTooLargeToBeSentBackIsRefused) {
  StudySpec spec = MakeStudySpec("large");
  for (int i = 0; i < 40; ++i) {
    spec.space.parameters.push_back(
        {.name = "p" + std::to_string(i),
         .domain = Choice{{std::string(30'000, 'x')}}});
  }
  EXPECT_THAT(FieldsOf(Create(spec).status()), ElementsAre("spec"));
}

TEST_F(StudyServiceTest, PausesResumesAndStops) {
  ATTUNE_ASSERT_OK(Create(MakeStudySpec("s")));
  ATTUNE_ASSERT_OK_AND_ASSIGN(const pb::Study paused,
                              Named(&StudyStub::PauseStudy, "studies/s"));
  EXPECT_EQ(paused.state(), pb::Study::PAUSED);
  ATTUNE_ASSERT_OK_AND_ASSIGN(const auto none, Lease({"w"}));
  EXPECT_THAT(none.leases(), SizeIs(0));
  ATTUNE_ASSERT_OK_AND_ASSIGN(const pb::Study resumed,
                              Named(&StudyStub::ResumeStudy, "studies/s"));
  EXPECT_EQ(resumed.state(), pb::Study::ACTIVE);
  ATTUNE_ASSERT_OK_AND_ASSIGN(const auto one, Lease({"w"}));
  EXPECT_THAT(one.leases(), SizeIs(1));
  ATTUNE_ASSERT_OK_AND_ASSIGN(const pb::Study stopped,
                              Named(&StudyStub::StopStudy, "studies/s"));
  EXPECT_EQ(stopped.state(), pb::Study::STOPPED);
  EXPECT_THAT(Named(&StudyStub::PauseStudy, "studies/s"),
              HasReason(reason::kStudyState));
}

TEST_F(StudyServiceTest, DeletesOnce) {
  ATTUNE_ASSERT_OK(Create(MakeStudySpec("s")));
  ATTUNE_ASSERT_OK(Named(&StudyStub::DeleteStudy, "studies/s"));
  EXPECT_THAT(Named(&StudyStub::DeleteStudy, "studies/s"),
              HasReason(reason::kStudyNotFound));
  EXPECT_THAT(Named(&StudyStub::GetStudy, "studies/s"),
              StatusIs(absl::StatusCode::kNotFound));
}

TEST_F(StudyServiceTest, NamesOfAWrongFormAreRefusedByEveryMethod) {
  const std::string name = "trials/1";
  const auto refused = StatusIs(absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(Named(&StudyStub::GetStudy, name), refused);
  EXPECT_THAT(Named(&StudyStub::DeleteStudy, name), refused);
  EXPECT_THAT(Named(&StudyStub::PauseStudy, name), refused);
  EXPECT_THAT(Named(&StudyStub::ResumeStudy, name), refused);
  EXPECT_THAT(Named(&StudyStub::StopStudy, name), refused);
  EXPECT_THAT(Named(&StudyStub::GetTrial, name), refused);
}

TEST_F(StudyServiceTest, TrialsAreListedBestAndAll) {
  CompleteTrials(MakeStudySpec("s"), 4);
  pb::ListBestTrialsRequest best_request;
  best_request.set_parent("studies/s");
  best_request.set_page_size(2);
  ATTUNE_ASSERT_OK_AND_ASSIGN(
      const auto best,
      Call(studies(), &StudyStub::ListBestTrials, best_request));
  ASSERT_THAT(best.trials(), SizeIs(2));
  EXPECT_EQ(best.trials(0).name(), "studies/s/trials/1");
  EXPECT_EQ(best.trials(0).metrics().at("loss"), 1.0);
  pb::ListTrialsRequest request;
  request.set_parent("studies/s");
  request.set_page_size(3);
  ATTUNE_ASSERT_OK_AND_ASSIGN(const auto page,
                              Call(studies(), &StudyStub::ListTrials, request));
  EXPECT_THAT(page.trials(), SizeIs(3));
  request.set_page_token(page.next_page_token());
  ATTUNE_ASSERT_OK_AND_ASSIGN(const auto rest,
                              Call(studies(), &StudyStub::ListTrials, request));
  EXPECT_THAT(rest.trials(), SizeIs(1));
  ATTUNE_ASSERT_OK_AND_ASSIGN(
      const auto list,
      Call(studies(), &StudyStub::ListStudies, pb::ListStudiesRequest()));
  ASSERT_THAT(list.studies(), SizeIs(1));
  EXPECT_EQ(list.studies(0).trial_counts().at("completed"), 4);
}

TEST_F(StudyServiceTest, MeasurementsAndTrialsCanBeRead) {
  CompleteTrials(MakeStudySpec("s"), 1);
  pb::ListMeasurementsRequest request;
  request.set_parent("studies/s/trials/1");
  ATTUNE_ASSERT_OK_AND_ASSIGN(
      const auto measurements,
      Call(studies(), &StudyStub::ListMeasurements, request));
  ASSERT_THAT(measurements.measurements(), SizeIs(1));
  EXPECT_EQ(measurements.measurements(0).metrics().at("loss"), 1.0);
  ATTUNE_ASSERT_OK_AND_ASSIGN(
      const pb::Trial trial, Named(&StudyStub::GetTrial, "studies/s/trials/1"));
  EXPECT_EQ(trial.state(), pb::Trial::COMPLETED);
  EXPECT_EQ(trial.worker(), "w");
}

TEST_F(StudyServiceTest, ChangesAStudyThatIsAsItWasSeen) {
  ATTUNE_ASSERT_OK_AND_ASSIGN(const pb::Study created,
                              Create(MakeStudySpec("mnist")));
  pb::UpdateStudyRequest request;
  request.mutable_study()->set_name("studies/mnist");
  request.mutable_study()->set_etag(created.etag());
  request.mutable_study()->mutable_spec()->mutable_budget()->set_max_trials(99);
  (*request.mutable_study()->mutable_attributes())["owner"] = "anna";
  request.mutable_update_mask()->add_paths("spec.budget.max_trials");
  request.mutable_update_mask()->add_paths("attributes");
  ATTUNE_ASSERT_OK_AND_ASSIGN(
      const pb::Study changed,
      Call(studies(), &StudyStub::UpdateStudy, request));
  EXPECT_EQ(changed.spec().budget().max_trials(), 99);
  EXPECT_EQ(changed.attributes().at("owner"), "anna");
  EXPECT_NE(changed.etag(), created.etag());
  const absl::Status stale =
      Call(studies(), &StudyStub::UpdateStudy, request).status();
  EXPECT_EQ(Reason(stale), reason::kRevisionMismatch);
  ATTUNE_ASSERT_OK_AND_ASSIGN(const pb::Study read,
                              Named(&StudyStub::GetStudy, "studies/mnist"));
  EXPECT_EQ(read.etag(), changed.etag());
}

TEST_F(StudyServiceTest, AProgramAsksAndTells) {
  ATTUNE_ASSERT_OK(Create(MakeStudySpec("mnist")));
  pb::CreateTrialsRequest create;
  create.set_parent("studies/mnist");
  create.set_request_id("first-points");
  (*create.add_trials()->mutable_parameters()->mutable_values())["x"]
      .set_double_value(0.25);
  ATTUNE_ASSERT_OK_AND_ASSIGN(
      const auto created, Call(studies(), &StudyStub::CreateTrials, create));
  ASSERT_EQ(created.trials_size(), 1);
  EXPECT_EQ(created.trials(0).name(), "studies/mnist/trials/1");
  EXPECT_EQ(created.trials(0).state(), pb::Trial::WAITING);

  pb::SuggestTrialsRequest ask;
  ask.set_parent("studies/mnist");
  ask.set_count(2);
  ask.set_worker("my-loop");
  ATTUNE_ASSERT_OK_AND_ASSIGN(const auto asked,
                              Call(studies(), &StudyStub::SuggestTrials, ask));
  ASSERT_EQ(asked.leases_size(), 2);
  EXPECT_EQ(asked.leases(0).parameters().values().at("x").double_value(), 0.25);
  EXPECT_FALSE(asked.leases(0).has_lease_duration());
  Restart({});
  ATTUNE_ASSERT_OK(Complete(asked.leases(0).token(), 0.5));
  ATTUNE_ASSERT_OK_AND_ASSIGN(
      const pb::Trial told,
      Named(&StudyStub::GetTrial, "studies/mnist/trials/1"));
  EXPECT_EQ(told.state(), pb::Trial::COMPLETED);
  EXPECT_EQ(told.worker(), "my-loop");
}

TEST_F(StudyServiceTest, TrialsAreStoppedCancelledRetriedAndNotedOn) {
  ATTUNE_ASSERT_OK(Create(MakeStudySpec("mnist")));
  ATTUNE_ASSERT_OK(Lease({"w"}));
  const std::string first = "studies/mnist/trials/1";
  ATTUNE_ASSERT_OK_AND_ASSIGN(const pb::Trial stopping,
                              Named(&StudyStub::StopTrial, first));
  EXPECT_TRUE(stopping.stop_requested());
  EXPECT_EQ(stopping.state_reason(), "stopped by request");
  ATTUNE_ASSERT_OK_AND_ASSIGN(const pb::Trial cancelled,
                              Named(&StudyStub::CancelTrial, first));
  EXPECT_EQ(cancelled.state(), pb::Trial::CANCELLED);
  ATTUNE_ASSERT_OK_AND_ASSIGN(const pb::Trial retry,
                              Named(&StudyStub::RetryTrial, first));
  EXPECT_EQ(retry.name(), "studies/mnist/trials/2");
  EXPECT_EQ(retry.retry_of(), 1);
  pb::UpdateTrialRequest note;
  note.mutable_trial()->set_name(first);
  (*note.mutable_trial()->mutable_attributes())["why"] = "a typo";
  note.mutable_update_mask()->add_paths("attributes");
  ATTUNE_ASSERT_OK(Call(studies(), &StudyStub::UpdateTrial, note));
  ATTUNE_ASSERT_OK_AND_ASSIGN(const pb::Trial noted,
                              Named(&StudyStub::GetTrial, first));
  EXPECT_EQ(noted.attributes().at("why"), "a typo");
}

TEST_F(StudyServiceTest, WrongRequestsNameEveryField) {
  ATTUNE_ASSERT_OK(Create(MakeStudySpec("mnist")));
  pb::SuggestTrialsRequest ask;
  ask.set_parent("studies/mnist");
  ask.set_count(1001);
  ask.set_request_id(std::string(101, 'x'));
  EXPECT_THAT(
      FieldsOf(Call(studies(), &StudyStub::SuggestTrials, ask).status()),
      testing::UnorderedElementsAre("count", "worker", "request_id"));
  pb::CreateTrialsRequest create;
  create.set_parent("studies/mnist");
  EXPECT_THAT(
      FieldsOf(Call(studies(), &StudyStub::CreateTrials, create).status()),
      ElementsAre("trials"));
}

}  // namespace
}  // namespace attune

#include "server/worker_service.h"

#include <cmath>
#include <future>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/proto/matchers.h"
#include "tests/server/running_server.h"

namespace attune {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

class WorkerServiceTest : public RunningServerTest {
 protected:
  // The token of a new trial of a new study.
  pb::LeaseToken LeaseOne() {
    EXPECT_THAT(Create(MakeStudySpec("s")), IsOk());
    const auto answer = Lease({"w"});
    EXPECT_THAT(answer, IsOk());
    if (!answer.ok() || answer->leases().empty()) return {};
    return answer->leases(0).token();
  }

  absl::StatusOr<pb::Trial> GetTrial(const std::string& name) {
    pb::GetTrialRequest request;
    request.set_name(name);
    return Call(studies(), &StudyStub::GetTrial, request);
  }

  absl::StatusOr<pb::ReportMeasurementsResponse> Report(
      const pb::LeaseToken& token, int64_t step, double loss) {
    pb::ReportMeasurementsRequest request;
    *request.mutable_token() = token;
    pb::Measurement& measurement = *request.add_measurements();
    measurement.set_step(step);
    (*measurement.mutable_metrics())["loss"] = loss;
    return Call(workers(), &WorkerStub::ReportMeasurements, request);
  }
};

TEST_F(WorkerServiceTest, ATrialIsLeasedReportedAndCompleted) {
  StudySpec spec = MakeStudySpec("s");
  spec.task = FunctionTask{.name = "sphere"};
  spec.objectives[0].metric = "value";
  ATTUNE_ASSERT_OK_AND_ASSIGN(const pb::Study study, Create(spec));
  ATTUNE_ASSERT_OK_AND_ASSIGN(const auto answer, Lease({"w-1", "w-2"}));
  ASSERT_THAT(answer.leases(), SizeIs(2));
  EXPECT_FALSE(answer.exhausted());
  const pb::Lease& lease = answer.leases(0);
  EXPECT_EQ(lease.worker(), "w-1");
  EXPECT_EQ(lease.trial(), "studies/s/trials/1");
  EXPECT_EQ(lease.task().function().name(), "sphere");
  ASSERT_EQ(lease.objectives_size(), 1);
  EXPECT_EQ(lease.objectives(0).metric(), "value");
  EXPECT_TRUE(lease.parameters().values().contains("x"));
  EXPECT_EQ(lease.lease_duration().seconds(), 60);
  EXPECT_EQ(lease.study_seed(), 1);
  EXPECT_THAT(lease.study_create_time(), EqualsProto(study.create_time()));
}

TEST_F(WorkerServiceTest, AWorkerThatAsksAgainGetsWhatItHolds) {
  const pb::LeaseToken token = LeaseOne();
  ATTUNE_ASSERT_OK_AND_ASSIGN(const auto again, Lease({"w"}));
  ASSERT_THAT(again.leases(), SizeIs(1));
  EXPECT_THAT(FromProto(again.leases(0).token()),
              IsOkAndHolds(*FromProto(token)));
}

TEST_F(WorkerServiceTest, ReportsAreAnsweredWithAVerdictAndKept) {
  const pb::LeaseToken token = LeaseOne();
  ATTUNE_ASSERT_OK_AND_ASSIGN(const auto verdict, Report(token, 1, 0.5));
  EXPECT_EQ(verdict.verdict(), pb::VERDICT_CONTINUE);
  ATTUNE_ASSERT_OK(Report(token, 1, 99.0));  // the first values stay
  ATTUNE_ASSERT_OK_AND_ASSIGN(const pb::Trial trial,
                              GetTrial("studies/s/trials/1"));
  EXPECT_EQ(trial.metrics().at("loss"), 0.5);
  EXPECT_EQ(trial.state(), pb::Trial::RUNNING);
}

TEST_F(WorkerServiceTest, CompletingTwiceIsCompletingOnce) {
  const pb::LeaseToken token = LeaseOne();
  ATTUNE_ASSERT_OK(Complete(token, 0.5));
  ATTUNE_EXPECT_OK(Complete(token, 0.5));
  pb::CompleteTrialRequest other;
  *other.mutable_token() = token;
  other.mutable_infeasible()->set_reason("no");
  const absl::Status status =
      Call(workers(), &WorkerStub::CompleteTrial, other).status();
  EXPECT_THAT(status, StatusIs(absl::StatusCode::kFailedPrecondition));
  EXPECT_THAT(status, HasReason(reason::kTrialFinished));
  EXPECT_EQ(Resource(status), "studies/s/trials/1");
}

TEST_F(WorkerServiceTest, AStaleTokenChangesNothing) {
  const pb::LeaseToken token = LeaseOne();
  pb::ReleaseTrialRequest release;
  *release.mutable_token() = token;
  ATTUNE_ASSERT_OK(Call(workers(), &WorkerStub::ReleaseTrial, release));
  ATTUNE_ASSERT_OK_AND_ASSIGN(const auto second, Lease({"other"}));
  ASSERT_EQ(second.leases(0).token().attempt(), token.attempt() + 1);

  EXPECT_THAT(Complete(token, 0.1), HasReason(reason::kLeaseLost));
  EXPECT_THAT(Report(token, 1, 0.1), HasReason(reason::kLeaseLost));
  ATTUNE_ASSERT_OK_AND_ASSIGN(const pb::Trial trial,
                              GetTrial("studies/s/trials/1"));
  EXPECT_EQ(trial.state(), pb::Trial::RUNNING);
  EXPECT_EQ(trial.worker(), "other");
  EXPECT_THAT(trial.metrics(), IsEmpty());
}

TEST_F(WorkerServiceTest, RenewalsAnswerForEachToken) {
  const pb::LeaseToken token = LeaseOne();
  pb::RenewLeasesRequest request;
  *request.add_tokens() = token;
  *request.add_tokens() = token;
  request.mutable_tokens(1)->set_trial_number(77);
  ATTUNE_ASSERT_OK_AND_ASSIGN(
      const auto answer, Call(workers(), &WorkerStub::RenewLeases, request));
  EXPECT_THAT(answer.verdicts(),
              ElementsAre(pb::VERDICT_CONTINUE, pb::VERDICT_LEASE_LOST));
}

TEST_F(WorkerServiceTest, FailuresAreKeptWithTheirMessage) {
  StudySpec spec = MakeStudySpec("s");
  spec.max_attempts = 1;
  ATTUNE_ASSERT_OK(Create(spec));
  ATTUNE_ASSERT_OK_AND_ASSIGN(const auto answer, Lease({"w"}));
  pb::FailTrialRequest request;
  *request.mutable_token() = answer.leases(0).token();
  request.set_message(std::string(3'000'000, 'x'));
  ATTUNE_ASSERT_OK(Call(workers(), &WorkerStub::FailTrial, request));
  ATTUNE_ASSERT_OK_AND_ASSIGN(const pb::Trial trial,
                              GetTrial("studies/s/trials/1"));
  EXPECT_EQ(trial.state(), pb::Trial::FAILED);
  EXPECT_EQ(trial.failure_cause(), cause::kWorkerError);
  EXPECT_LT(trial.state_reason().size(), 10'000);  // cut, not refused
  EXPECT_GT(trial.state_reason().size(), 1'000);
}

TEST_F(WorkerServiceTest, AnObjectiveThatIsNaNFailsTheTrial) {
  StudySpec spec = MakeStudySpec("s");
  spec.max_attempts = 1;
  ATTUNE_ASSERT_OK(Create(spec));
  ATTUNE_ASSERT_OK_AND_ASSIGN(const auto answer, Lease({"w"}));
  ATTUNE_ASSERT_OK(Complete(answer.leases(0).token(), std::nan("")));
  ATTUNE_ASSERT_OK_AND_ASSIGN(const pb::Trial trial,
                              GetTrial("studies/s/trials/1"));
  EXPECT_EQ(trial.state(), pb::Trial::FAILED);
  EXPECT_EQ(trial.failure_cause(), cause::kNonFiniteObjective);
  EXPECT_TRUE(std::isnan(trial.metrics().at("loss")));
}

TEST_F(WorkerServiceTest, WrongRequestsAreTheCallersFault) {
  const auto refused = StatusIs(absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(Lease({}), refused);
  EXPECT_THAT(Lease({""}), refused);
  EXPECT_THAT(Lease({"w", "w"}), refused);
  const auto too_much = StatusIs(absl::StatusCode::kResourceExhausted);
  EXPECT_THAT(Lease({std::string(201, 'w')}), too_much);
  EXPECT_THAT(Lease(std::vector<std::string>(257, "w")), refused);
  pb::LeaseTrialsRequest lease;
  lease.add_workers("w");
  lease.mutable_wait()->set_nanos(-2'000'000'000);
  EXPECT_THAT(Call(workers(), &WorkerStub::LeaseTrials, lease), refused);
  lease.clear_wait();
  lease.set_study("trials/1");
  EXPECT_THAT(Call(workers(), &WorkerStub::LeaseTrials, lease), refused);
  pb::RenewLeasesRequest renew;
  for (int i = 0; i < 1001; ++i) {
    *renew.add_tokens() = ToProto(LeaseToken{.trial = {{1}, 1}});
  }
  EXPECT_THAT(Call(workers(), &WorkerStub::RenewLeases, renew), too_much);
  EXPECT_THAT(Report({}, 1, 0.5), refused);
  EXPECT_THAT(
      Call(workers(), &WorkerStub::ReleaseTrial, pb::ReleaseTrialRequest()),
      refused);
}

TEST_F(WorkerServiceTest, MalformedReportsOfALeaseChangeNothing) {
  const pb::LeaseToken token = LeaseOne();
  EXPECT_THAT(Report(token, -1, 0.5),
              StatusIs(absl::StatusCode::kInvalidArgument));
  pb::CompleteTrialRequest request;
  *request.mutable_token() = token;
  EXPECT_THAT(Call(workers(), &WorkerStub::CompleteTrial, request),
              StatusIs(absl::StatusCode::kInvalidArgument));
  ATTUNE_ASSERT_OK_AND_ASSIGN(const pb::Trial trial,
                              GetTrial("studies/s/trials/1"));
  EXPECT_EQ(trial.state(), pb::Trial::RUNNING);
}

TEST_F(WorkerServiceTest, AStudyThatIsNotThereIsNotFound) {
  pb::LeaseTrialsRequest request;
  request.add_workers("w");
  request.set_study("studies/nowhere");
  const auto answer = Call(workers(), &WorkerStub::LeaseTrials, request);
  EXPECT_THAT(answer, StatusIs(absl::StatusCode::kNotFound));
  EXPECT_THAT(answer, HasReason(reason::kStudyNotFound));
}

// ---- waiting for a trial
// ------------------------------------------------------

pb::LeaseTrialsRequest WaitingRequest(const std::string& worker) {
  pb::LeaseTrialsRequest request;
  request.add_workers(worker);
  request.mutable_wait()->set_seconds(60);
  return request;
}

// A study that runs one trial at a time, and the token of the one that runs.
class WaitingTest : public WorkerServiceTest {
 protected:
  WaitingTest() {
    StudySpec spec = MakeStudySpec("s");
    spec.budget.max_parallel = 1;
    EXPECT_THAT(Create(spec), IsOk());
    const auto answer = Lease({"first"});
    EXPECT_THAT(answer, IsOk());
    running_ = answer->leases(0).token();
  }

  pb::LeaseToken running_;
};

// The call's deadline is shorter than its wait, so it passes only if the trial
// that ends wakes it up.
TEST_F(WaitingTest, ATrialThatEndsWakesUpWhoWaits) {
  auto waiting = std::async(std::launch::async, [&] {
    return Call(workers(), &WorkerStub::LeaseTrials, WaitingRequest("w"));
  });
  ATTUNE_ASSERT_OK(Lease({"other"}));
  ATTUNE_ASSERT_OK(Complete(running_, 0.5));
  const auto answer = waiting.get();
  ATTUNE_ASSERT_OK(answer);
  ASSERT_THAT(answer->leases(), SizeIs(1));
  EXPECT_EQ(answer->leases(0).trial(), "studies/s/trials/2");
}

TEST_F(WaitingTest, WhoHasGoneGetsNoTrial) {
  grpc::ClientContext context;
  pb::LeaseTrialsResponse ignored;
  grpc::CompletionQueue queue;
  const auto call =
      workers().AsyncLeaseTrials(&context, WaitingRequest("gone"), &queue);
  grpc::Status status;
  call->Finish(&ignored, &status, &context);
  // Each of these follows the one before on the same connection.
  ATTUNE_ASSERT_OK(Lease({"other"}));
  context.TryCancel();
  void* tag = nullptr;
  bool ok = false;
  ASSERT_TRUE(queue.Next(&tag, &ok));
  EXPECT_EQ(status.error_code(), grpc::StatusCode::CANCELLED);
  ATTUNE_ASSERT_OK(Complete(running_, 0.5));
  ATTUNE_ASSERT_OK_AND_ASSIGN(const auto answer, Lease({"other"}));
  EXPECT_THAT(answer.leases(), SizeIs(1));
  queue.Shutdown();
}

}  // namespace
}  // namespace attune

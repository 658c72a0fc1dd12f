#include "worker/grpc_coordinator.h"

#include <grpcpp/security/server_credentials.h>
#include <grpcpp/server.h>
#include <grpcpp/server_builder.h>
#include <unistd.h>

#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/synchronization/notification.h"
#include "core/error.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "proto/convert.h"
#include "proto/grpc_status.h"
#include "proto/worker_service.grpc.pb.h"
#include "tests/testing/status_matchers.h"
#include "tests/worker/fake_coordinator.h"

namespace attune {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

// Answers as a test says, and keeps the last request of each kind.
class Service final : public pb::WorkerService::Service {
 public:
  using Empty = google::protobuf::Empty;
  using Context = grpc::ServerContext;

  grpc::Status LeaseTrials(Context*, const pb::LeaseTrialsRequest* request,
                           pb::LeaseTrialsResponse* response) override {
    lease_request = *request;
    arrived();
    *response = lease_response;
    return ToGrpc(status);
  }
  grpc::Status RenewLeases(Context*, const pb::RenewLeasesRequest* request,
                           pb::RenewLeasesResponse* response) override {
    renew_request = *request;
    *response = renew_response;
    return ToGrpc(status);
  }
  grpc::Status ReportMeasurements(
      Context*, const pb::ReportMeasurementsRequest* request,
      pb::ReportMeasurementsResponse* response) override {
    report_request = *request;
    arrived();
    response->set_verdict(pb::VERDICT_STOP);
    return ToGrpc(status);
  }
  grpc::Status CompleteTrial(Context*, const pb::CompleteTrialRequest* request,
                             Empty*) override {
    complete_request = *request;
    return ToGrpc(status);
  }
  grpc::Status FailTrial(Context*, const pb::FailTrialRequest* request,
                         Empty*) override {
    fail_request = *request;
    return ToGrpc(status);
  }
  grpc::Status ReleaseTrial(Context*, const pb::ReleaseTrialRequest* request,
                            Empty*) override {
    release_request = *request;
    return ToGrpc(status);
  }

  absl::Status status;
  std::function<void()> arrived = [] {};
  pb::LeaseTrialsResponse lease_response;
  pb::RenewLeasesResponse renew_response;

  pb::LeaseTrialsRequest lease_request;
  pb::RenewLeasesRequest renew_request;
  pb::ReportMeasurementsRequest report_request;
  pb::CompleteTrialRequest complete_request;
  pb::FailTrialRequest fail_request;
  pb::ReleaseTrialRequest release_request;
};

std::unique_ptr<grpc::Server> Serve(Service& service, const std::string& where,
                                    int* port = nullptr) {
  grpc::ServerBuilder builder;
  builder.AddListeningPort(where, grpc::InsecureServerCredentials(), port);
  builder.RegisterService(&service);
  return builder.BuildAndStart();
}

class GrpcCoordinatorTest : public testing::Test {
 protected:
  GrpcCoordinatorTest() : server_(Serve(service_, "127.0.0.1:0", &port_)) {}

  std::unique_ptr<GrpcCoordinator> Connect(
      absl::Duration call_timeout = absl::Minutes(5)) {
    return std::make_unique<GrpcCoordinator>(
        GrpcCoordinatorOptions{.address = absl::StrCat("127.0.0.1:", port_),
                               .call_timeout = call_timeout});
  }

  ~GrpcCoordinatorTest() override { blocked_.Notify(); }

  // From now on calls stay unanswered to the end of the test.
  void Block() {
    service_.arrived = [this] {
      if (!arrived_.HasBeenNotified()) arrived_.Notify();
      blocked_.WaitForNotification();
    };
  }

  absl::Notification arrived_;
  absl::Notification blocked_;
  Service service_;
  int port_ = 0;
  std::unique_ptr<grpc::Server> server_;
  const LeaseToken token_ = {.trial = {{3}, 17}, .attempt = 2};
  const std::vector<Measurement> measurements_ = {
      {.step = 1, .metrics = {{"loss", 0.5}}},
      {.step = 2, .metrics = {{"loss", 0.25}}}};
};

TEST_F(GrpcCoordinatorTest, LeasesATrial) {
  LeaseReply reply;
  reply.assignments = {MakeAssignment(1)};
  service_.lease_response = ToProto(reply);
  ATTUNE_ASSERT_OK_AND_ASSIGN(
      const LeaseReply found,
      Connect()->LeaseTrials(
          {.workers = {{"w"}}, .study = "demo", .wait = absl::Seconds(20)}));
  ASSERT_EQ(found.assignments.size(), 1);
  EXPECT_EQ(found.assignments[0].token, reply.assignments[0].token);
  EXPECT_EQ(found.assignments[0].parameters, reply.assignments[0].parameters);
  EXPECT_THAT(found.assignments[0].parameter_order, ElementsAre("x"));
  EXPECT_EQ(found.assignments[0].task, reply.assignments[0].task);
  EXPECT_FALSE(found.exhausted);
  EXPECT_THAT(service_.lease_request.workers(), ElementsAre("w"));
  EXPECT_EQ(service_.lease_request.study(), "studies/demo");
  EXPECT_EQ(service_.lease_request.wait().seconds(), 20);
}

TEST_F(GrpcCoordinatorTest, RenewsLeases) {
  service_.renew_response =
      ToProto(std::vector<Verdict>{Verdict::kContinue, Verdict::kLeaseLost});
  const std::vector<LeaseToken> tokens = {token_, token_};
  EXPECT_THAT(
      Connect()->RenewLeases(tokens),
      IsOkAndHolds(ElementsAre(Verdict::kContinue, Verdict::kLeaseLost)));
  EXPECT_EQ(service_.renew_request.tokens_size(), 2);
}

TEST_F(GrpcCoordinatorTest, RefusesAnAnswerWithTooFewVerdicts) {
  const std::vector<LeaseToken> tokens = {token_};
  EXPECT_THAT(Connect()->RenewLeases(tokens),
              StatusIs(absl::StatusCode::kInternal, HasSubstr("0 verdicts")));
}

TEST_F(GrpcCoordinatorTest, ReportsMeasurementsInOrder) {
  EXPECT_THAT(Connect()->ReportMeasurements(token_, measurements_),
              IsOkAndHolds(Verdict::kStop));
  EXPECT_EQ(service_.report_request.token().trial_number(), 17);
  ASSERT_EQ(service_.report_request.measurements_size(), 2);
  EXPECT_EQ(service_.report_request.measurements(1).step(), 2);
}

TEST_F(GrpcCoordinatorTest, CompletesATrialThatFinished) {
  EXPECT_THAT(Connect()->FinishTrial(token_, measurements_, Finished{}),
              IsOk());
  EXPECT_TRUE(service_.complete_request.has_finished());
  EXPECT_EQ(service_.complete_request.measurements_size(), 2);
  EXPECT_EQ(service_.complete_request.token().attempt(), 2);
}

TEST_F(GrpcCoordinatorTest, CompletesATrialThatDiverged) {
  EXPECT_THAT(Connect()->FinishTrial(token_, {}, Diverged{"loss is nan"}),
              IsOk());
  EXPECT_EQ(service_.complete_request.infeasible().reason(), "loss is nan");
}

TEST_F(GrpcCoordinatorTest, FailsATrialThatBroke) {
  EXPECT_THAT(Connect()->FinishTrial(token_, measurements_, Broken{"no data"}),
              IsOk());
  EXPECT_EQ(service_.fail_request.message(), "no data");
  EXPECT_EQ(service_.fail_request.measurements_size(), 2);
}

TEST_F(GrpcCoordinatorTest, TellsOfAFailureInAnyBytes) {
  const std::string message = "found `\xff\xfe` " + std::string(10'000, 'x');
  EXPECT_THAT(Connect()->FinishTrial(token_, {}, Broken{message}), IsOk());
  EXPECT_THAT(service_.fail_request.message(), testing::StartsWith("found `"));
  EXPECT_LE(service_.fail_request.message().size(), 8192);
}

TEST_F(GrpcCoordinatorTest, HandsATrialBack) {
  EXPECT_THAT(Connect()->ReleaseTrial(token_), IsOk());
  EXPECT_EQ(service_.release_request.token().study_id(), 3);
}

TEST_F(GrpcCoordinatorTest, KeepsTheReasonOfARefusal) {
  service_.status = LeaseLost();
  const absl::Status status = Connect()->FinishTrial(token_, {}, Finished{});
  EXPECT_THAT(status, StatusIs(absl::StatusCode::kFailedPrecondition,
                               "the lease has ended"));
  EXPECT_THAT(status, HasReason(reason::kLeaseLost));
}

TEST_F(GrpcCoordinatorTest, DoesNotWaitForAnAnswerForEver) {
  Block();
  EXPECT_THAT(Connect(absl::Milliseconds(50))
                  ->ReportMeasurements(token_, measurements_),
              StatusIs(absl::StatusCode::kDeadlineExceeded));
}

TEST_F(GrpcCoordinatorTest, LetsACallForATrialTakeItsWaitLonger) {
  // It would be cut off at once if the wait did not count.
  service_.lease_response.set_exhausted(true);
  ATTUNE_ASSERT_OK_AND_ASSIGN(
      const LeaseReply reply,
      Connect(absl::Nanoseconds(1))
          ->LeaseTrials({.workers = {{"w"}}, .wait = absl::Minutes(1)}));
  EXPECT_TRUE(reply.exhausted);
}

TEST_F(GrpcCoordinatorTest, EndsACallThatWaitsForATrial) {
  Block();
  const std::unique_ptr<GrpcCoordinator> coordinator = Connect();
  std::thread drain([&] {
    arrived_.WaitForNotification();
    coordinator->CancelWaiting();
  });
  EXPECT_THAT(
      coordinator->LeaseTrials({.workers = {{"w"}}, .wait = absl::Minutes(1)}),
      StatusIs(absl::StatusCode::kCancelled));
  drain.join();
}

TEST_F(GrpcCoordinatorTest, LetsNoCallWaitAfterThat) {
  const std::unique_ptr<GrpcCoordinator> coordinator = Connect();
  coordinator->CancelWaiting();
  EXPECT_THAT(
      coordinator->LeaseTrials({.workers = {{"w"}}, .wait = absl::Minutes(1)}),
      IsOk());
  EXPECT_EQ(service_.lease_request.wait().seconds(), 0);
}

TEST_F(GrpcCoordinatorTest, EndsAnyCallInAHurry) {
  Block();
  const std::unique_ptr<GrpcCoordinator> coordinator = Connect();
  std::thread hurry([&] {
    arrived_.WaitForNotification();
    coordinator->Hurry(absl::Minutes(1));
  });
  EXPECT_THAT(coordinator->ReportMeasurements(token_, measurements_),
              StatusIs(absl::StatusCode::kCancelled));
  hurry.join();
  EXPECT_THAT(coordinator->ReleaseTrial(token_), IsOk());
}

TEST_F(GrpcCoordinatorTest, FindsNobodyAtAnAddressWithoutACoordinator) {
  GrpcCoordinator coordinator(
      {.address = "unix:" + testing::TempDir() + "nobody.sock"});
  EXPECT_THAT(coordinator.ReleaseTrial(token_),
              StatusIs(absl::StatusCode::kUnavailable));
}

TEST_F(GrpcCoordinatorTest, FindsACoordinatorThatIsBack) {
  const std::string address =
      absl::StrCat("unix:", testing::TempDir(), "back-", getpid(), ".sock");
  std::unique_ptr<grpc::Server> server = Serve(service_, address);
  ASSERT_NE(server, nullptr);
  GrpcCoordinator coordinator({.address = address});
  ASSERT_THAT(coordinator.ReleaseTrial(token_), IsOk());
  server->Shutdown();
  server->Wait();
  EXPECT_THAT(coordinator.ReleaseTrial(token_),
              StatusIs(absl::StatusCode::kUnavailable));
  server = Serve(service_, address);
  ASSERT_NE(server, nullptr);
  absl::Status status;
  do {
    status = coordinator.ReleaseTrial(token_);
  } while (absl::IsUnavailable(status));
  EXPECT_THAT(status, IsOk());
}

}  // namespace
}  // namespace attune

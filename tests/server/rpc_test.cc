#include "server/rpc.h"

#include <google/protobuf/empty.pb.h>
#include <grpcpp/generic/generic_stub.h>
#include <grpcpp/security/server_credentials.h>
#include <grpcpp/server.h>

#include <future>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <utility>

#include "absl/strings/str_cat.h"
#include "core/error.h"
#include "core/mutex.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/server/api_client.h"
#include "tests/testing/status_matchers.h"

namespace attune {
namespace {

using google::protobuf::Empty;
using testing::HasSubstr;

using Raw = pb::WorkerService::WithRawMethod_FailTrial<
    pb::WorkerService::WithRawMethod_RenewLeases<
        pb::WorkerService::WithRawMethod_ReleaseTrial<
            pb::WorkerService::Service>>>;

// A server of three methods: ReleaseTrial is answered at once, FailTrial and
// RenewLeases when the test says so.
class RpcTest : public testing::Test {
 protected:
  void Start(RpcOptions options = {}) {
    grpc::ServerBuilder builder;
    int port = 0;
    builder.AddListeningPort("127.0.0.1:0", grpc::InsecureServerCredentials(),
                             &port);
    rpc_ = std::make_unique<RpcServer>(options, builder);
    rpc_->Unary<pb::ReleaseTrialRequest>(
        &service_, &Raw::RequestReleaseTrial,
        [](const pb::ReleaseTrialRequest& request, RpcAnswer answer) {
          if (request.token().attempt() == kDrop) return;
          answer.Send(Empty());
        });
    rpc_->Unary<pb::FailTrialRequest>(
        &service_, &Raw::RequestFailTrial,
        [this](const pb::FailTrialRequest&, RpcAnswer answer) {
          held_.set_value(std::move(answer));
        },
        /*watch_cancellation=*/true);
    rpc_->Unary<pb::RenewLeasesRequest>(
        &service_, &Raw::RequestRenewLeases,
        [this](const pb::RenewLeasesRequest&, RpcAnswer answer) {
          held_.set_value(std::move(answer));
        });
    rpc_->AfterReading([this] { ++readings_; });
    builder.RegisterService(&service_);
    server_ = builder.BuildAndStart();
    ASSERT_NE(server_, nullptr);
    rpc_->Start();
    client_ = std::make_unique<ApiClient>(absl::StrCat("127.0.0.1:", port));
  }

  ~RpcTest() override {
    if (server_ != nullptr) server_->Shutdown();
    if (rpc_ != nullptr) rpc_->Stop();
  }

  absl::Status Release(int attempt = 1) {
    pb::ReleaseTrialRequest request;
    request.mutable_token()->set_attempt(attempt);
    return Call(*client_->workers, &pb::WorkerService::Stub::ReleaseTrial,
                request)
        .status();
  }

  static constexpr int kDrop = 99;
  Raw service_;
  std::unique_ptr<RpcServer> rpc_;
  std::unique_ptr<grpc::Server> server_;
  std::unique_ptr<ApiClient> client_;
  std::promise<RpcAnswer> held_;
  int readings_ = 0;  // on the polling thread, which Stop() joins
};

TEST_F(RpcTest, AnswersMoreCallsThanItAcceptsAtOnce) {
  Start({.accepts_per_method = 1});
  for (int i = 0; i < 50; ++i) ATTUNE_ASSERT_OK(Release());
}

TEST_F(RpcTest, AHandlerThatForgetsToAnswerIsABug) {
  Start();
  EXPECT_THAT(Release(kDrop), StatusIs(absl::StatusCode::kInternal));
  EXPECT_THAT(Release(), IsOk());
}

TEST_F(RpcTest, AnAnswerMayComeFromAnotherThread) {
  Start();
  auto call = std::async(std::launch::async, [&] {
    return Call(*client_->workers, &pb::WorkerService::Stub::FailTrial,
                pb::FailTrialRequest());
  });
  RpcAnswer answer = held_.get_future().get();
  answer.Fail(Error(absl::StatusCode::kFailedPrecondition, reason::kLeaseLost,
                    "attempt 2 runs"));
  const auto result = call.get();
  EXPECT_THAT(result, StatusIs(absl::StatusCode::kFailedPrecondition,
                               "attempt 2 runs"));
  EXPECT_THAT(result, HasReason(reason::kLeaseLost));
}

TEST_F(RpcTest, AnAnswerToAClientThatHasGoneLeadsNowhere) {
  Start();
  grpc::ClientContext context;
  auto call = std::async(std::launch::async, [&] {
    Empty response;
    return client_->workers->FailTrial(&context, pb::FailTrialRequest(),
                                       &response);
  });
  std::optional<RpcAnswer> answer(held_.get_future().get());
  const std::function<bool()> cancelled = answer->CancellationCheck();
  EXPECT_FALSE(cancelled());
  context.TryCancel();
  EXPECT_EQ(call.get().error_code(), grpc::StatusCode::CANCELLED);
  // The news travels on the same connection before the next call does.
  ATTUNE_EXPECT_OK(Release());
  EXPECT_TRUE(cancelled());
  answer->Send(Empty());
  answer.reset();
  EXPECT_THAT(Release(), IsOk());
}

// A server that is shut down waits for no call whose client has gone, but the
// answer to it still comes.
TEST_F(RpcTest, StoppingWaitsForTheAnswersToClientsWhoHaveGone) {
  Start();
  grpc::ClientContext context;
  auto call = std::async(std::launch::async, [&] {
    Empty response;
    return client_->workers->FailTrial(&context, pb::FailTrialRequest(),
                                       &response);
  });
  RpcAnswer answer = held_.get_future().get();
  context.TryCancel();
  call.get();
  client_.reset();
  server_->Shutdown();
  std::promise<void> stopping;
  auto stopped = std::async(std::launch::async, [&] {
    stopping.set_value();
    rpc_->Stop();
  });
  stopping.get_future().get();
  answer.Send(Empty());
  stopped.get();
}

// Nothing but the answer happens then, and nobody is woken by that.
TEST_F(RpcTest, StoppingSeesTheEndOfALateAnswer) {
  Start();
  grpc::ClientContext context;
  auto call = std::async(std::launch::async, [&] {
    pb::RenewLeasesResponse response;
    return client_->workers->RenewLeases(&context, pb::RenewLeasesRequest(),
                                         &response);
  });
  RpcAnswer answer = held_.get_future().get();
  context.TryCancel();
  call.get();
  client_.reset();
  server_->Shutdown();
  auto stopped = std::async(std::launch::async, [&] { rpc_->Stop(); });
  answer.Send(pb::RenewLeasesResponse());
  stopped.get();
}

TEST_F(RpcTest, SaysThatItHasReadWhatHadCome) {
  Start();
  ATTUNE_ASSERT_OK(Release());
  server_->Shutdown();
  rpc_->Stop();
  EXPECT_GE(readings_, 1);
}

TEST_F(RpcTest, BytesThatAreNoMessageAreTheCallersFault) {
  Start();
  grpc::GenericStub stub(client_->channel);
  grpc::Slice garbage("\x0a\xff not a message");
  const grpc::ByteBuffer request(&garbage, 1);
  grpc::ByteBuffer response;
  grpc::ClientContext context;
  context.set_deadline(TestDeadline());
  std::promise<grpc::Status> done;
  stub.UnaryCall(&context, "/attune.v1.WorkerService/ReleaseTrial",
                 grpc::StubOptions(), &request, &response,
                 [&](grpc::Status status) { done.set_value(status); });
  const absl::Status status = FromGrpc(done.get_future().get());
  EXPECT_THAT(status, StatusIs(absl::StatusCode::kInvalidArgument,
                               HasSubstr("attune.v1.ReleaseTrialRequest")));
  EXPECT_THAT(status, HasReason(reason::kInvalidField));
}

TEST_F(RpcTest, ARequestThatIsTooLargeIsRefusedWithAReason) {
  Start({.max_request_bytes = 1000});
  pb::FailTrialRequest request;
  request.set_message(std::string(1100, 'x'));
  const auto result =
      Call(*client_->workers, &pb::WorkerService::Stub::FailTrial, request);
  EXPECT_THAT(result, StatusIs(absl::StatusCode::kResourceExhausted));
  EXPECT_THAT(result, HasReason(reason::kTooLarge));
}

TEST(RpcServerTest, CanBeStoppedWithoutHavingBeenStarted) {
  grpc::ServerBuilder builder;
  RpcServer rpc({}, builder);
  rpc.Stop();
  rpc.Stop();
}

}  // namespace
}  // namespace attune

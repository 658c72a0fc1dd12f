#include "server/rpc_stream.h"

#include <grpcpp/security/server_credentials.h>
#include <grpcpp/server.h>
#include <grpcpp/server_builder.h>
#include <grpcpp/support/sync_stream.h>

#include <future>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "core/error.h"
#include "gtest/gtest.h"
#include "server/rpc.h"
#include "tests/server/api_client.h"
#include "tests/testing/status_matchers.h"

namespace attune {
namespace {

using RawWatch =
    pb::StudyService::WithRawMethod_WatchStudy<pb::StudyService::Service>;

// A server of one streaming method, whose streams the test is given.
class RpcStreamTest : public testing::Test {
 protected:
  RpcStreamTest() {
    grpc::ServerBuilder builder;
    int port = 0;
    builder.AddListeningPort("127.0.0.1:0", grpc::InsecureServerCredentials(),
                             &port);
    rpc_ = std::make_unique<RpcServer>(RpcOptions(), builder);
    rpc_->Stream<pb::WatchStudyRequest>(
        &service_, &RawWatch::RequestWatchStudy,
        [this](const pb::WatchStudyRequest& request, RpcStream stream) {
          name_ = request.name();
          opened_.set_value(std::move(stream));
        });
    builder.RegisterService(&service_);
    server_ = builder.BuildAndStart();
    rpc_->Start();
    client_ = std::make_unique<ApiClient>(absl::StrCat("127.0.0.1:", port));
    context_.set_deadline(TestDeadline());
    pb::WatchStudyRequest request;
    request.set_name("studies/s");
    reader_ = client_->studies->WatchStudy(&context_, request);
    stream_ = opened_.get_future().get();
  }
  ~RpcStreamTest() override {
    server_->Shutdown();
    rpc_->Stop();
  }

  // Sends one message and waits until there is room for the next.
  bool Write(const std::string& token) {
    pb::WatchStudyResponse response;
    response.set_resume_token(token);
    std::promise<bool> written;
    stream_->Write(response, [&](bool ok) { written.set_value(ok); });
    return written.get_future().get();
  }
  std::string Read() {
    pb::WatchStudyResponse response;
    return reader_->Read(&response) ? response.resume_token() : "";
  }

  RawWatch service_;
  std::unique_ptr<RpcServer> rpc_;
  std::unique_ptr<grpc::Server> server_;
  std::unique_ptr<ApiClient> client_;
  grpc::ClientContext context_;
  std::unique_ptr<grpc::ClientReader<pb::WatchStudyResponse>> reader_;
  std::promise<RpcStream> opened_;
  std::optional<RpcStream> stream_;
  std::string name_;
};

TEST_F(RpcStreamTest, SendsMessagesInTheirOrderAndTheEnd) {
  EXPECT_EQ(name_, "studies/s");
  EXPECT_TRUE(Write("one"));
  EXPECT_TRUE(Write("two"));
  stream_->End(Error(absl::StatusCode::kNotFound, reason::kStudyNotFound,
                     "it was deleted"));
  EXPECT_EQ(Read(), "one");
  EXPECT_EQ(Read(), "two");
  EXPECT_EQ(Read(), "");
  EXPECT_EQ(Reason(FromGrpc(reader_->Finish())), reason::kStudyNotFound);
}

TEST_F(RpcStreamTest, SaysWhenTheClientHasGone) {
  std::promise<void> gone;
  stream_->OnCancelled([&] { gone.set_value(); });
  EXPECT_TRUE(Write("one"));
  context_.TryCancel();
  gone.get_future().get();
  EXPECT_FALSE(Write("two"));
  bool at_once = false;
  stream_->OnCancelled([&] { at_once = true; });
  EXPECT_TRUE(at_once);
  stream_->End(absl::CancelledError("gone"));
}

TEST_F(RpcStreamTest, CanBeGivenUpByTheServer) {
  std::promise<void> gone;
  stream_->OnCancelled([&] { gone.set_value(); });
  stream_->Cancel();
  gone.get_future().get();
  stream_->End(absl::CancelledError("too slow"));
  EXPECT_EQ(Read(), "");
  EXPECT_EQ(reader_->Finish().error_code(), grpc::StatusCode::CANCELLED);
}

// The last message to a client who has gone comes back while the polling thread
// is being stopped, and only then does whoever wrote it end the stream.
TEST_F(RpcStreamTest, StoppingWaitsForStreamsWhoseClientsHaveGone) {
  std::promise<void> stopping;
  stream_->OnCancelled([&] { stopping.get_future().get(); });
  context_.TryCancel();
  EXPECT_EQ(Read(), "");
  reader_->Finish();
  client_.reset();
  server_->Shutdown();
  auto stopped = std::async(std::launch::async, [&] {
    stopping.set_value();
    rpc_->Stop();
  });
  stream_->End(absl::CancelledError("gone"));
  stopped.get();
}

}  // namespace
}  // namespace attune

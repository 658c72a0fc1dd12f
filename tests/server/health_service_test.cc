#include "server/health_service.h"

#include <grpcpp/security/server_credentials.h>
#include <grpcpp/server.h>

#include <atomic>
#include <memory>
#include <string>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "proto/health.grpc.pb.h"
#include "tests/server/api_client.h"
#include "tests/testing/status_matchers.h"

namespace attune {
namespace {

using grpc::health::v1::Health;
using grpc::health::v1::HealthCheckRequest;
using grpc::health::v1::HealthCheckResponse;
using testing::HasSubstr;

// A server of nothing but its health.
class HealthServiceTest : public testing::Test {
 protected:
  HealthServiceTest() {
    grpc::ServerBuilder builder;
    int port = 0;
    builder.AddListeningPort("127.0.0.1:0", grpc::InsecureServerCredentials(),
                             &port);
    rpc_ = std::make_unique<RpcServer>(RpcOptions(), builder);
    service_ = MakeHealthService(*rpc_, {"some.Service"}, &serving_);
    builder.RegisterService(service_.get());
    server_ = builder.BuildAndStart();
    rpc_->Start();
    client_ = std::make_unique<ApiClient>(absl::StrCat("127.0.0.1:", port));
  }

  ~HealthServiceTest() override {
    server_->Shutdown();
    rpc_->Stop();
  }

  absl::StatusOr<HealthCheckResponse> Check(const std::string& service) {
    HealthCheckRequest request;
    request.set_service(service);
    const auto stub = Health::NewStub(client_->channel);
    return Call(*stub, &Health::Stub::Check, request);
  }

  std::atomic<bool> serving_ = true;
  std::unique_ptr<RpcServer> rpc_;
  std::unique_ptr<grpc::Service> service_;
  std::unique_ptr<grpc::Server> server_;
  std::unique_ptr<ApiClient> client_;
};

TEST_F(HealthServiceTest, SpeaksForTheServerAndForItsServices) {
  for (const char* name : {"", "some.Service"}) {
    serving_ = true;
    ATTUNE_ASSERT_OK_AND_ASSIGN(const auto before, Check(name));
    EXPECT_EQ(before.status(), HealthCheckResponse::SERVING) << name;
    serving_ = false;
    ATTUNE_ASSERT_OK_AND_ASSIGN(const auto after, Check(name));
    EXPECT_EQ(after.status(), HealthCheckResponse::NOT_SERVING) << name;
  }
}

TEST_F(HealthServiceTest, DoesNotKnowOtherServices) {
  EXPECT_THAT(Check("other.Service"),
              StatusIs(absl::StatusCode::kNotFound, HasSubstr("some.Service")));
}

}  // namespace
}  // namespace attune

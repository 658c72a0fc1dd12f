#include "bench/echo_server.h"

#include <grpcpp/grpcpp.h>

#include <cstdio>
#include <memory>
#include <string>

#include "absl/strings/str_cat.h"
#include "proto/worker_service.grpc.pb.h"

namespace attune {
namespace {

namespace pb = ::attune::v1;

using Service = pb::WorkerService::WithAsyncMethod_ReportMeasurements<
    pb::WorkerService::Service>;

// More than there are clients, so that a call never waits for a free one.
constexpr int kCalls = 256;

// One call after another, each with a context of its own.
class EchoCall {
 public:
  EchoCall(Service* service, grpc::ServerCompletionQueue* queue)
      : service_(service), queue_(queue) {
    Await();
  }

  // The event that it waited for has come.
  void Proceed() {
    if (answered_) {
      Await();
      return;
    }
    pb::ReportMeasurementsResponse response;
    response.set_verdict(pb::VERDICT_CONTINUE);
    answered_ = true;
    turn_->writer.Finish(response, grpc::Status::OK, this);
  }

 private:
  struct Turn {
    grpc::ServerContext context;
    pb::ReportMeasurementsRequest request;
    grpc::ServerAsyncResponseWriter<pb::ReportMeasurementsResponse> writer{
        &context};
  };

  void Await() {
    answered_ = false;
    turn_ = std::make_unique<Turn>();
    service_->RequestReportMeasurements(&turn_->context, &turn_->request,
                                        &turn_->writer, queue_, queue_, this);
  }

  Service* const service_;
  grpc::ServerCompletionQueue* const queue_;
  std::unique_ptr<Turn> turn_;
  bool answered_ = false;
};

}  // namespace

int ServeEcho() {
  Service service;
  int port = 0;
  grpc::ServerBuilder builder;
  builder.AddListeningPort("127.0.0.1:0", grpc::InsecureServerCredentials(),
                           &port);
  builder.RegisterService(&service);
  const auto queue = builder.AddCompletionQueue();
  const std::unique_ptr<grpc::Server> server = builder.BuildAndStart();
  if (server == nullptr) {
    std::fputs("event=failed what=\"listen on 127.0.0.1:0\"\n", stderr);
    return 1;
  }
  std::vector<std::unique_ptr<EchoCall>> calls;
  calls.reserve(kCalls);
  for (int i = 0; i < kCalls; ++i) {
    calls.push_back(std::make_unique<EchoCall>(&service, queue.get()));
  }
  const std::string line =
      absl::StrCat("event=listening address=127.0.0.1:", port, "\n");
  std::fputs(line.c_str(), stderr);
  void* tag = nullptr;
  bool ok = false;
  while (queue->Next(&tag, &ok)) {
    if (ok) static_cast<EchoCall*>(tag)->Proceed();
  }
  return 0;
}

}  // namespace attune

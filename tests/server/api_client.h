#ifndef ATTUNE_TESTS_SERVER_API_CLIENT_H_
#define ATTUNE_TESTS_SERVER_API_CLIENT_H_

#include <grpcpp/channel.h>
#include <grpcpp/client_context.h>
#include <grpcpp/create_channel.h>
#include <grpcpp/security/credentials.h>

#include <chrono>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "proto/convert.h"
#include "proto/grpc_status.h"
#include "proto/study_service.grpc.pb.h"
#include "proto/worker_service.grpc.pb.h"

namespace attune {

// So long that a machine under load is not taken for a server that hangs; less
// than the longest wait for a lease.
inline std::chrono::system_clock::time_point TestDeadline() {
  return std::chrono::system_clock::now() + std::chrono::seconds(30);
}

// One call of a stub, with its status as everything else has it.
template <typename Stub, typename Base, typename Request, typename Response>
absl::StatusOr<Response> Call(Stub& stub,
                              grpc::Status (Base::*method)(grpc::ClientContext*,
                                                           const Request&,
                                                           Response*),
                              const Request& request) {
  grpc::ClientContext context;
  context.set_deadline(TestDeadline());
  Response response;
  const grpc::Status status = (stub.*method)(&context, request, &response);
  if (!status.ok()) return FromGrpc(status);
  return response;
}

// Both services of one server.
struct ApiClient {
  explicit ApiClient(const std::string& address)
      : channel(
            grpc::CreateChannel(address, grpc::InsecureChannelCredentials())),
        studies(pb::StudyService::NewStub(channel)),
        workers(pb::WorkerService::NewStub(channel)) {}

  std::shared_ptr<grpc::Channel> channel;
  std::unique_ptr<pb::StudyService::Stub> studies;
  std::unique_ptr<pb::WorkerService::Stub> workers;
};

}  // namespace attune

#endif  // ATTUNE_TESTS_SERVER_API_CLIENT_H_

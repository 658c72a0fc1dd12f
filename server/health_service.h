#ifndef ATTUNE_SERVER_HEALTH_SERVICE_H_
#define ATTUNE_SERVER_HEALTH_SERVICE_H_

#include <grpcpp/impl/codegen/service_type.h>

#include <atomic>
#include <memory>
#include <string>
#include <vector>

#include "server/rpc.h"

namespace attune {

// grpc.health.v1.Health, but for its Watch, with its method registered with
// `rpc`. gRPC has one of its own, but that is written with the callback API,
// whose threads poll the sockets of every service beside ours: with it each
// call costs a fifth more. Says of the server as a whole and of `services`
// that they serve while `serving`, which must outlive the RpcServer, is true.
// To be registered with the builder, and to outlive the server.
std::unique_ptr<grpc::Service> MakeHealthService(
    RpcServer& rpc, std::vector<std::string> services,
    const std::atomic<bool>* serving);

}  // namespace attune

#endif  // ATTUNE_SERVER_HEALTH_SERVICE_H_

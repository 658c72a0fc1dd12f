#ifndef ATTUNE_PROTO_GRPC_STATUS_H_
#define ATTUNE_PROTO_GRPC_STATUS_H_

#include <grpcpp/support/status.h>

#include "absl/status/status.h"

namespace attune {

// The one translation of statuses. Codes are equal; the reason of core/error.h
// travels as google.rpc.ErrorInfo {reason, domain: "attune"}, violations as
// BadRequest, a resource as ResourceInfo, all inside google.rpc.Status in
// `error_details`. A status without a reason gets its code's name as reason, so
// that every error has one.
grpc::Status ToGrpc(const absl::Status& status);

// Reads what ToGrpc() wrote. Details that cannot be read are left out.
absl::Status FromGrpc(const grpc::Status& status);

}  // namespace attune

#endif  // ATTUNE_PROTO_GRPC_STATUS_H_

#ifndef ATTUNE_SERVER_RPC_BYTES_H_
#define ATTUNE_SERVER_RPC_BYTES_H_

#include <google/protobuf/message.h>
#include <grpcpp/support/byte_buffer.h>

#include "absl/status/status.h"

namespace attune {

grpc::ByteBuffer ToBytes(const google::protobuf::Message& message);

// INVALID_ARGUMENT for bytes that are no such message. Takes what it reads out
// of `bytes`.
absl::Status ParseRequest(grpc::ByteBuffer* bytes,
                          google::protobuf::Message& request);

}  // namespace attune

#endif  // ATTUNE_SERVER_RPC_BYTES_H_

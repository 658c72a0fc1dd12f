#include "server/rpc_bytes.h"

#include <grpcpp/support/proto_buffer_reader.h>
#include <grpcpp/support/proto_buffer_writer.h>

#include "absl/strings/str_cat.h"
#include "core/check.h"
#include "core/error.h"

namespace attune {
namespace {

constexpr int kSlice = 1 << 20;  // the most bytes of an answer in one piece

}  // namespace

grpc::ByteBuffer ToBytes(const google::protobuf::Message& message) {
  grpc::ByteBuffer bytes;
  bool is_written = false;
  {
    grpc::ProtoBufferWriter writer(&bytes, kSlice,
                                   static_cast<int>(message.ByteSizeLong()));
    is_written = message.SerializeToZeroCopyStream(&writer);
  }
  ATTUNE_CHECK(is_written);
  return bytes;
}

absl::Status ParseRequest(grpc::ByteBuffer* bytes,
                          google::protobuf::Message& request) {
  grpc::ProtoBufferReader reader(bytes);
  if (reader.status().ok() && request.ParseFromZeroCopyStream(&reader)) {
    return absl::OkStatus();
  }
  return InvalidFields(
      {{.field = "request",
        .description =
            absl::StrCat("found bytes that are not a ", request.GetTypeName(),
                         ", or a text that is not UTF-8")}});
}

}  // namespace attune

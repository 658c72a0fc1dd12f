#include "server/rpc_bytes.h"

#include <grpcpp/support/slice.h>

#include <string>

#include "core/error.h"
#include "gtest/gtest.h"
#include "proto/study_service.pb.h"
#include "tests/testing/status_matchers.h"

namespace attune {
namespace {

TEST(RpcBytesTest, AMessageComesBack) {
  v1::GetStudyRequest request;
  request.set_name(std::string(3 << 20, 'x'));  // in several pieces
  grpc::ByteBuffer bytes = ToBytes(request);
  v1::GetStudyRequest read;
  ATTUNE_ASSERT_OK(ParseRequest(&bytes, read));
  EXPECT_EQ(read.name(), request.name());
}

TEST(RpcBytesTest, SaysWhichMessageTheBytesAreNot) {
  const grpc::Slice slice("\xff\xff\xff");
  grpc::ByteBuffer bytes(&slice, 1);
  v1::GetStudyRequest read;
  const absl::Status status = ParseRequest(&bytes, read);
  EXPECT_EQ(Reason(status), reason::kInvalidField);
  EXPECT_NE(status.ToString().find("attune.v1.GetStudyRequest"),
            std::string::npos);
}

}  // namespace
}  // namespace attune

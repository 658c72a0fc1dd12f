#include "proto/grpc_status.h"

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "google/protobuf/any.pb.h"
#include "gtest/gtest.h"
#include "proto/google_rpc.pb.h"
#include "tests/testing/status_matchers.h"

namespace attune {
namespace {

using testing::HasSubstr;
using testing::SizeIs;

google::rpc::Status DetailsOf(const grpc::Status& status) {
  google::rpc::Status details;
  EXPECT_TRUE(details.ParseFromString(status.error_details()));
  return details;
}

// The first detail of that type, default if there is none.
template <typename Detail>
Detail Find(const grpc::Status& status) {
  Detail detail;
  const google::rpc::Status details = DetailsOf(status);
  for (const google::protobuf::Any& any : details.details()) {
    if (any.UnpackTo(&detail)) return detail;
  }
  return Detail();
}

TEST(GrpcStatusTest, OkIsOkBothWays) {
  EXPECT_TRUE(ToGrpc(absl::OkStatus()).ok());
  EXPECT_THAT(FromGrpc(grpc::Status::OK), IsOk());
}

class EveryCodeTest : public testing::TestWithParam<absl::StatusCode> {};

TEST_P(EveryCodeTest, SurvivesAndHasAReason) {
  const absl::Status status(GetParam(), "why");
  const grpc::Status sent = ToGrpc(status);
  EXPECT_EQ(static_cast<int>(sent.error_code()), static_cast<int>(GetParam()));
  EXPECT_EQ(DetailsOf(sent).code(), static_cast<int>(GetParam()));
  EXPECT_EQ(Find<google::rpc::ErrorInfo>(sent).reason(),
            absl::StatusCodeToString(GetParam()));
  EXPECT_EQ(Find<google::rpc::ErrorInfo>(sent).domain(), "attune");
  EXPECT_THAT(FromGrpc(sent), StatusIs(GetParam(), "why"));
}

INSTANTIATE_TEST_SUITE_P(
    GrpcStatusTest, EveryCodeTest,
    testing::Values(
        absl::StatusCode::kCancelled, absl::StatusCode::kUnknown,
        absl::StatusCode::kInvalidArgument, absl::StatusCode::kDeadlineExceeded,
        absl::StatusCode::kNotFound, absl::StatusCode::kAlreadyExists,
        absl::StatusCode::kPermissionDenied,
        absl::StatusCode::kResourceExhausted,
        absl::StatusCode::kFailedPrecondition, absl::StatusCode::kAborted,
        absl::StatusCode::kOutOfRange, absl::StatusCode::kUnimplemented,
        absl::StatusCode::kInternal, absl::StatusCode::kUnavailable,
        absl::StatusCode::kDataLoss, absl::StatusCode::kUnauthenticated));

TEST(GrpcStatusTest, ReasonAndResourceSurvive) {
  const grpc::Status sent =
      ToGrpc(Error(absl::StatusCode::kNotFound, reason::kTrialNotFound,
                   "there is none", "studies/a/trials/7"));
  const auto resource = Find<google::rpc::ResourceInfo>(sent);
  EXPECT_EQ(resource.resource_type(), "attune.v1.Trial");
  EXPECT_EQ(resource.resource_name(), "studies/a/trials/7");
  EXPECT_THAT(FromGrpc(sent), HasReason(reason::kTrialNotFound));
  EXPECT_EQ(Resource(FromGrpc(sent)), "studies/a/trials/7");
}

TEST(GrpcStatusTest, ViolationsSurvive) {
  const std::vector<Violation> violations = {{"seed", "found -1"},
                                             {"budget", "found none"}};
  const grpc::Status sent = ToGrpc(InvalidFields(violations));
  EXPECT_THAT(Find<google::rpc::BadRequest>(sent).field_violations(),
              SizeIs(2));
  EXPECT_EQ(Violations(FromGrpc(sent)), violations);
}

TEST(GrpcStatusTest, FailedPreconditionsSayWhat) {
  const auto failure = Find<google::rpc::PreconditionFailure>(
      ToGrpc(Error(absl::StatusCode::kFailedPrecondition, reason::kLeaseLost,
                   "attempt 2 runs", "studies/a/trials/7")));
  ASSERT_THAT(failure.violations(), SizeIs(1));
  EXPECT_EQ(failure.violations(0).type(), "LEASE_LOST");
  EXPECT_EQ(failure.violations(0).subject(), "studies/a/trials/7");
}

TEST(GrpcStatusTest, UnavailableSaysWhenToAskAgain) {
  const auto retry =
      Find<google::rpc::RetryInfo>(ToGrpc(absl::UnavailableError("disk")));
  EXPECT_GT(retry.retry_delay().nanos(), 0);
}

TEST(GrpcStatusTest, DetailsAreNamedAsClientsKnowThem) {
  const google::rpc::Status details =
      DetailsOf(ToGrpc(absl::InternalError("x")));
  ASSERT_THAT(details.details(), SizeIs(1));
  EXPECT_EQ(details.details(0).type_url(),
            "type.googleapis.com/google.rpc.ErrorInfo");
}

// Clients refuse trailers of more than 8 KiB; three bytes a character for the
// percent encoding of the message, four thirds for the base64 of the details.
TEST(GrpcStatusTest, FitsIntoTheTrailersOfACall) {
  std::vector<Violation> violations;
  for (int i = 0; i < 500; ++i) {
    violations.push_back(
        {absl::StrCat("parameters.p", i), std::string(900, 'x')});
  }
  const grpc::Status sent = ToGrpc(InvalidFields(violations));
  EXPECT_LT(
      3 * sent.error_message().size() + 4 * sent.error_details().size() / 3,
      7000);
  const std::vector<Violation> read = Violations(FromGrpc(sent));
  ASSERT_GE(read.size(), 2);
  EXPECT_EQ(read[0].field, "parameters.p0");
  EXPECT_THAT(read.back().description, HasSubstr("more"));
}

TEST(GrpcStatusTest, BytesThatAreNotUtf8DoNotSpoilTheDetails) {
  const grpc::Status sent = ToGrpc(absl::NotFoundError("no study `\xff`"));
  EXPECT_EQ(sent.error_message(), "no study `?`");
  EXPECT_EQ(Find<google::rpc::ErrorInfo>(sent).reason(), "NOT_FOUND");
}

TEST(GrpcStatusTest, DetailsThatCannotBeReadAreLeftOut) {
  const grpc::Status status(grpc::StatusCode::NOT_FOUND, "gone", "\xff\xff");
  EXPECT_THAT(FromGrpc(status), StatusIs(absl::StatusCode::kNotFound, "gone"));
  EXPECT_EQ(Reason(FromGrpc(status)), "");
}

TEST(GrpcStatusTest, WhoCameAtABadMomentIsToldWhenToComeAgain) {
  for (const absl::Status& status : {absl::UnavailableError("the disk is full"),
                                     LimitReached("calls that wait", 9)}) {
    EXPECT_GT(
        Find<google::rpc::RetryInfo>(ToGrpc(status)).retry_delay().nanos(), 0);
  }
}

}  // namespace
}  // namespace attune

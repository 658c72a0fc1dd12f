#include "proto/grpc_status.h"

#include <cstddef>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "core/error.h"
#include "proto/google_rpc.pb.h"
#include "proto/text.h"

namespace attune {
namespace {

namespace rpc = ::google::rpc;

constexpr char kDomain[] = "attune";
constexpr char kTypePrefix[] = "type.googleapis.com";

// A client refuses trailers of more than 8 KiB. There, the message stands
// percent-encoded (three bytes for one, at the worst) and, a second time,
// inside the details, which are encoded in base64.
constexpr size_t kMaxMessage = 1000;
constexpr size_t kMaxDetails = 2400;
constexpr size_t kMaxText = 500;

constexpr int kRetryMilliseconds = 500;

void Pack(const google::protobuf::Message& detail, rpc::Status& status) {
  status.add_details()->PackFrom(detail, kTypePrefix);
}

std::string ReasonOf(const absl::Status& status) {
  std::string reason = Reason(status);
  return reason.empty() ? absl::StatusCodeToString(status.code()) : reason;
}

std::string ResourceType(absl::string_view resource) {
  return absl::StrContains(resource, "/trials/") ? "attune.v1.Trial"
                                                 : "attune.v1.Study";
}

void AddErrorInfo(const absl::Status& status, rpc::Status& out) {
  rpc::ErrorInfo info;
  info.set_reason(FitText(ReasonOf(status), kMaxText));
  info.set_domain(kDomain);
  Pack(info, out);
}

void AddResourceInfo(const std::string& resource, rpc::Status& out) {
  rpc::ResourceInfo info;
  info.set_resource_type(ResourceType(resource));
  info.set_resource_name(resource);
  Pack(info, out);
}

void AddPreconditionFailure(const absl::Status& status,
                            const std::string& resource, rpc::Status& out) {
  rpc::PreconditionFailure failure;
  auto* violation = failure.add_violations();
  violation->set_type(FitText(ReasonOf(status), kMaxText));
  violation->set_subject(resource);
  violation->set_description(FitText(status.message(), kMaxText));
  Pack(failure, out);
}

// Whether the same call may succeed in a moment.
bool MayBeRetried(const absl::Status& status) {
  return absl::IsUnavailable(status) || Reason(status) == reason::kOverloaded ||
         Reason(status) == reason::kLimitReached;
}

void AddRetryInfo(rpc::Status& out) {
  rpc::RetryInfo info;
  info.mutable_retry_delay()->set_nanos(kRetryMilliseconds * 1'000'000);
  Pack(info, out);
}

// As many as have room; the last one says how many are left out.
void AddBadRequest(const std::vector<Violation>& violations, rpc::Status& out) {
  rpc::BadRequest bad_request;
  const size_t used = out.ByteSizeLong();
  for (size_t i = 0; i < violations.size(); ++i) {
    auto* violation = bad_request.add_field_violations();
    violation->set_field(FitText(violations[i].field, kMaxText));
    violation->set_description(FitText(violations[i].description, kMaxText));
    if (used + bad_request.ByteSizeLong() > kMaxDetails && i > 0) {
      violation->clear_field();
      violation->set_description(
          absl::StrCat("and ", violations.size() - i, " more"));
      break;
    }
  }
  Pack(bad_request, out);
}

void ReadDetail(const google::protobuf::Any& detail, absl::Status& status) {
  rpc::ErrorInfo error;
  rpc::BadRequest bad_request;
  rpc::ResourceInfo resource;
  if (detail.UnpackTo(&error)) {
    SetReason(error.reason(), status);
  } else if (detail.UnpackTo(&resource)) {
    SetResource(resource.resource_name(), status);
  } else if (detail.UnpackTo(&bad_request)) {
    std::vector<Violation> violations;
    for (const auto& violation : bad_request.field_violations()) {
      violations.push_back(
          {.field = violation.field(), .description = violation.description()});
    }
    SetViolations(violations, status);
  }
}

}  // namespace

grpc::Status ToGrpc(const absl::Status& status) {
  if (status.ok()) return grpc::Status::OK;
  rpc::Status details;
  details.set_code(status.raw_code());
  details.set_message(FitText(status.message(), kMaxText));
  AddErrorInfo(status, details);
  const std::string resource = FitText(Resource(status), kMaxText);
  if (!resource.empty()) AddResourceInfo(resource, details);
  if (status.code() == absl::StatusCode::kFailedPrecondition) {
    AddPreconditionFailure(status, resource, details);
  }
  if (MayBeRetried(status)) AddRetryInfo(details);
  const std::vector<Violation> violations = Violations(status);
  if (!violations.empty()) AddBadRequest(violations, details);
  return grpc::Status(static_cast<grpc::StatusCode>(status.code()),
                      FitText(status.message(), kMaxMessage),
                      details.SerializeAsString());
}

absl::Status FromGrpc(const grpc::Status& status) {
  if (status.ok()) return absl::OkStatus();
  absl::Status result(static_cast<absl::StatusCode>(status.error_code()),
                      status.error_message());
  rpc::Status details;
  if (details.ParseFromString(status.error_details())) {
    for (const auto& detail : details.details()) ReadDetail(detail, result);
  }
  return result;
}

}  // namespace attune

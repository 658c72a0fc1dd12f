#include "server/worker_service.h"

#include <google/protobuf/empty.pb.h>

#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "core/check.h"
#include "core/coordinator_api.h"
#include "core/status_macros.h"
#include "proto/convert.h"
#include "proto/text.h"
#include "proto/worker_service.grpc.pb.h"

namespace attune {
namespace {

using google::protobuf::Empty;

// What a trial says for a person. Longer texts are cut: losing the end of one
// is better than losing the result that came with it.
constexpr size_t kMaxMessage = 8 << 10;

using Service = pb::WorkerService;
using RawWorkerService =
    Service::WithRawMethod_LeaseTrials<Service::WithRawMethod_RenewLeases<
        Service::WithRawMethod_ReportMeasurements<
            Service::WithRawMethod_CompleteTrial<
                Service::WithRawMethod_FailTrial<
                    Service::WithRawMethod_ReleaseTrial<Service::Service>>>>>>;

absl::StatusOr<Command> DecodeLease(const pb::LeaseTrialsRequest& request) {
  ATTUNE_ASSIGN_OR_RETURN(LeaseRequest lease, FromProto(request));
  return LeaseTrials{.request = std::move(lease)};
}

absl::StatusOr<Command> DecodeRenew(const pb::RenewLeasesRequest& request) {
  ATTUNE_ASSIGN_OR_RETURN(std::vector<LeaseToken> tokens,
                          FromProto(request.tokens()));
  return RenewLeases{.tokens = std::move(tokens)};
}

absl::StatusOr<Command> DecodeReport(
    const pb::ReportMeasurementsRequest& request) {
  ATTUNE_ASSIGN_OR_RETURN(const LeaseToken token, FromProto(request.token()));
  ATTUNE_ASSIGN_OR_RETURN(std::vector<Measurement> measurements,
                          FromProto(request.measurements()));
  return ReportMeasurements{.token = token,
                            .measurements = std::move(measurements)};
}

absl::StatusOr<Command> DecodeComplete(
    const pb::CompleteTrialRequest& request) {
  ATTUNE_ASSIGN_OR_RETURN(const LeaseToken token, FromProto(request.token()));
  ATTUNE_ASSIGN_OR_RETURN(std::vector<Measurement> measurements,
                          FromProto(request.measurements()));
  ATTUNE_ASSIGN_OR_RETURN(Outcome outcome, FromProto(request));
  if (auto* diverged = std::get_if<Diverged>(&outcome)) {
    diverged->reason = FitText(diverged->reason, kMaxMessage);
  }
  return FinishTrial{.token = token,
                     .measurements = std::move(measurements),
                     .outcome = std::move(outcome)};
}

absl::StatusOr<Command> DecodeFail(const pb::FailTrialRequest& request) {
  ATTUNE_ASSIGN_OR_RETURN(const LeaseToken token, FromProto(request.token()));
  ATTUNE_ASSIGN_OR_RETURN(std::vector<Measurement> measurements,
                          FromProto(request.measurements()));
  return FinishTrial{
      .token = token,
      .measurements = std::move(measurements),
      .outcome = Broken{.message = FitText(request.message(), kMaxMessage)}};
}

absl::StatusOr<Command> DecodeRelease(const pb::ReleaseTrialRequest& request) {
  ATTUNE_ASSIGN_OR_RETURN(const LeaseToken token, FromProto(request.token()));
  return ReleaseTrial{.token = token};
}

template <typename T>
const T& Get(const Reply& reply) {
  const T* value = std::get_if<T>(&reply);
  ATTUNE_CHECK(value != nullptr);
  return *value;
}

pb::LeaseTrialsResponse EncodeLease(const Reply& reply) {
  return ToProto(Get<LeaseReply>(reply));
}

pb::RenewLeasesResponse EncodeRenew(const Reply& reply) {
  return ToProto(Get<std::vector<Verdict>>(reply));
}

pb::ReportMeasurementsResponse EncodeReport(const Reply& reply) {
  pb::ReportMeasurementsResponse response;
  response.set_verdict(ToProto(Get<Verdict>(reply)));
  return response;
}

Empty EncodeNothing(const Reply& /*reply*/) { return {}; }

}  // namespace

std::unique_ptr<grpc::Service> MakeWorkerService(Dispatcher& dispatcher) {
  using Raw = RawWorkerService;
  auto owner = std::make_unique<Raw>();
  Raw* raw = owner.get();
  Dispatcher& to = dispatcher;
  to.Change(raw, &Raw::RequestLeaseTrials, &DecodeLease, &EncodeLease,
            /*may_wait=*/true);
  to.Change(raw, &Raw::RequestRenewLeases, &DecodeRenew, &EncodeRenew);
  to.Change(raw, &Raw::RequestReportMeasurements, &DecodeReport, &EncodeReport);
  to.Change(raw, &Raw::RequestCompleteTrial, &DecodeComplete, &EncodeNothing);
  to.Change(raw, &Raw::RequestFailTrial, &DecodeFail, &EncodeNothing);
  to.Change(raw, &Raw::RequestReleaseTrial, &DecodeRelease, &EncodeNothing);
  return owner;
}

}  // namespace attune

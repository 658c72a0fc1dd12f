#include "server/worker_service.h"

#include <google/protobuf/empty.pb.h>

#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "core/check.h"
#include "core/coordinator_api.h"
#include "proto/convert.h"
#include "proto/worker_service.grpc.pb.h"
#include "server/worker_requests.h"

namespace attune {
namespace {

using google::protobuf::Empty;

using Service = pb::WorkerService;
using RawWorkerService =
    Service::WithRawMethod_LeaseTrials<Service::WithRawMethod_RenewLeases<
        Service::WithRawMethod_ReportMeasurements<
            Service::WithRawMethod_CompleteTrial<
                Service::WithRawMethod_FailTrial<
                    Service::WithRawMethod_ReleaseTrial<Service::Service>>>>>>;

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
  to.Change<pb::LeaseTrialsRequest>(raw, &Raw::RequestLeaseTrials, &ToCommand,
                                    &EncodeLease,
                                    /*may_wait=*/true);
  to.Change<pb::RenewLeasesRequest>(raw, &Raw::RequestRenewLeases, &ToCommand,
                                    &EncodeRenew);
  to.Change<pb::ReportMeasurementsRequest>(raw, &Raw::RequestReportMeasurements,
                                           &ToCommand, &EncodeReport);
  to.Change<pb::CompleteTrialRequest>(raw, &Raw::RequestCompleteTrial,
                                      &ToCommand, &EncodeNothing);
  to.Change<pb::FailTrialRequest>(raw, &Raw::RequestFailTrial, &ToCommand,
                                  &EncodeNothing);
  to.Change<pb::ReleaseTrialRequest>(raw, &Raw::RequestReleaseTrial, &ToCommand,
                                     &EncodeNothing);
  return owner;
}

}  // namespace attune

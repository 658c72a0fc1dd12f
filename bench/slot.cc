#include "bench/slot.h"

#include <grpcpp/grpcpp.h>

#include <utility>

#include "absl/strings/str_cat.h"
#include "core/check.h"
#include "core/status_macros.h"
#include "proto/grpc_status.h"

namespace attune {
namespace {

namespace pb = ::attune::v1;

}  // namespace

std::shared_ptr<grpc::Channel> ConnectAlone(const std::string& address) {
  grpc::ChannelArguments arguments;
  arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
  return grpc::CreateCustomChannel(address, grpc::InsecureChannelCredentials(),
                                   arguments);
}

Slot::Slot(const std::string& address, std::string worker, std::string study)
    : worker_(std::move(worker)),
      study_(std::move(study)),
      stub_(pb::WorkerService::NewStub(ConnectAlone(address))) {}

absl::Status Slot::Echo() {
  if (!token_.has_value()) {
    token_.emplace();
    token_->set_study_id(1);
    token_->set_trial_number(1234);
    token_->set_attempt(1);
  }
  return SendReport();
}

absl::Status Slot::Report() {
  if (step_ == kSteps) ATTUNE_RETURN_IF_ERROR(Finish());
  if (!token_.has_value()) ATTUNE_RETURN_IF_ERROR(Lease());
  return SendReport();
}

absl::Status Slot::RunTrial() {
  ATTUNE_RETURN_IF_ERROR(Lease());
  ATTUNE_RETURN_IF_ERROR(SendReport());
  return Finish();
}

absl::Status Slot::Finish() {
  if (!token_.has_value()) return absl::OkStatus();
  grpc::ClientContext context;
  pb::CompleteTrialRequest request;
  *request.mutable_token() = *token_;
  request.mutable_finished();
  google::protobuf::Empty response;
  token_.reset();
  return FromGrpc(stub_->CompleteTrial(&context, request, &response));
}

absl::Status Slot::Lease() {
  ATTUNE_CHECK(!token_.has_value());
  grpc::ClientContext context;
  pb::LeaseTrialsRequest request;
  request.add_workers(worker_);
  request.set_study(study_);
  pb::LeaseTrialsResponse response;
  ATTUNE_RETURN_IF_ERROR(
      FromGrpc(stub_->LeaseTrials(&context, request, &response)));
  if (response.leases_size() != 1) {
    return absl::InternalError(
        absl::StrCat("lease a trial of ", study_, " for ", worker_, ": found ",
                     response.leases_size(), ", expected one"));
  }
  token_ = response.leases(0).token();
  step_ = 0;
  return absl::OkStatus();
}

absl::Status Slot::SendReport() {
  grpc::ClientContext context;
  pb::ReportMeasurementsRequest request;
  *request.mutable_token() = *token_;
  pb::Measurement* measurement = request.add_measurements();
  measurement->set_step(++step_);
  (*measurement->mutable_metrics())["loss"] = 1.0 / static_cast<double>(step_);
  pb::ReportMeasurementsResponse response;
  return FromGrpc(stub_->ReportMeasurements(&context, request, &response));
}

}  // namespace attune

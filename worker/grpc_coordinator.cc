#include "worker/grpc_coordinator.h"

#include <grpcpp/channel.h>
#include <grpcpp/client_context.h>
#include <grpcpp/create_channel.h>
#include <grpcpp/security/credentials.h>
#include <grpcpp/support/channel_arguments.h>

#include <algorithm>
#include <set>
#include <utility>
#include <variant>

#include "absl/base/thread_annotations.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "core/log.h"
#include "core/mutex.h"
#include "core/status_macros.h"
#include "google/protobuf/empty.pb.h"
#include "proto/convert.h"
#include "proto/grpc_status.h"
#include "proto/text.h"
#include "proto/worker_service.grpc.pb.h"
#include "worker/reachability.h"

namespace attune {
namespace {

// Bytes of what is told of a failure; the coordinator keeps no more either.
constexpr size_t kMaxMessage = 8 << 10;

using Stub = pb::WorkerService::Stub;

grpc::ChannelArguments ChannelArguments() {
  grpc::ChannelArguments arguments;
  // A coordinator that was restarted is found again soon, also under another
  // address.
  arguments.SetInt(GRPC_ARG_INITIAL_RECONNECT_BACKOFF_MS, 200);
  arguments.SetInt(GRPC_ARG_MIN_RECONNECT_BACKOFF_MS, 2000);
  arguments.SetInt(GRPC_ARG_MAX_RECONNECT_BACKOFF_MS, 2000);
  arguments.SetInt(GRPC_ARG_DNS_MIN_TIME_BETWEEN_RESOLUTIONS_MS, 2000);
  // A connection whose other end vanished without a word is found out within
  // 15 s, also by a call that waits for a trial and sends nothing.
  arguments.SetInt(GRPC_ARG_KEEPALIVE_TIME_MS, 10'000);
  arguments.SetInt(GRPC_ARG_KEEPALIVE_TIMEOUT_MS, 5'000);
  arguments.SetInt(GRPC_ARG_HTTP2_MAX_PINGS_WITHOUT_DATA, 0);
  // A proxy for the web is no way to a coordinator nearby.
  arguments.SetInt(GRPC_ARG_ENABLE_HTTP_PROXY, 0);
  return arguments;
}

template <typename Request>
void AddMeasurements(absl::Span<const Measurement> measurements,
                     Request& request) {
  for (const Measurement& measurement : measurements) {
    *request.add_measurements() = ToProto(measurement);
  }
}

}  // namespace

// The channel, and the calls that are under way on it. Thread-safe.
class GrpcCoordinator::Connection {
 public:
  explicit Connection(const GrpcCoordinatorOptions& options)
      : address_(options.address),
        stub_(pb::WorkerService::NewStub(grpc::CreateCustomChannel(
            options.address, grpc::InsecureChannelCredentials(),
            ChannelArguments()))),
        call_timeout_(options.call_timeout) {}

  // Makes one call. `wait` is how long the coordinator may take on top of the
  // usual.
  template <typename Request, typename Response>
  absl::Status Call(grpc::Status (Stub::*method)(grpc::ClientContext*,
                                                 const Request&, Response*),
                    const Request& request, absl::Duration wait,
                    Response& response) {
    grpc::ClientContext context;
    Enter(context, wait);
    const grpc::Status status =
        ((*stub_).*method)(&context, request, &response);
    Leave(context);
    absl::Status result = FromGrpc(status);
    LogNews(result);
    return result;
  }

  // The time that a call for a trial may wait, which is none in a hurry.
  absl::Duration MayWait(absl::Duration wait) {
    const MutexLock lock(&mutex_);
    return waiting_ended_ ? absl::ZeroDuration() : wait;
  }

  void CancelWaiting() {
    const MutexLock lock(&mutex_);
    waiting_ended_ = true;
    for (grpc::ClientContext* context : waiting_) context->TryCancel();
  }

  void Hurry(absl::Duration call_timeout) {
    const MutexLock lock(&mutex_);
    waiting_ended_ = true;
    call_timeout_ = std::min(call_timeout_, call_timeout);
    for (grpc::ClientContext* context : waiting_) context->TryCancel();
    for (grpc::ClientContext* context : others_) context->TryCancel();
  }

 private:
  void Enter(grpc::ClientContext& context, absl::Duration wait) {
    const MutexLock lock(&mutex_);
    context.set_deadline(
        absl::ToChronoTime(absl::Now() + call_timeout_ + wait));
    if (wait > absl::ZeroDuration()) {
      waiting_.insert(&context);
      // CancelWaiting() may have come since MayWait().
      if (waiting_ended_) context.TryCancel();
    } else {
      others_.insert(&context);
    }
  }

  void Leave(grpc::ClientContext& context) {
    const MutexLock lock(&mutex_);
    waiting_.erase(&context);
    others_.erase(&context);
  }

  void LogNews(const absl::Status& status) {
    const absl::Time now = absl::Now();
    const std::optional<absl::Duration> away = reachability_.AwayFor(now);
    const std::string away_for =
        away.has_value()
            ? absl::FormatDuration(absl::Trunc(*away, absl::Milliseconds(100)))
            : "0";
    switch (reachability_.Note(status, now)) {
      case Reachability::News::kNone:
        break;
      case Reachability::News::kReached:
        Log(LogLevel::kInfo, "coordinator_reached", {{"address", address_}});
        break;
      case Reachability::News::kAway:
      case Reachability::News::kStillAway:
        Log(LogLevel::kWarning, "coordinator_away",
            {{"address", address_},
             {"since", away_for},
             {"error", status.ToString()}});
        break;
      case Reachability::News::kBack:
        Log(LogLevel::kInfo, "coordinator_back",
            {{"address", address_}, {"after", away_for}});
        break;
    }
  }

  const std::string address_;
  const std::unique_ptr<Stub> stub_;
  Reachability reachability_;

  Mutex mutex_;
  absl::Duration call_timeout_ ABSL_GUARDED_BY(mutex_);
  bool waiting_ended_ ABSL_GUARDED_BY(mutex_) = false;
  std::set<grpc::ClientContext*> waiting_ ABSL_GUARDED_BY(mutex_);
  std::set<grpc::ClientContext*> others_ ABSL_GUARDED_BY(mutex_);
};

GrpcCoordinator::GrpcCoordinator(const GrpcCoordinatorOptions& options)
    : connection_(std::make_unique<Connection>(options)) {}

GrpcCoordinator::~GrpcCoordinator() = default;

absl::StatusOr<LeaseReply> GrpcCoordinator::LeaseTrials(
    const LeaseRequest& request) {
  LeaseRequest asked = request;
  asked.wait = connection_->MayWait(request.wait);
  pb::LeaseTrialsResponse response;
  ATTUNE_RETURN_IF_ERROR(connection_->Call(&Stub::LeaseTrials, ToProto(asked),
                                           asked.wait, response));
  return FromProto(response);
}

absl::StatusOr<std::vector<Verdict>> GrpcCoordinator::RenewLeases(
    absl::Span<const LeaseToken> tokens) {
  pb::RenewLeasesRequest request;
  for (const LeaseToken& token : tokens) {
    *request.add_tokens() = ToProto(token);
  }
  pb::RenewLeasesResponse response;
  ATTUNE_RETURN_IF_ERROR(connection_->Call(&Stub::RenewLeases, request,
                                           absl::ZeroDuration(), response));
  if (static_cast<size_t>(response.verdicts_size()) != tokens.size()) {
    return absl::InternalError(
        absl::StrCat("RenewLeases with ", tokens.size(), " tokens: found ",
                     response.verdicts_size(), " verdicts in the answer"));
  }
  return FromProto(response);
}

absl::StatusOr<Verdict> GrpcCoordinator::ReportMeasurements(
    const LeaseToken& token, absl::Span<const Measurement> measurements) {
  pb::ReportMeasurementsRequest request;
  *request.mutable_token() = ToProto(token);
  AddMeasurements(measurements, request);
  pb::ReportMeasurementsResponse response;
  ATTUNE_RETURN_IF_ERROR(connection_->Call(&Stub::ReportMeasurements, request,
                                           absl::ZeroDuration(), response));
  return FromProto(response.verdict());
}

absl::Status GrpcCoordinator::FinishTrial(
    const LeaseToken& token, absl::Span<const Measurement> measurements,
    const Outcome& outcome) {
  google::protobuf::Empty response;
  if (const auto* broken = std::get_if<Broken>(&outcome)) {
    pb::FailTrialRequest request;
    *request.mutable_token() = ToProto(token);
    AddMeasurements(measurements, request);
    // It may quote a file that is no text.
    request.set_message(FitText(broken->message, kMaxMessage));
    return connection_->Call(&Stub::FailTrial, request, absl::ZeroDuration(),
                             response);
  }
  pb::CompleteTrialRequest request;
  *request.mutable_token() = ToProto(token);
  AddMeasurements(measurements, request);
  SetResult(outcome, request);
  return connection_->Call(&Stub::CompleteTrial, request, absl::ZeroDuration(),
                           response);
}

absl::Status GrpcCoordinator::ReleaseTrial(const LeaseToken& token) {
  pb::ReleaseTrialRequest request;
  *request.mutable_token() = ToProto(token);
  google::protobuf::Empty response;
  return connection_->Call(&Stub::ReleaseTrial, request, absl::ZeroDuration(),
                           response);
}

void GrpcCoordinator::CancelWaiting() { connection_->CancelWaiting(); }

void GrpcCoordinator::Hurry(absl::Duration call_timeout) {
  connection_->Hurry(call_timeout);
}

}  // namespace attune

#include "client/study_client.h"

#include <grpcpp/channel.h>
#include <grpcpp/client_context.h>
#include <grpcpp/create_channel.h>
#include <grpcpp/security/credentials.h>
#include <grpcpp/support/channel_arguments.h>

#include <algorithm>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "core/error.h"
#include "core/status_macros.h"
#include "proto/convert.h"
#include "proto/grpc_status.h"
#include "proto/health.grpc.pb.h"
#include "proto/study_service.grpc.pb.h"
#include "proto/worker_service.grpc.pb.h"

namespace attune {
namespace {

constexpr absl::Duration kTimeout = absl::Seconds(30);

std::shared_ptr<grpc::Channel> Connect(const std::string& address) {
  grpc::ChannelArguments arguments;
  // A coordinator that is just starting is there in a moment.
  arguments.SetInt(GRPC_ARG_INITIAL_RECONNECT_BACKOFF_MS, 50);
  arguments.SetInt(GRPC_ARG_MIN_RECONNECT_BACKOFF_MS, 1000);
  arguments.SetInt(GRPC_ARG_MAX_RECONNECT_BACKOFF_MS, 1000);
  // Whoever follows a study finds out within 15 s that the other end vanished
  // without a word, and connects anew.
  arguments.SetInt(GRPC_ARG_KEEPALIVE_TIME_MS, 10'000);
  arguments.SetInt(GRPC_ARG_KEEPALIVE_TIMEOUT_MS, 5'000);
  arguments.SetInt(GRPC_ARG_HTTP2_MAX_PINGS_WITHOUT_DATA, 0);
  arguments.SetInt(GRPC_ARG_ENABLE_HTTP_PROXY, 0);
  return grpc::CreateCustomChannel(address, grpc::InsecureChannelCredentials(),
                                   arguments);
}

void SetDeadline(absl::Duration timeout, grpc::ClientContext& context) {
  context.set_deadline(absl::ToChronoTime(absl::Now() + timeout));
}

}  // namespace

struct StudyClient::Stubs {
  explicit Stubs(const std::shared_ptr<grpc::Channel>& channel)
      : studies(channel), workers(channel), health(channel) {}

  pb::StudyService::Stub studies;
  pb::WorkerService::Stub workers;
  grpc::health::v1::Health::Stub health;
};

namespace {

// The most frequent ends of a long tale of gRPC.
std::string InPlainWords(absl::string_view message) {
  if (absl::StrContains(message, "Connection refused")) {
    return "the connection is refused, nobody listens there";
  }
  if (absl::StrContains(message, "No such file or directory")) {
    return "there is no such socket";
  }
  if (absl::StrContains(message, "DNS resolution failed")) {
    return "there is no such host";
  }
  if (absl::StrContains(message, "before receiving SETTINGS frame")) {
    return "it accepts connections but does not answer";
  }
  const bool connecting = absl::StrContains(message, "failed to connect");
  if (absl::StrContains(message, "Trying to connect an http1.x server") ||
      absl::StrContains(message, "Failed parsing HTTP/2") ||
      (connecting && absl::StrContains(message, "Socket closed"))) {
    return "something listens there that is no Attune coordinator";
  }
  return std::string(message);
}

// What the transport says of itself helps nobody who does not know gRPC.
absl::Status Explained(const std::string& address, absl::Status status) {
  if (!Reason(status).empty()) return status;
  if (status.code() == absl::StatusCode::kUnavailable) {
    return absl::UnavailableError(absl::StrCat("cannot reach a coordinator at ",
                                               address, ": ",
                                               InPlainWords(status.message())));
  }
  // We cancel nothing: so it did, as it ended.
  if (status.code() == absl::StatusCode::kCancelled) {
    return absl::UnavailableError(absl::StrCat(
        "the coordinator at ", address, " ended in the middle of a call"));
  }
  if (status.code() == absl::StatusCode::kDeadlineExceeded) {
    return absl::DeadlineExceededError(
        absl::StrCat("no answer from the coordinator at ", address,
                     " in time: ", status.message()));
  }
  return status;
}

// One unary call, `method` of `stub`.
template <typename Stub, typename Request, typename Response>
absl::Status Call(const std::string& address, Stub& stub,
                  grpc::Status (Stub::*method)(grpc::ClientContext*,
                                               const Request&, Response*),
                  const Request& request, Response& response,
                  absl::Duration timeout = kTimeout) {
  grpc::ClientContext context;
  SetDeadline(timeout, context);
  return Explained(address,
                   FromGrpc((stub.*method)(&context, request, &response)));
}

}  // namespace

StudyClient::StudyClient(const std::string& address)
    : address_(address), stubs_(std::make_unique<Stubs>(Connect(address))) {}

StudyClient::~StudyClient() = default;

absl::Status StudyClient::Check(absl::Duration timeout, bool wait) {
  grpc::ClientContext context;
  SetDeadline(timeout, context);
  context.set_wait_for_ready(wait);
  grpc::health::v1::HealthCheckResponse response;
  ATTUNE_RETURN_IF_ERROR(Explained(
      address_, FromGrpc(stubs_->health.Check(&context, {}, &response))));
  if (response.status() != grpc::health::v1::HealthCheckResponse::SERVING) {
    return absl::UnavailableError(
        absl::StrCat("the coordinator at ", address_, " takes no calls now"));
  }
  return absl::OkStatus();
}

absl::StatusOr<pb::Study> StudyClient::CreateStudy(
    const StudySpec& spec, const Attributes& attributes) {
  pb::CreateStudyRequest request;
  request.set_study_id(spec.name);
  *request.mutable_spec() = ToProto(spec);
  request.mutable_attributes()->insert(attributes.begin(), attributes.end());
  pb::Study study;
  ATTUNE_RETURN_IF_ERROR(Call(address_, stubs_->studies,
                              &pb::StudyService::Stub::CreateStudy, request,
                              study));
  return study;
}

absl::StatusOr<pb::Study> StudyClient::GetStudy(const std::string& study) {
  pb::GetStudyRequest request;
  request.set_name(StudyName(study));
  pb::Study result;
  ATTUNE_RETURN_IF_ERROR(Call(address_, stubs_->studies,
                              &pb::StudyService::Stub::GetStudy, request,
                              result));
  return result;
}

absl::StatusOr<std::vector<pb::Study>> StudyClient::ListStudies(
    const ListQuery& query) {
  std::vector<pb::Study> studies;
  pb::ListStudiesRequest request;
  request.set_filter(query.filter);
  request.set_order_by(query.order_by);
  do {
    pb::ListStudiesResponse page;
    ATTUNE_RETURN_IF_ERROR(Call(address_, stubs_->studies,
                                &pb::StudyService::Stub::ListStudies, request,
                                page));
    std::move(page.mutable_studies()->begin(), page.mutable_studies()->end(),
              std::back_inserter(studies));
    request.set_page_token(page.next_page_token());
  } while (!request.page_token().empty());
  return studies;
}

absl::Status StudyClient::DeleteStudy(const std::string& study) {
  pb::DeleteStudyRequest request;
  request.set_name(StudyName(study));
  google::protobuf::Empty empty;
  return Call(address_, stubs_->studies, &pb::StudyService::Stub::DeleteStudy,
              request, empty);
}

absl::StatusOr<pb::Study> StudyClient::PauseStudy(const std::string& study) {
  pb::PauseStudyRequest request;
  request.set_name(StudyName(study));
  pb::Study result;
  ATTUNE_RETURN_IF_ERROR(Call(address_, stubs_->studies,
                              &pb::StudyService::Stub::PauseStudy, request,
                              result));
  return result;
}

absl::StatusOr<pb::Study> StudyClient::ResumeStudy(const std::string& study) {
  pb::ResumeStudyRequest request;
  request.set_name(StudyName(study));
  pb::Study result;
  ATTUNE_RETURN_IF_ERROR(Call(address_, stubs_->studies,
                              &pb::StudyService::Stub::ResumeStudy, request,
                              result));
  return result;
}

absl::StatusOr<pb::Study> StudyClient::StopStudy(const std::string& study) {
  pb::StopStudyRequest request;
  request.set_name(StudyName(study));
  pb::Study result;
  ATTUNE_RETURN_IF_ERROR(Call(address_, stubs_->studies,
                              &pb::StudyService::Stub::StopStudy, request,
                              result));
  return result;
}

absl::StatusOr<pb::Study> StudyClient::UpdateStudy(
    const pb::Study& study, const std::vector<std::string>& paths) {
  pb::UpdateStudyRequest request;
  *request.mutable_study() = study;
  for (const std::string& path : paths) {
    request.mutable_update_mask()->add_paths(path);
  }
  pb::Study result;
  ATTUNE_RETURN_IF_ERROR(Call(address_, stubs_->studies,
                              &pb::StudyService::Stub::UpdateStudy, request,
                              result));
  return result;
}

absl::StatusOr<pb::ServerStatus> StudyClient::GetServerStatus() {
  pb::ServerStatus status;
  ATTUNE_RETURN_IF_ERROR(Call(address_, stubs_->studies,
                              &pb::StudyService::Stub::GetServerStatus,
                              pb::GetServerStatusRequest(), status));
  return status;
}

absl::StatusOr<pb::Trial> StudyClient::GetTrial(const std::string& study,
                                                int64_t number) {
  pb::GetTrialRequest request;
  request.set_name(TrialName(study, number));
  pb::Trial trial;
  ATTUNE_RETURN_IF_ERROR(Call(address_, stubs_->studies,
                              &pb::StudyService::Stub::GetTrial, request,
                              trial));
  return trial;
}

absl::StatusOr<std::vector<pb::Trial>> StudyClient::ListTrials(
    const std::string& study, const std::vector<pb::Trial::State>& states,
    int64_t limit, const ListQuery& query) {
  constexpr int64_t kPage = 1000;
  std::vector<pb::Trial> trials;
  pb::ListTrialsRequest request;
  request.set_parent(StudyName(study));
  request.set_page_size(
      static_cast<int>(limit > 0 ? std::min(limit, kPage) : kPage));
  for (const pb::Trial::State state : states) request.add_states(state);
  request.set_filter(query.filter);
  request.set_order_by(query.order_by);
  do {
    pb::ListTrialsResponse page;
    ATTUNE_RETURN_IF_ERROR(Call(address_, stubs_->studies,
                                &pb::StudyService::Stub::ListTrials, request,
                                page));
    std::move(page.mutable_trials()->begin(), page.mutable_trials()->end(),
              std::back_inserter(trials));
    request.set_page_token(page.next_page_token());
  } while (!request.page_token().empty() &&
           (limit <= 0 || static_cast<int64_t>(trials.size()) < limit));
  if (limit > 0 && static_cast<int64_t>(trials.size()) > limit) {
    trials.resize(static_cast<size_t>(limit));
  }
  return trials;
}

absl::StatusOr<std::vector<pb::Trial>> StudyClient::ListBestTrials(
    const std::string& study, int count) {
  pb::ListBestTrialsRequest request;
  request.set_parent(StudyName(study));
  request.set_page_size(count);
  pb::ListBestTrialsResponse response;
  ATTUNE_RETURN_IF_ERROR(Call(address_, stubs_->studies,
                              &pb::StudyService::Stub::ListBestTrials, request,
                              response));
  return std::vector<pb::Trial>(response.trials().begin(),
                                response.trials().end());
}

absl::StatusOr<std::vector<pb::Trial>> StudyClient::CreateTrials(
    const std::string& study, const std::vector<pb::Trial>& trials,
    const std::string& request_id) {
  pb::CreateTrialsRequest request;
  request.set_parent(StudyName(study));
  request.set_request_id(request_id);
  request.mutable_trials()->Add(trials.begin(), trials.end());
  pb::CreateTrialsResponse response;
  ATTUNE_RETURN_IF_ERROR(Call(address_, stubs_->studies,
                              &pb::StudyService::Stub::CreateTrials, request,
                              response));
  return std::vector<pb::Trial>(response.trials().begin(),
                                response.trials().end());
}

absl::StatusOr<pb::Trial> StudyClient::CancelTrial(const std::string& study,
                                                   int64_t number,
                                                   const std::string& reason) {
  pb::CancelTrialRequest request;
  request.set_name(TrialName(study, number));
  request.set_reason(reason);
  pb::Trial trial;
  ATTUNE_RETURN_IF_ERROR(Call(address_, stubs_->studies,
                              &pb::StudyService::Stub::CancelTrial, request,
                              trial));
  return trial;
}

absl::StatusOr<pb::Trial> StudyClient::StopTrial(const std::string& study,
                                                 int64_t number,
                                                 const std::string& reason) {
  pb::StopTrialRequest request;
  request.set_name(TrialName(study, number));
  request.set_reason(reason);
  pb::Trial trial;
  ATTUNE_RETURN_IF_ERROR(Call(address_, stubs_->studies,
                              &pb::StudyService::Stub::StopTrial, request,
                              trial));
  return trial;
}

absl::StatusOr<pb::Trial> StudyClient::RetryTrial(const std::string& study,
                                                  int64_t number) {
  pb::RetryTrialRequest request;
  request.set_name(TrialName(study, number));
  pb::Trial trial;
  ATTUNE_RETURN_IF_ERROR(Call(address_, stubs_->studies,
                              &pb::StudyService::Stub::RetryTrial, request,
                              trial));
  return trial;
}

absl::StatusOr<std::vector<pb::Lease>> StudyClient::LeaseTrials(
    const std::string& study, const std::vector<std::string>& workers,
    absl::Duration wait) {
  pb::LeaseTrialsRequest request;
  request.set_study(StudyName(study));
  for (const std::string& worker : workers) request.add_workers(worker);
  request.mutable_wait()->set_seconds(absl::ToInt64Seconds(wait));
  pb::LeaseTrialsResponse response;
  ATTUNE_RETURN_IF_ERROR(Call(address_, stubs_->workers,
                              &pb::WorkerService::Stub::LeaseTrials, request,
                              response, wait + kTimeout));
  return std::vector<pb::Lease>(response.leases().begin(),
                                response.leases().end());
}

absl::Status StudyClient::ReleaseTrial(const pb::Study& study,
                                       const pb::Trial& trial) {
  pb::ReleaseTrialRequest request;
  pb::LeaseToken& token = *request.mutable_token();
  token.set_study_id(study.id());
  token.set_trial_number(trial.number());
  if (!trial.attempts().empty()) {
    token.set_attempt(trial.attempts().rbegin()->number());
  }
  google::protobuf::Empty response;
  return Call(address_, stubs_->workers, &pb::WorkerService::Stub::ReleaseTrial,
              request, response);
}

}  // namespace attune

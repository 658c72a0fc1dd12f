#include "bench/wake_up.h"

#include <grpcpp/grpcpp.h>

#include <algorithm>
#include <memory>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "bench/bench_study.h"
#include "bench/slot.h"
#include "bench/waiting_workers.h"
#include "core/status_macros.h"
#include "proto/convert.h"
#include "proto/grpc_status.h"
#include "proto/study_service.grpc.pb.h"
#include "proto/worker_service.grpc.pb.h"

namespace attune {
namespace {

constexpr int kWorkersOfConnection = 100;
constexpr absl::Duration kPatience = absl::Minutes(2);

// Who makes trials free, and how long that takes.
class Giver {
 public:
  Giver(const std::string& address, std::string study)
      : study_(std::move(study)),
        studies_(v1::StudyService::NewStub(ConnectAlone(address))),
        workers_(v1::WorkerService::NewStub(ConnectAlone(address))) {}

  absl::Status Create() {
    grpc::ClientContext context;
    v1::CreateTrialsRequest request;
    request.set_parent(StudyName(study_));
    request.add_trials();
    v1::CreateTrialsResponse response;
    return FromGrpc(studies_->CreateTrials(&context, request, &response));
  }

  absl::Status Release(const v1::LeaseToken& token) {
    grpc::ClientContext context;
    v1::ReleaseTrialRequest request;
    *request.mutable_token() = token;
    google::protobuf::Empty response;
    return FromGrpc(workers_->ReleaseTrial(&context, request, &response));
  }

  absl::Status Complete(const v1::LeaseToken& token) {
    grpc::ClientContext context;
    v1::CompleteTrialRequest request;
    *request.mutable_token() = token;
    v1::Measurement* measurement = request.add_measurements();
    measurement->set_step(1);
    (*measurement->mutable_metrics())["loss"] = 1.0;
    request.mutable_finished();
    google::protobuf::Empty response;
    return FromGrpc(workers_->CompleteTrial(&context, request, &response));
  }

 private:
  const std::string study_;
  std::unique_ptr<v1::StudyService::Stub> studies_;
  std::unique_ptr<v1::WorkerService::Stub> workers_;
};

}  // namespace

absl::Status CreateStudyToWaitFor(const std::string& address,
                                  const std::string& name) {
  StudySpec spec = BenchStudy(name);
  spec.space = {};
  return CreateStudy(address, spec);
}

absl::Status AwaitWaiting(const std::string& address, int count) {
  const auto stub = v1::StudyService::NewStub(ConnectAlone(address));
  const absl::Time end = absl::Now() + kPatience;
  int64_t waiting = 0;
  while (absl::Now() < end) {
    grpc::ClientContext context;
    v1::ServerStatus status;
    ATTUNE_RETURN_IF_ERROR(
        FromGrpc(stub->GetServerStatus(&context, {}, &status)));
    waiting = status.waiting_calls();
    if (waiting == count) return absl::OkStatus();
    absl::SleepFor(absl::Milliseconds(1));
  }
  return absl::DeadlineExceededError(absl::StrCat(
      "wait for workers that wait: found ", waiting, ", expected ", count));
}

absl::StatusOr<WakeUps> MeasureWakeUps(const std::string& address,
                                       const std::string& name, int workers,
                                       int times) {
  ATTUNE_RETURN_IF_ERROR(CreateStudyToWaitFor(address, name));
  // One more than wait: it holds the trial that is handed on.
  const int connections = std::max(1, workers / kWorkersOfConnection);
  WaitingWorkers waiting({.address = address,
                          .study = StudyName(name),
                          .count = workers + 1,
                          .connections = connections});
  Giver giver(address, name);
  ATTUNE_RETURN_IF_ERROR(giver.Create());
  ATTUNE_ASSIGN_OR_RETURN(GivenTrial held, waiting.Take());
  WakeUps wake_ups;
  for (int i = 0; i < times; ++i) {
    ATTUNE_RETURN_IF_ERROR(AwaitWaiting(address, workers));
    absl::Time begin = absl::Now();
    ATTUNE_RETURN_IF_ERROR(giver.Release(held.token));
    ATTUNE_ASSIGN_OR_RETURN(GivenTrial given, waiting.Take());
    wake_ups.released.push_back(given.time - begin);
    waiting.AskAgain(held.worker);
    held = std::move(given);
    ATTUNE_RETURN_IF_ERROR(AwaitWaiting(address, workers));
    begin = absl::Now();
    ATTUNE_RETURN_IF_ERROR(giver.Create());
    ATTUNE_ASSIGN_OR_RETURN(given, waiting.Take());
    wake_ups.created.push_back(given.time - begin);
    // The new trial is handed on next, so that none has many attempts.
    ATTUNE_RETURN_IF_ERROR(giver.Complete(held.token));
    waiting.AskAgain(held.worker);
    held = std::move(given);
  }
  return wake_ups;
}

}  // namespace attune

#include "bench/waiting_workers.h"

#include <unistd.h>

#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "bench/slot.h"
#include "core/check.h"
#include "proto/grpc_status.h"

namespace attune {
namespace {

constexpr int64_t kWaitSeconds = 60;  // the longest that the coordinator allows

}  // namespace

struct WaitingWorkers::Call {
  grpc::ClientContext context;
  v1::LeaseTrialsResponse response;
  grpc::Status status;
  std::unique_ptr<grpc::ClientAsyncResponseReader<v1::LeaseTrialsResponse>>
      reader;
};

WaitingWorkers::WaitingWorkers(Options options) : options_(std::move(options)) {
  ATTUNE_CHECK(options_.count >= 1 && options_.connections >= 1);
  for (int i = 0; i < options_.connections; ++i) {
    stubs_.push_back(
        v1::WorkerService::NewStub(ConnectAlone(options_.address)));
  }
  thread_ = std::thread([this] { Poll(); });
  const absl::MutexLock lock(&mutex_);
  calls_.resize(static_cast<size_t>(options_.count));
  for (size_t i = 0; i < calls_.size(); ++i) Ask(i);
}

WaitingWorkers::~WaitingWorkers() {
  {
    const absl::MutexLock lock(&mutex_);
    closing_ = true;
    for (const auto& call : calls_) {
      if (call != nullptr) call->context.TryCancel();
    }
    const auto all_answered = [this]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
      return asking_ == 0;
    };
    mutex_.Await(absl::Condition(&all_answered));
  }
  queue_.Shutdown();
  thread_.join();
}

absl::StatusOr<GivenTrial> WaitingWorkers::Take() {
  const absl::MutexLock lock(&mutex_);
  const auto has_news = [this]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    return !given_.empty() || !status_.ok();
  };
  if (!mutex_.AwaitWithTimeout(absl::Condition(&has_news), absl::Minutes(1))) {
    return absl::DeadlineExceededError(absl::StrCat(
        "wait for a trial of ", options_.study, ": none came for a minute"));
  }
  if (!status_.ok()) return status_;
  GivenTrial given = std::move(given_.front());
  given_.pop_front();
  return given;
}

void WaitingWorkers::AskAgain(size_t worker) {
  const absl::MutexLock lock(&mutex_);
  Ask(worker);
}

void WaitingWorkers::Ask(size_t worker) {
  if (closing_) return;
  v1::LeaseTrialsRequest request;
  request.add_workers(absl::StrCat("waiting:", getpid(), "/", worker));
  request.set_study(options_.study);
  request.mutable_wait()->set_seconds(kWaitSeconds);
  calls_[worker] = std::make_unique<Call>();
  Call& call = *calls_[worker];
  call.reader = stubs_[worker % stubs_.size()]->AsyncLeaseTrials(
      &call.context, request, &queue_);
  ++asking_;
  call.reader->Finish(&call.response, &call.status,
                      reinterpret_cast<void*>(worker));
}

void WaitingWorkers::Poll() {
  void* tag = nullptr;
  bool ok = false;
  while (queue_.Next(&tag, &ok)) {
    Receive(reinterpret_cast<size_t>(tag), absl::Now());
  }
}

void WaitingWorkers::Receive(size_t worker, absl::Time now) {
  const absl::MutexLock lock(&mutex_);
  --asking_;
  const std::unique_ptr<Call> call = std::move(calls_[worker]);
  if (closing_) return;
  if (!call->status.ok()) {
    status_ = FromGrpc(call->status);
  } else if (call->response.leases().empty()) {
    Ask(worker);
  } else {
    given_.push_back({worker, call->response.leases(0).token(), now});
  }
}

}  // namespace attune

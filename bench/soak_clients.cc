#include "bench/soak_clients.h"

#include <grpcpp/grpcpp.h>
#include <unistd.h>

#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "bench/bench_study.h"
#include "bench/slot.h"
#include "core/check.h"
#include "core/status_macros.h"
#include "proto/convert.h"
#include "proto/grpc_status.h"
#include "proto/study_service.grpc.pb.h"

namespace attune {
namespace {

constexpr char kReported[] = "reported";
constexpr int kCallsOfTrial = 3;
constexpr int kPages = 5;  // of a list, in a turn
// A watcher hangs up now and then, and goes on from where it was.
constexpr absl::Duration kWatch = absl::Seconds(15);

std::string WorkerName(absl::string_view kind, int index) {
  return absl::StrCat(kind, ":", getpid(), "/", index);
}

// Reads pages of a list from the start, kPages at the most; how many.
template <typename Request, typename Response>
absl::StatusOr<int> ReadPages(
    v1::StudyService::Stub& stub,
    grpc::Status (v1::StudyService::Stub::*method)(grpc::ClientContext*,
                                                   const Request&, Response*),
    Request request) {
  int pages = 0;
  do {
    grpc::ClientContext context;
    Response page;
    ATTUNE_RETURN_IF_ERROR(FromGrpc((stub.*method)(&context, request, &page)));
    request.set_page_token(page.next_page_token());
    ++pages;
  } while (!request.page_token().empty() && pages < kPages);
  return pages;
}

}  // namespace

SoakClients::SoakClients(const std::string& address, const SoakOptions& options)
    : address_(address) {
  for (int i = 0; i < options.teams; ++i) {
    teams_.push_back(std::make_unique<SoakTeam>(
        address, absl::StrCat("soak-", i + 1), options.trials));
  }
  const absl::Status created = CreateStudy(address, BenchStudy(kReported));
  if (!created.ok()) {
    failed_ = true;
    const absl::MutexLock lock(&mutex_);
    status_ = created;
    return;
  }
  for (int i = 0; i < options.teams * options.runners; ++i) {
    Start(&SoakClients::RunTrials, i);
  }
  for (int i = 0; i < options.teams * options.watchers; ++i) {
    Start(&SoakClients::Watch, i);
  }
  for (int i = 0; i < options.reporters; ++i) Start(&SoakClients::Report, i);
  for (int i = 0; i < options.listers; ++i) Start(&SoakClients::List, i);
}

SoakClients::~SoakClients() { Stop().IgnoreError(); }

absl::Status SoakClients::Stop() {
  stop_ = true;
  for (std::thread& thread : threads_) thread.join();
  threads_.clear();
  const absl::MutexLock lock(&mutex_);
  return status_;
}

int64_t SoakClients::live_trials() const {
  int64_t trials = reported_trials_.load(std::memory_order_relaxed);
  for (const auto& team : teams_) trials += team->begun();
  return trials;
}

void SoakClients::Start(absl::Status (SoakClients::*work)(int), int index) {
  threads_.emplace_back([this, work, index] {
    const absl::Status status = (this->*work)(index);
    if (status.ok()) return;
    failed_ = true;
    const absl::MutexLock lock(&mutex_);
    if (status_.ok()) status_ = status;
  });
}

SoakTeam& SoakClients::TeamOf(int index) const {
  return *teams_[static_cast<size_t>(index) % teams_.size()];
}

absl::Status SoakClients::RunTrials(int index) {
  std::string study;
  std::optional<Slot> slot;
  while (!stopping()) {
    ATTUNE_ASSIGN_OR_RETURN(std::string next, TeamOf(index).NextTurn());
    if (next != study) {
      study = std::move(next);
      slot.emplace(address_, WorkerName("run", index), StudyName(study));
    }
    ATTUNE_RETURN_IF_ERROR(slot->RunTrial());
    Count(kCallsOfTrial);
  }
  return absl::OkStatus();
}

absl::Status SoakClients::Report(int index) {
  Slot slot(address_, WorkerName("report", index), StudyName(kReported));
  for (int64_t reports = 0; !stopping(); ++reports) {
    ATTUNE_RETURN_IF_ERROR(slot.Report());
    if (reports % Slot::kSteps == 0) {
      reported_trials_.fetch_add(1, std::memory_order_relaxed);
    }
    Count(1);
  }
  return slot.Finish();
}

absl::Status SoakClients::Watch(int index) {
  const auto stub = v1::StudyService::NewStub(ConnectAlone(address_));
  v1::WatchStudyRequest request;
  while (!stopping()) {
    const std::string study = TeamOf(index).study();
    if (study.empty()) {
      absl::SleepFor(absl::Milliseconds(10));
      continue;
    }
    if (request.name() != StudyName(study)) {
      request.set_name(StudyName(study));
      request.clear_resume_token();
    }
    grpc::ClientContext context;
    context.set_deadline(absl::ToChronoTime(absl::Now() + kWatch));
    const auto stream = stub->WatchStudy(&context, request);
    v1::WatchStudyResponse news;
    while (!stopping() && stream->Read(&news)) {
      request.set_resume_token(news.resume_token());
      Count(1);
    }
    context.TryCancel();
    const grpc::Status end = stream->Finish();
    if (!end.ok() && end.error_code() != grpc::StatusCode::CANCELLED &&
        end.error_code() != grpc::StatusCode::DEADLINE_EXCEEDED) {
      return FromGrpc(end);
    }
  }
  return absl::OkStatus();
}

absl::Status SoakClients::List(int index) {
  using Stub = v1::StudyService::Stub;
  const auto stub = v1::StudyService::NewStub(ConnectAlone(address_));
  for (int turn = index; !stopping(); ++turn) {
    const std::string study = TeamOf(turn).study();
    if (study.empty()) {
      absl::SleepFor(absl::Milliseconds(10));
      continue;
    }
    v1::ListTrialsRequest trials;
    trials.set_parent(StudyName(study));
    ATTUNE_ASSIGN_OR_RETURN(int calls,
                            ReadPages(*stub, &Stub::ListTrials, trials));
    Count(calls);
    trials.set_filter("parameters.layers = 3 AND metrics.loss > 0.5");
    ATTUNE_ASSIGN_OR_RETURN(calls, ReadPages(*stub, &Stub::ListTrials, trials));
    Count(calls);
    v1::ListStudiesRequest studies;
    studies.set_order_by("name desc");
    ATTUNE_ASSIGN_OR_RETURN(calls,
                            ReadPages(*stub, &Stub::ListStudies, studies));
    Count(calls);
    v1::ListBestTrialsRequest best;
    best.set_parent(StudyName(study));
    grpc::ClientContext best_context;
    v1::ListBestTrialsResponse best_trials;
    ATTUNE_RETURN_IF_ERROR(
        FromGrpc(stub->ListBestTrials(&best_context, best, &best_trials)));
    grpc::ClientContext status_context;
    v1::ServerStatus status;
    ATTUNE_RETURN_IF_ERROR(
        FromGrpc(stub->GetServerStatus(&status_context, {}, &status)));
    Count(2);
  }
  return absl::OkStatus();
}

}  // namespace attune

#include "client/local_cluster.h"

#include <signal.h>

#include <algorithm>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "client/study_client.h"
#include "core/status_macros.h"

namespace attune {
namespace {

constexpr int kShownLines = 10;

// `stays`: a person can still read the rest later.
std::string EndOfLog(const std::string& path, bool stays) {
  const std::string lines = LastLines(path, kShownLines);
  const std::string name = stays ? absl::StrCat(" ", path) : "";
  if (lines.empty()) return absl::StrCat("; its log", name, " is empty");
  return absl::StrCat("; the end of its log", name, ":\n", lines);
}

}  // namespace

LocalCoordinator::LocalCoordinator(std::unique_ptr<ScratchDirectory> directory,
                                   const std::string& log_path)
    : directory_(std::move(directory)),
      address_(absl::StrCat("unix:", directory_->path(), "/socket")),
      log_stays_(!log_path.empty()),
      log_path_(log_stays_ ? log_path : directory_->path() + "/log") {}

absl::StatusOr<std::unique_ptr<LocalCoordinator>> LocalCoordinator::Start(
    const LocalCoordinatorOptions& options) {
  ATTUNE_ASSIGN_OR_RETURN(std::unique_ptr<ScratchDirectory> directory,
                          ScratchDirectory::Create());
  const std::string log_path =
      options.log_path.empty() ? directory->path() + "/log" : options.log_path;
  std::unique_ptr<LocalCoordinator> coordinator(
      new LocalCoordinator(std::move(directory), options.log_path));
  std::vector<std::string> command = {options.program, "--db", options.database,
                                      "--listen", coordinator->address()};
  if (options.read_only) command.emplace_back("--read-only");
  ATTUNE_ASSIGN_OR_RETURN(coordinator->process_,
                          ChildProcess::Start(command, coordinator->log_path_));
  // A large file takes a while to open, or to bring up to date.
  constexpr absl::Duration kPatience = absl::Minutes(2);
  constexpr absl::Duration kOnce = absl::Milliseconds(200);
  const absl::Time deadline = absl::Now() + kPatience;
  StudyClient client(coordinator->address());
  absl::Status status;
  do {
    ATTUNE_RETURN_IF_ERROR(coordinator->CheckRunning(/*log_stays=*/false));
    if (options.interrupted && options.interrupted()) {
      // It has promised nothing to anybody yet.
      coordinator->process_->Signal(SIGKILL);
      return absl::CancelledError("stopped while the coordinator was starting");
    }
    status = client.Check(kOnce);
  } while (!status.ok() && absl::Now() < deadline);
  if (!status.ok()) {
    return absl::DeadlineExceededError(
        absl::StrCat("attuned did not get ready: ", status.message(),
                     EndOfLog(coordinator->log_path_, /*stays=*/false)));
  }
  return coordinator;
}

LocalCoordinator::~LocalCoordinator() {
  constexpr absl::Duration kPatience = absl::Seconds(20);
  if (process_ == nullptr) return;
  process_->Signal(SIGTERM);
  process_->WaitFor(kPatience);
}

absl::Status LocalCoordinator::CheckRunning() {
  return CheckRunning(log_stays_);
}

absl::Status LocalCoordinator::CheckRunning(bool log_stays) {
  if (!process_->HasEnded()) return absl::OkStatus();
  return absl::UnavailableError(absl::StrCat("attuned ", process_->HowItEnded(),
                                             EndOfLog(log_path_, log_stays)));
}

absl::StatusOr<std::unique_ptr<WorkerPool>> WorkerPool::Start(
    const WorkerPoolOptions& options) {
  std::unique_ptr<WorkerPool> pool(new WorkerPool(options));
  for (int i = 0; i < options.count; ++i) {
    ATTUNE_RETURN_IF_ERROR(pool->StartOne());
  }
  return pool;
}

absl::Status WorkerPool::StartOne() {
  ATTUNE_ASSIGN_OR_RETURN(
      std::unique_ptr<ChildProcess> worker,
      ChildProcess::Start(options_.command, options_.log_path));
  workers_.push_back(std::move(worker));
  return absl::OkStatus();
}

absl::Status WorkerPool::Watch() {
  constexpr int kMostDeathsEach = 3;
  std::string how;
  int dead = 0;
  for (auto worker = workers_.begin(); worker != workers_.end();) {
    if (!(*worker)->HasEnded()) {
      ++worker;
      continue;
    }
    if (!(*worker)->Succeeded()) {
      how = (*worker)->HowItEnded();
      ++dead;
    }
    worker = workers_.erase(worker);
  }
  deaths_ += dead;
  if (dead > 0 && deaths_ > kMostDeathsEach * options_.count) {
    return absl::AbortedError(
        absl::StrCat("workers died ", deaths_, " times; the last one ", how,
                     EndOfLog(options_.log_path, /*stays=*/true)));
  }
  for (; dead > 0; --dead) ATTUNE_RETURN_IF_ERROR(StartOne());
  return absl::OkStatus();
}

bool WorkerPool::HaveEnded() {
  return std::all_of(workers_.begin(), workers_.end(),
                     [](const auto& worker) { return worker->HasEnded(); });
}

bool WorkerPool::Has(absl::string_view worker) const {
  return std::any_of(workers_.begin(), workers_.end(),
                     [worker](const auto& process) {
                       return absl::StrContains(
                           worker, absl::StrCat(":", process->pid(), "."));
                     });
}

bool WorkerPool::WaitFor(absl::Duration timeout) {
  const absl::Time deadline = absl::Now() + timeout;
  for (const auto& worker : workers_) worker->WaitFor(deadline - absl::Now());
  return HaveEnded();
}

void WorkerPool::Terminate() {
  for (const auto& worker : workers_) worker->Signal(SIGTERM);
}

void WorkerPool::Kill() {
  for (const auto& worker : workers_) worker->Signal(SIGKILL);
}

}  // namespace attune

#include <algorithm>
#include <filesystem>
#include <memory>
#include <string>
#include <system_error>
#include <thread>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "client/commands/ask_worker.h"
#include "client/commands/commands.h"
#include "client/commands/common.h"
#include "client/commands/follow.h"
#include "client/local_cluster.h"
#include "client/scratch_directory.h"
#include "client/status_report.h"
#include "client/study_file.h"
#include "client/study_summary.h"
#include "client/terminal.h"
#include "client/writable_folder.h"
#include "core/error.h"
#include "core/status_macros.h"

namespace attune {
namespace {

// How long workers get to leave, before they are told to hurry and again before
// they are killed.
constexpr absl::Duration kPatience = absl::Seconds(20);
constexpr absl::Duration kImpatience = absl::Seconds(3);

// What our workers are named by beside a coordinator of our own. So nobody but
// `attune run` had a worker of that name, on this database alone, and whoever
// holds its lock now knows that the worker is gone: it died with its parent.
constexpr absl::string_view kOwnWorker = "attune-run";

// As many processes as there are cores, and none that would have nothing to do.
int CountWorkers(const RunOptions& options, const StudySpec& spec) {
  if (options.workers >= 0) return options.workers;
  int64_t slots = std::max(1u, std::thread::hardware_concurrency());
  slots = std::min(slots, spec.budget.max_parallel.value_or(slots));
  slots = std::min(slots, MostTrials(spec).value_or(slots));
  return static_cast<int>((slots + options.slots - 1) / options.slots);
}

absl::Status ExplainExisting(const absl::Status& status,
                             const RunOptions& options, const StudySpec& spec,
                             const Globals& globals) {
  if (Reason(status) != reason::kStudyExists) return status;
  return absl::AlreadyExistsError(absl::StrCat(
      status.message(),
      "\nOnly the budget of a study can change. Give the one in ", options.file,
      " another name, or delete the old one: attune delete ", spec.name,
      ConnectionFlags(globals)));
}

// Networks are trained all the same; their workers would say it in their log.
void SayIfNothingIsKept(const StudySpec& spec, const std::string& folder) {
  if (!std::holds_alternative<NetworkTask>(spec.task)) return;
  const absl::Status status = CheckWritable(folder);
  if (status.ok()) return;
  WriteMessage(absl::StrCat(
      "no checkpoints and no models can be kept in `", Printable(folder),
      "`: ", Printable(status.message()), "; trials run without\n"));
}

// A study that is run by workers of one's own.
class RunSession {
 public:
  RunSession(const Globals& globals, const RunOptions& options, StudyFile file)
      : globals_(globals),
        options_(options),
        file_(std::move(file)),
        spec_(file_.spec) {}

  absl::Status Run();

 private:
  // Whether somebody has pressed Ctrl-C meanwhile.
  bool IsInterrupted() const { return signals_.WaitFor(absl::ZeroDuration()); }
  // Says what the workers that are about to be started will learn from, if they
  // learn anything; an error if they cannot.
  absl::Status LookAtData() const;
  // Whether the study is there and done, so that it needs no data.
  bool IsDone() const;
  absl::StatusOr<pb::Study> CreateOrContinue();
  absl::Status TakeBackTrials(const pb::Study& study);
  absl::Status StartWorkers();
  absl::Status Follow();
  absl::Status PrintResult();
  absl::Status SayWhyPaused(const std::string& why) const;
  absl::StatusOr<Next> Step(bool signalled, Follower& follower);
  void OnSignal(Follower& follower);
  // Says when the coordinator cannot write any more.
  void LookAtCommits(Follower& follower);
  bool DatabaseIsGone() const;
  // Ends a message: the command, unless the database is gone.
  std::string HowToGoOn() const;
  void EndWorkers(absl::Duration patience);
  std::string LogPath() const;

  const Globals& globals_;
  const RunOptions& options_;
  const StudyFile file_;
  StudySpec spec_;  // of the study, whose budget may be another than the file's
  const SignalWaiter signals_;  // before there are threads
  std::unique_ptr<Connection> connection_;
  std::unique_ptr<ScratchDirectory> log_directory_;  // if it has the log
  std::unique_ptr<WorkerPool> workers_;
  int signal_count_ = 0;
  CommitWatch commits_;
  absl::Time next_look_at_commits_ = absl::InfinitePast();
};

std::string RunSession::LogPath() const {
  return log_directory_ != nullptr ? log_directory_->path() + "/workers.log"
                                   : globals_.connection.database + ".log";
}

absl::Status RunSession::Run() {
  // Where nothing can be learnt no database is made either.
  const bool is_new = DatabaseIsGone();
  if (is_new) ATTUNE_RETURN_IF_ERROR(LookAtData());
  ATTUNE_ASSIGN_OR_RETURN(
      connection_,
      Connection::Open(globals_.connection, Use::kCreate, LogPath(),
                       [this] { return IsInterrupted(); }));
  if (!is_new && !IsDone()) ATTUNE_RETURN_IF_ERROR(LookAtData());
  ATTUNE_ASSIGN_OR_RETURN(const pb::Study study, CreateOrContinue());
  if (study.state() == pb::Study::COMPLETED) {
    WriteMessage(absl::StrCat("the study `", spec_.name,
                              "` is done: ", study.state_reason(), "\n"));
    return PrintResult();
  }
  ATTUNE_RETURN_IF_ERROR(TakeBackTrials(study));
  ATTUNE_RETURN_IF_ERROR(StartWorkers());
  const absl::Status status = Follow();
  const bool is_error = !status.ok() && !absl::IsCancelled(status);
  EndWorkers(status.ok() ? kPatience : kImpatience);
  if (is_error) {
    // Only for a person who is told where it is.
    if (log_directory_ != nullptr &&
        absl::StrContains(status.message(), log_directory_->path())) {
      log_directory_->Keep();
    }
    return status;
  }
  // There is nothing left to read the result from.
  if (!status.ok() && DatabaseIsGone()) return status;
  ATTUNE_RETURN_IF_ERROR(PrintResult());
  return status;
}

// A study that was stopped, or is done without a result, is a failure, for
// scripts too.
absl::Status RunSession::PrintResult() {
  StudyClient& client = connection_->client();
  constexpr int kBest = 5;
  ATTUNE_RETURN_IF_ERROR(
      PrintBest(client, spec_.name, spec_, options_.best, kBest, globals_));
  ATTUNE_ASSIGN_OR_RETURN(const pb::Study study, client.GetStudy(spec_.name));
  SayWhatFailed(study, spec_.name, globals_);
  if (study.state() == pb::Study::STOPPED) {
    return absl::CancelledError(
        absl::StrCat("the study was stopped before it was done", HowToGoOn()));
  }
  if (study.state() != pb::Study::COMPLETED || Count(study, "completed") > 0) {
    return absl::OkStatus();
  }
  return absl::FailedPreconditionError(absl::StrCat(
      "the study is done, but none of its ", CountFinished(study),
      " trials was completed; why is in: attune show ", spec_.name,
      ConnectionFlags(globals_),
      "\nOnly the budget of a study can change: correct ", options_.file,
      " and give it another name, or delete this one first"));
}

absl::Status RunSession::LookAtData() const {
  if (!std::holds_alternative<NetworkTask>(spec_.task) ||
      CountWorkers(options_, spec_) == 0) {
    return absl::OkStatus();
  }
  ATTUNE_ASSIGN_OR_RETURN(
      const std::string data,
      DescribeData(spec_, DataDir(options_.data_dir, options_.file),
                   [this] { return IsInterrupted(); }));
  WriteMessage(absl::StrCat("data: ", Printable(data), "\n"));
  return absl::OkStatus();
}

bool RunSession::IsDone() const {
  const auto study = connection_->client().GetStudy(spec_.name);
  return study.ok() && study->state() == pb::Study::COMPLETED;
}

absl::StatusOr<pb::Study> RunSession::CreateOrContinue() {
  StudyClient& client = connection_->client();
  absl::StatusOr<FileStudy> found = CreateOrFind(client, file_);
  if (!found.ok()) {
    return ExplainExisting(found.status(), options_, spec_, globals_);
  }
  spec_ = found->spec;
  pb::Study study = found->study;
  const bool is_halted =
      study.state() == pb::Study::PAUSED || study.state() == pb::Study::STOPPED;
  if (is_halted) {
    WriteMessage(absl::StrCat("the study `", spec_.name, "` was ",
                              StateWord(study.state()), "; it goes on\n"));
    ATTUNE_ASSIGN_OR_RETURN(study, client.ResumeStudy(spec_.name));
  } else if (found->existed && study.state() == pb::Study::ACTIVE) {
    WriteMessage(absl::StrCat("going on with the study `", spec_.name, "`: ",
                              CountFinished(study), " trials are done\n"));
  }
  return study;
}

// The trials that a run had when it was killed would count as running until
// their leases end, and keep others from running.
absl::Status RunSession::TakeBackTrials(const pb::Study& study) {
  if (connection_->own() == nullptr) return absl::OkStatus();
  StudyClient& client = connection_->client();
  ATTUNE_ASSIGN_OR_RETURN(
      const std::vector<pb::Trial> running,
      client.ListTrials(spec_.name, {pb::Trial::RUNNING}, /*limit=*/0));
  for (const pb::Trial& trial : running) {
    if (!absl::StartsWith(trial.worker(), absl::StrCat(kOwnWorker, ":"))) {
      continue;
    }
    const absl::Status status = client.ReleaseTrial(study, trial);
    if (!status.ok() && Reason(status) != reason::kLeaseLost) return status;
    WriteMessage(absl::StrCat("trial ", trial.number(),
                              " was running when this was killed; it is "
                              "started again\n"));
  }
  return absl::OkStatus();
}

absl::Status RunSession::StartWorkers() {
  const int count = CountWorkers(options_, spec_);
  const bool has_task = !std::holds_alternative<std::monostate>(spec_.task);
  if (!has_task && options_.workers < 0) {
    WriteMessage(absl::StrCat(
        "trials of this study are run by programs of your own; the "
        "coordinator listens at ",
        connection_->client().address(), "\n"));
    return absl::OkStatus();
  }
  if (count == 0) return absl::OkStatus();
  if (connection_->own() == nullptr) {
    ATTUNE_ASSIGN_OR_RETURN(log_directory_, ScratchDirectory::Create());
  }
  ATTUNE_ASSIGN_OR_RETURN(const std::string program,
                          FindProgram("attune-worker"));
  std::vector<std::string> command = {program,
                                      "--server",
                                      connection_->client().address(),
                                      "--slots",
                                      absl::StrCat(options_.slots),
                                      "--study",
                                      spec_.name};
  const std::string artifact_dir =
      ArtifactDir(globals_.connection, options_.artifact_dir);
  if (!artifact_dir.empty()) {
    SayIfNothingIsKept(spec_, artifact_dir);
    command.insert(command.end(), {"--artifact-dir", artifact_dir});
  }
  if (connection_->own() != nullptr) {
    command.insert(command.end(), {"--name", std::string(kOwnWorker)});
  }
  command.insert(command.end(),
                 {"--data-dir", DataDir(options_.data_dir, options_.file)});
  ATTUNE_ASSIGN_OR_RETURN(workers_,
                          WorkerPool::Start({.command = std::move(command),
                                             .count = count,
                                             .log_path = LogPath()}));
  return absl::OkStatus();
}

absl::Status RunSession::Follow() {
  Follower follower(&connection_->client(), spec_.name, spec_, &signals_,
                    globals_);
  // Nothing of one that has just started is past.
  if (connection_->own() != nullptr) commits_.Look(pb::CommitStatus());
  const absl::Status status = follower.Follow(
      [&](bool signalled) { return Step(signalled, follower); });
  if (absl::IsUnavailable(status) && connection_->own() == nullptr) {
    return absl::UnavailableError(absl::StrCat(status.message(), HowToGoOn()));
  }
  if (!status.ok() || follower.is_over()) return status;
  return absl::CancelledError(
      absl::StrCat("stopped before the study was done", HowToGoOn()));
}

bool RunSession::DatabaseIsGone() const {
  const ConnectionOptions& connection = globals_.connection;
  std::error_code error;
  return connection.server.empty() &&
         !std::filesystem::exists(connection.database, error);
}

std::string RunSession::HowToGoOn() const {
  if (DatabaseIsGone()) {
    return absl::StrCat("; its database ", globals_.connection.database,
                        " is there no more");
  }
  return absl::StrCat("; go on with: attune run ", options_.file,
                      ConnectionFlags(globals_));
}

void RunSession::LookAtCommits(Follower& follower) {
  constexpr absl::Duration kPause = absl::Seconds(1);
  const absl::Time now = absl::Now();
  if (now < next_look_at_commits_) return;
  next_look_at_commits_ = now + kPause;
  const absl::StatusOr<pb::ServerStatus> status =
      connection_->client().GetServerStatus();
  if (!status.ok()) return;  // The follower says what is the matter.
  const std::string news = commits_.Look(status->commits());
  if (!news.empty()) follower.view().Say(news);
}

absl::Status RunSession::SayWhyPaused(const std::string& why) const {
  return absl::CancelledError(absl::StrCat(
      "the study was paused: ", Printable(why),
      "\nWhen that is mended, go on with: attune run ", options_.file,
      ConnectionFlags(globals_), "\nOnly the budget of a study can change: if ",
      options_.file,
      " is wrong, correct it and give it another name, or delete this one "
      "first"));
}

absl::StatusOr<Next> RunSession::Step(bool signalled, Follower& follower) {
  if (connection_->own() != nullptr) {
    ATTUNE_RETURN_IF_ERROR(connection_->own()->CheckRunning());
  }
  LookAtCommits(follower);
  if (signalled) OnSignal(follower);
  if (signal_count_ > 0) {
    return workers_ == nullptr || workers_->HaveEnded() ? Next::kLeave
                                                        : Next::kGoOn;
  }
  if (follower.is_over()) return Next::kLeave;
  if (!follower.why_paused().empty()) {
    return SayWhyPaused(follower.why_paused());
  }
  if (workers_ == nullptr) return Next::kGoOn;
  ATTUNE_RETURN_IF_ERROR(workers_->Watch());
  if (workers_->HaveEnded()) {
    return absl::AbortedError(absl::StrCat(
        "every worker has left before the study was done; their log is ",
        LogPath()));
  }
  return Next::kGoOn;
}

void RunSession::OnSignal(Follower& follower) {
  ++signal_count_;
  if (workers_ == nullptr) return;
  if (signal_count_ == 1) {
    workers_->Terminate();
    const std::vector<std::string>& busy = follower.busy_workers();
    const auto ours = std::count_if(
        busy.begin(), busy.end(),
        [this](const std::string& worker) { return workers_->Has(worker); });
    follower.SetNote(absl::StrCat(
        "draining, ", ours, " still running; Ctrl-C again hands them back"));
  } else if (signal_count_ == 2) {
    workers_->Terminate();
    follower.SetNote("handing back the running trials");
  } else {
    workers_->Kill();
  }
}

void RunSession::EndWorkers(absl::Duration patience) {
  if (workers_ == nullptr) return;
  // A second time for those that would still wait for a trial to end.
  for (int i = 0; i < 2 && !workers_->HaveEnded(); ++i) {
    workers_->Terminate();
    workers_->WaitFor(patience);
  }
  workers_.reset();
}

}  // namespace

absl::Status Run(const Globals& globals, const RunOptions& options) {
  ATTUNE_ASSIGN_OR_RETURN(StudyFile file, ReadStudyFile(options.file));
  return RunSession(globals, options, std::move(file)).Run();
}

}  // namespace attune

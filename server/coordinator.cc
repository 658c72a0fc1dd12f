#include "server/coordinator.h"

#include <algorithm>
#include <utility>
#include <variant>

#include "absl/strings/str_cat.h"
#include "core/log.h"
#include "core/overloaded.h"
#include "core/status_macros.h"
#include "server/attempt_desk.h"
#include "server/command_checks.h"
#include "server/coordinator_status.h"
#include "server/failing_workers.h"
#include "server/forward_time.h"
#include "server/lease_desk.h"
#include "server/outbox.h"
#include "server/study_book.h"
#include "server/study_life.h"
#include "server/trial_desk.h"
#include "server/trial_source.h"

namespace attune {
namespace {

// An answer of one kind as the answer to any call.
template <typename T>
absl::StatusOr<Reply> ToReply(absl::StatusOr<T> result) {
  if (!result.ok()) return std::move(result).status();
  return Reply(*std::move(result));
}
absl::StatusOr<Reply> ToReply(const std::string& study,
                              absl::StatusOr<std::vector<Trial>> trials) {
  if (!trials.ok()) return std::move(trials).status();
  return TrialsReply{.study = study, .trials = *std::move(trials)};
}
absl::StatusOr<Reply> ToReply(const std::string& study,
                              absl::StatusOr<Trial> trial) {
  if (!trial.ok()) return std::move(trial).status();
  return TrialsReply{.study = study, .trials = {*std::move(trial)}};
}
absl::StatusOr<Reply> ToReply(const absl::Status& status) {
  if (!status.ok()) return status;
  return Reply();
}

}  // namespace

// The desks that decide, the book that they share, and the order of things.
class Coordinator::State {
 public:
  State(Storage* storage, const CoordinatorOptions& options, absl::Time now)
      : time_(now),
        book_(storage, options.lease_duration, options.committed),
        source_(&book_, options.make_algorithm),
        life_(&book_, &source_, options.max_open_studies),
        trials_(&book_, &source_, &life_),
        failing_(&book_),
        attempts_(&book_, &life_, &failing_),
        leases_(&book_, &source_, &life_, &failing_, &outbox_,
                options.max_waiting) {}

  absl::Status Open(absl::Time clock) {
    ATTUNE_RETURN_IF_ERROR(book_.Open(time_.At(clock)));
    size_t running = 0;
    for (const auto& [id, study] : book_.studies()) {
      running += study.running().size();
    }
    Log(LogLevel::kInfo, "book_opened",
        {{"studies", absl::StrCat(book_.studies().size())},
         {"running_trials", absl::StrCat(running)}});
    return absl::OkStatus();
  }

  void Process(std::vector<Request> batch, absl::Time clock) {
    const absl::Time now = time_.At(clock);
    book_.RetryUnreadable(now);
    life_.EndOverdue(now);
    for (Request& request : batch) Decide(request, now);
    Conclude(now);
  }

  void Tick(absl::Time clock) {
    const absl::Time now = time_.At(clock);
    if (book_.MayTryStorage(now)) {
      book_.RetryUnreadable(now);
      life_.EndOverdue(now);
      attempts_.Expire(now);
    }
    leases_.EndWaits(now);
    Conclude(now);
  }

  absl::Time NextTick() const {
    return time_.ToClock(std::min(book_.NextDue(), leases_.FirstDeadline()));
  }

  void AnswerWaiting() {
    leases_.EndAllWaits();
    outbox_.Send(absl::OkStatus());
  }

  const StudyBook& book() const { return book_; }

 private:
  void Decide(Request& request, absl::Time now) {
    if (absl::Status wrong = Check(request.command); !wrong.ok()) {
      return outbox_.Put(std::move(request.done), std::move(wrong), false);
    }
    if (std::holds_alternative<LeaseTrials>(request.command)) {
      return leases_.Ask(std::move(request), now);
    }
    absl::StatusOr<Reply> reply = Answer(request.command, now);
    const bool is_wrong = absl::IsInvalidArgument(reply.status());
    outbox_.Put(std::move(request.done), std::move(reply),
                book_.HasChanges() && !is_wrong);
  }

  absl::StatusOr<Reply> Answer(const Command& command, absl::Time now) {
    using Answer = absl::StatusOr<Reply>;
    return std::visit(
        Overloaded{
            [&](const CreateStudy& create) -> Answer {
              return ToReply(life_.Create(create, now));
            },
            [&](const UpdateStudy& update) -> Answer {
              return ToReply(life_.Update(update, now));
            },
            [&](const DeleteStudy& remove) -> Answer {
              return ToReply(life_.Delete(remove).status());
            },
            [&](const PauseStudy& pause) -> Answer {
              return ToReply(life_.Pause(pause.study, now));
            },
            [&](const ResumeStudy& resume) -> Answer {
              return ToReply(life_.Resume(resume.study, now));
            },
            [&](const StopStudy& stop) -> Answer {
              return ToReply(life_.Stop(stop.study, now));
            },
            [&](const CreateTrials& create) -> Answer {
              return ToReply(create.study, trials_.Create(create, now));
            },
            [&](const SuggestTrials& suggest) -> Answer {
              return ToReply(trials_.Suggest(suggest, now));
            },
            [&](const UpdateTrial& update) -> Answer {
              return ToReply(update.study, trials_.Update(update));
            },
            [&](const CancelTrial& cancel) -> Answer {
              return ToReply(cancel.study, trials_.Cancel(cancel, now));
            },
            [&](const StopTrial& stop) -> Answer {
              return ToReply(stop.study, trials_.Stop(stop, now));
            },
            [&](const RetryTrial& retry) -> Answer {
              return ToReply(retry.study, trials_.Retry(retry, now));
            },
            [&](const DescribeCoordinator&) -> Answer { return Describe(); },
            [&](const RenewLeases& renew) -> Answer {
              return ToReply(attempts_.Renew(renew, now));
            },
            [&](const ReportMeasurements& report) -> Answer {
              return ToReply(attempts_.Report(report, now));
            },
            [&](const FinishTrial& finish) -> Answer {
              return ToReply(attempts_.Finish(finish, now));
            },
            [&](const ReleaseTrial& release) -> Answer {
              return ToReply(attempts_.Release(release, now));
            },
            [](const LeaseTrials&) -> Answer {
              return absl::InternalError("leases are answered elsewhere");
            }},
        command);
  }

  // In times as the clock shows them.
  CoordinatorStatus Describe() const {
    CoordinatorStatus status = MakeStatus(book_, leases_.room());
    for (WorkerContact& contact : status.workers) {
      contact.last_contact = time_.ToClock(contact.last_contact);
    }
    return status;
  }

  void Conclude(absl::Time now) {
    leases_.Serve(now);
    outbox_.Send(book_.Commit(now));
  }

  ForwardTime time_;
  StudyBook book_;
  TrialSource source_;
  StudyLife life_;
  TrialDesk trials_;
  Outbox outbox_;
  FailingWorkers failing_;
  AttemptDesk attempts_;
  LeaseDesk leases_;
};

absl::StatusOr<std::unique_ptr<Coordinator>> Coordinator::Open(
    Storage* storage, const CoordinatorOptions& options, absl::Time now) {
  auto state = std::make_unique<State>(storage, options, now);
  ATTUNE_RETURN_IF_ERROR(state->Open(now));
  return std::unique_ptr<Coordinator>(new Coordinator(std::move(state)));
}

Coordinator::Coordinator(std::unique_ptr<State> state)
    : state_(std::move(state)) {}

Coordinator::~Coordinator() = default;

void Coordinator::Process(std::vector<Request> batch, absl::Time now) {
  state_->Process(std::move(batch), now);
}

void Coordinator::Tick(absl::Time now) { state_->Tick(now); }

absl::Time Coordinator::NextTick() const { return state_->NextTick(); }

void Coordinator::AnswerWaiting() { state_->AnswerWaiting(); }

const StudyBook& Coordinator::book() const { return state_->book(); }

}  // namespace attune

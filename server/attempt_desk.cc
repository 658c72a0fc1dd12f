#include "server/attempt_desk.h"

#include <optional>
#include <string>
#include <utility>
#include <variant>

#include "absl/strings/str_cat.h"
#include "core/check.h"
#include "core/error.h"
#include "core/log.h"
#include "core/status_macros.h"
#include "core/trial_machine.h"
#include "server/attempt_event.h"
#include "server/stopping/stopping_rule.h"

namespace attune {
namespace {

absl::Status LeaseLost(absl::string_view message,
                       absl::string_view resource = "") {
  return Error(absl::StatusCode::kFailedPrecondition, reason::kLeaseLost,
               message, resource);
}

absl::Status NoSuchTrial(const BookedStudy& study, TrialId id) {
  const std::string name = TrialResource(study.study().spec.name, id.number);
  return LeaseLost(absl::StrCat("there is no ", name), name);
}

absl::Status WithTrialName(const absl::Status& status, const BookedStudy& study,
                           TrialId id) {
  return attune::WithTrialName(status, study.study().spec.name, id.number);
}

// The trial, if `token` is its current lease; else nullptr.
const Trial* CurrentTrial(const BookedStudy& study, const LeaseToken& token) {
  const Trial* trial = study.FindTrial(token.trial.number);
  if (trial == nullptr) return nullptr;
  const auto* running = std::get_if<Running>(&trial->state);
  if (running == nullptr || running->lease.attempt != token.attempt) {
    return nullptr;
  }
  return trial;
}

Verdict VerdictOf(const Trial& trial) {
  return std::get<Running>(trial.state).stop_requested.has_value()
             ? Verdict::kStop
             : Verdict::kContinue;
}

}  // namespace

absl::StatusOr<const BookedStudy*> AttemptDesk::FindStudy(
    const LeaseToken& token) const {
  const BookedStudy* study = book_->Find(token.trial.study);
  if (study == nullptr) {
    return LeaseLost(absl::StrCat("trial ", token.trial.number, " of study id ",
                                  token.trial.study.value,
                                  ": there is no such study, it may have been "
                                  "deleted"));
  }
  if (study->depth() == Depth::kUnreadable) return UnreadableError(*study);
  return study;
}

absl::StatusOr<StoredTrial> AttemptDesk::FindTrial(const BookedStudy& study,
                                                   TrialId id) const {
  const Trial* trial = study.FindTrial(id.number);
  // The progress of a trial that finished is in storage only.
  if (trial != nullptr &&
      (!IsFinished(trial->state) || study.HasProgress(id.number))) {
    return StoredTrial{.trial = *trial, .progress = study.progress(id.number)};
  }
  absl::StatusOr<std::optional<StoredTrial>> stored = book_->ReadTrial(id);
  if (!stored.ok()) {
    return Error(absl::StatusCode::kUnavailable, reason::kStorageUnavailable,
                 absl::StrCat("reading ",
                              TrialResource(study.study().spec.name, id.number),
                              ": ", stored.status().message()));
  }
  if (stored->has_value()) return **std::move(stored);
  if (trial != nullptr) return StoredTrial{.trial = *trial, .progress = {}};
  return NoSuchTrial(study, id);
}

absl::StatusOr<const Trial*> AttemptDesk::RenewLease(const LeaseToken& token,
                                                     absl::Time now) {
  ATTUNE_ASSIGN_OR_RETURN(const BookedStudy* study, FindStudy(token));
  if (study->depth() != Depth::kWhole) {
    return LeaseLost(
        absl::StrCat("study '", study->study().spec.name, "' is ",
                     ToString(study->study().state),
                     ", none of its trials run"),
        TrialResource(study->study().spec.name, token.trial.number));
  }
  const Trial* trial = study->FindTrial(token.trial.number);
  if (trial == nullptr) return NoSuchTrial(*study, token.trial);
  const absl::Time deadline = now + book_->lease_duration();
  const absl::StatusOr<TrialState> renewed =
      Next(trial->state,
           LeaseRenewed{.attempt = token.attempt, .deadline = deadline}, now);
  if (!renewed.ok()) {
    return WithTrialName(renewed.status(), *study, token.trial);
  }
  book_->MoveDeadline(token.trial, std::get<Running>(*renewed).lease.deadline);
  return trial;
}

absl::StatusOr<std::vector<Verdict>> AttemptDesk::Renew(
    const RenewLeases& command, absl::Time now) {
  std::vector<Verdict> verdicts;
  verdicts.reserve(command.tokens.size());
  for (const LeaseToken& token : command.tokens) {
    const absl::StatusOr<const Trial*> trial = RenewLease(token, now);
    if (trial.ok()) {
      verdicts.push_back(VerdictOf(**trial));
    } else if (absl::IsFailedPrecondition(trial.status())) {
      verdicts.push_back(Verdict::kLeaseLost);
    } else {
      return trial.status();
    }
  }
  return verdicts;
}

absl::StatusOr<Verdict> AttemptDesk::Report(const ReportMeasurements& command,
                                            absl::Time now) {
  const TrialId id = command.token.trial;
  ATTUNE_ASSIGN_OR_RETURN(const Trial* trial, RenewLease(command.token, now));
  const int added = book_->AddMeasurements(id, command.measurements);
  if (added > 0 && VerdictOf(*trial) == Verdict::kContinue) {
    ConsiderStopping(*book_->Find(id.study), id, now);
  }
  return VerdictOf(*trial);
}

void AttemptDesk::ConsiderStopping(const BookedStudy& study, TrialId id,
                                   absl::Time now) {
  if (study.curve_metric().empty()) return;
  const StopDecision decision =
      Decide(study.study().spec, study.stopping_view(id.number));
  if (!decision.stop) return;
  const absl::Status status =
      life_->AdvanceTrial(id, StopRequested{.reason = decision.reason}, now);
  ATTUNE_CHECK(status.ok());
}

absl::Status AttemptDesk::Finish(const FinishTrial& command, absl::Time now) {
  const TrialId id = command.token.trial;
  ATTUNE_ASSIGN_OR_RETURN(const BookedStudy* study, FindStudy(command.token));
  const Trial* trial = CurrentTrial(*study, command.token);
  if (trial == nullptr) return CheckRepeat(*study, command, now);
  const WorkerId worker = std::get<Running>(trial->state).lease.worker;
  ATTUNE_RETURN_IF_ERROR(FinishCurrent(command, *study, now));
  if (std::holds_alternative<Broken>(command.outcome)) {
    failing_->AttemptFailed(worker, id.study, now);
  } else {
    failing_->AttemptEnded(worker, id.study);
  }
  return absl::OkStatus();
}

absl::Status AttemptDesk::FinishCurrent(const FinishTrial& command,
                                        const BookedStudy& study,
                                        absl::Time now) {
  const TrialId id = command.token.trial;
  const StudySpec& spec = study.study().spec;
  if (std::holds_alternative<Finished>(command.outcome)) {
    // Whatever the measurements are, such an end is legal.
    book_->AddMeasurements(id, command.measurements);
    const absl::Status status = life_->AdvanceTrial(
        id,
        AttemptEvent(spec, study.progress(id.number), command.outcome,
                     command.token.attempt),
        now);
    ATTUNE_CHECK(status.ok());
    return status;
  }
  // The event does not depend on the measurements, and may be refused.
  const TrialEvent event = AttemptEvent(spec, study.progress(id.number),
                                        command.outcome, command.token.attempt);
  const absl::StatusOr<TrialState> next =
      Next(study.FindTrial(id.number)->state, event, now);
  if (!next.ok()) return WithTrialName(next.status(), study, id);
  book_->AddMeasurements(id, command.measurements);
  return life_->AdvanceTrial(id, event, now);
}

absl::Status AttemptDesk::CheckRepeat(const BookedStudy& study,
                                      const FinishTrial& command,
                                      absl::Time now) const {
  const TrialId id = command.token.trial;
  ATTUNE_ASSIGN_OR_RETURN(const StoredTrial stored, FindTrial(study, id));
  const TrialEvent event = AttemptEvent(study.study().spec, stored.progress,
                                        command.outcome, command.token.attempt);
  const absl::StatusOr<TrialState> next = Next(stored.trial.state, event, now);
  if (!next.ok()) return WithTrialName(next.status(), study, id);
  for (const Measurement& measurement : command.measurements) {
    if (stored.progress.HasStep(measurement.step)) continue;
    const std::string name = TrialResource(study.study().spec.name, id.number);
    return Error(absl::StatusCode::kFailedPrecondition, reason::kTrialFinished,
                 absl::StrCat(name, ": attempt ", command.token.attempt,
                              " has ended; step ", measurement.step,
                              " was not reported before"),
                 name);
  }
  return absl::OkStatus();
}

absl::Status AttemptDesk::Release(const ReleaseTrial& command, absl::Time now) {
  const TrialId id = command.token.trial;
  ATTUNE_ASSIGN_OR_RETURN(const BookedStudy* study, FindStudy(command.token));
  const LeaseReleased event = {.attempt = command.token.attempt};
  if (CurrentTrial(*study, command.token) != nullptr) {
    return life_->AdvanceTrial(id, event, now);
  }
  ATTUNE_ASSIGN_OR_RETURN(const StoredTrial stored, FindTrial(*study, id));
  const absl::StatusOr<TrialState> next = Next(stored.trial.state, event, now);
  if (!next.ok()) return WithTrialName(next.status(), *study, id);
  return absl::OkStatus();
}

void AttemptDesk::Expire(absl::Time now) {
  while (const std::optional<TrialId> id = book_->ExpiredLease(now)) {
    const BookedStudy& study = *book_->Find(id->study);
    const Trial& trial = *study.FindTrial(id->number);
    const Lease lease = std::get<Running>(trial.state).lease;
    const std::string name = study.study().spec.name;
    const absl::Status status = life_->AdvanceTrial(
        *id, LeaseExpired{.max_attempts = study.study().spec.max_attempts},
        now);
    ATTUNE_CHECK(status.ok());
    Log(LogLevel::kInfo, "lease_expired",
        {{"study", name},
         {"trial", absl::StrCat(id->number)},
         {"attempt", absl::StrCat(lease.attempt)},
         {"worker", lease.worker.value},
         {"state", std::string(StateName(trial.state))}});
  }
}

}  // namespace attune

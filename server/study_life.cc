#include "server/study_life.h"

#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "core/check.h"
#include "core/error.h"
#include "core/log.h"
#include "core/status_macros.h"
#include "server/spec_difference.h"

namespace attune {
namespace {

absl::Status OtherSpec(const Study& study, const StudySpec& spec) {
  return Error(
      absl::StatusCode::kAlreadyExists, reason::kStudyExists,
      absl::StrCat("creating study '", spec.name,
                   "': there is one of that name with another ",
                   absl::StrJoin(DifferingFields(study.spec, spec, 3), ", ")),
      StudyResource(spec.name));
}

Budget Changed(Budget budget, const UpdateStudy& command) {
  for (const StudyField field : command.fields) {
    switch (field) {
      case StudyField::kMaxTrials:
        budget.max_trials = command.budget.max_trials;
        break;
      case StudyField::kMaxParallel:
        budget.max_parallel = command.budget.max_parallel;
        break;
      case StudyField::kMaxDuration:
        budget.max_duration = command.budget.max_duration;
        break;
      case StudyField::kMaxFailed:
        budget.max_failed = command.budget.max_failed;
        break;
      case StudyField::kAttributes:
        break;
    }
  }
  return budget;
}

// Storage keeps durations in whole microseconds, rounded down.
StudySpec AsStored(StudySpec spec) {
  if (auto& duration = spec.budget.max_duration; duration.has_value()) {
    duration = absl::Microseconds(absl::ToInt64Microseconds(*duration));
  }
  return spec;
}

// Why the study is over; empty if it is not.
std::string EndReason(const BookedStudy& study) {
  const Budget& budget = study.study().spec.budget;
  if (study.time_over()) {
    return absl::StrCat("its max_duration of ",
                        absl::FormatDuration(*budget.max_duration), " is over");
  }
  if (budget.max_trials.has_value() && study.created() >= *budget.max_trials) {
    return absl::StrCat("all of its ", *budget.max_trials, " trials are done");
  }
  return study.search_ended().value_or("");
}

}  // namespace

absl::StatusOr<Study> StudyLife::Create(const CreateStudy& command,
                                        absl::Time now) {
  const StudySpec spec = AsStored(command.spec);
  if (const std::vector<Violation> violations = Validate(spec);
      !violations.empty()) {
    return InvalidFields(violations);
  }
  if (HasSearch(spec)) ATTUNE_RETURN_IF_ERROR(source_->Supports(spec));
  const absl::StatusOr<const BookedStudy*> found = book_->Find(spec.name);
  if (found.ok()) {
    const Study& study = (*found)->study();
    if (study.spec != spec) return OtherSpec(study, spec);
    return study;
  }
  if (!absl::IsNotFound(found.status())) return found.status();
  if (book_->live_count() >= max_open_studies_) {
    return LimitReached("studies that are active or paused", max_open_studies_);
  }
  ATTUNE_ASSIGN_OR_RETURN(const StudyId id, book_->NextStudyId());
  book_->PutStudy({.id = id,
                   .spec = spec,
                   .attributes = command.attributes,
                   .create_time = now,
                   .update_time = now});
  Log(LogLevel::kInfo, "study_created",
      {{"study", spec.name},
       {"id", absl::StrCat(id.value)},
       {"algorithm", spec.algorithm.name}});
  return book_->Find(id)->study();
}

absl::StatusOr<StudyId> StudyLife::Delete(const DeleteStudy& command) {
  ATTUNE_ASSIGN_OR_RETURN(const BookedStudy* study, book_->Find(command.study));
  ATTUNE_RETURN_IF_ERROR(CheckRevision(
      StudyResource(command.study), study->study().revision, command.revision));
  const StudyId id = study->study().id;
  book_->DeleteStudy(id);
  Log(LogLevel::kInfo, "study_deleted",
      {{"study", command.study}, {"id", absl::StrCat(id.value)}});
  return id;
}

absl::StatusOr<Study> StudyLife::Update(const UpdateStudy& command,
                                        absl::Time now) {
  ATTUNE_ASSIGN_OR_RETURN(const BookedStudy* found, book_->Find(command.study));
  Study study = found->study();
  ATTUNE_RETURN_IF_ERROR(CheckRevision(StudyResource(command.study),
                                       study.revision, command.revision));
  if (command.fields.contains(StudyField::kAttributes)) {
    study.attributes = command.attributes;
  }
  study.spec.budget = Changed(study.spec.budget, command);
  study.spec = AsStored(std::move(study.spec));
  if (const std::vector<Violation> violations = Validate(study.spec);
      !violations.empty()) {
    return InvalidFields(violations);
  }
  const StudyId id = study.id;
  const bool has_new_budget = study.spec.budget != found->study().spec.budget;
  if (!has_new_budget && study.attributes == found->study().attributes) {
    return study;
  }
  ATTUNE_RETURN_IF_ERROR(MakeWhole(id));
  if (has_new_budget && study.state == StudyState::kCompleted) {
    study.state = StudyState::kActive;
    study.state_reason = "";
  }
  study.update_time = now;
  book_->PutStudy(std::move(study));
  if (has_new_budget) {
    EndOverdue(now);
    CompleteIfDone(id, now);
  }
  Log(LogLevel::kInfo, "study_updated", {{"study", command.study}});
  return book_->Find(id)->study();
}

absl::Status StudyLife::Reopen(StudyId id, absl::Time now) {
  return SetState(id, StudyState::kActive, "", now);
}

absl::StatusOr<Study> StudyLife::Pause(absl::string_view name, absl::Time now) {
  ATTUNE_ASSIGN_OR_RETURN(const BookedStudy* study, book_->Find(name));
  const Study& record = study->study();
  if (record.state == StudyState::kPaused) return record;
  if (record.state != StudyState::kActive)
    return WrongStateError(record, "pause");
  ATTUNE_RETURN_IF_ERROR(SetState(record.id, StudyState::kPaused, "", now));
  return record;
}

absl::StatusOr<Study> StudyLife::Resume(absl::string_view name,
                                        absl::Time now) {
  ATTUNE_ASSIGN_OR_RETURN(const BookedStudy* study, book_->Find(name));
  if (study->study().state == StudyState::kActive) return study->study();
  if (study->study().state == StudyState::kCompleted) {
    return WrongStateError(study->study(), "resume");
  }
  const StudyId id = study->study().id;
  ATTUNE_RETURN_IF_ERROR(SetState(id, StudyState::kActive, "", now));
  EndOverdue(now);
  CompleteIfDone(id, now);
  return book_->Find(id)->study();
}

absl::StatusOr<Study> StudyLife::Stop(absl::string_view name, absl::Time now) {
  ATTUNE_ASSIGN_OR_RETURN(const BookedStudy* study, book_->Find(name));
  const Study& record = study->study();
  if (record.state == StudyState::kStopped) return record;
  if (record.state == StudyState::kCompleted)
    return WrongStateError(record, "stop");
  const std::string why = "the study was stopped";
  ATTUNE_RETURN_IF_ERROR(SetState(record.id, StudyState::kStopped, why, now));
  StopRunning(record.id, why, now);
  return record;
}

absl::Status StudyLife::AdvanceTrial(TrialId id, const TrialEvent& event,
                                     absl::Time now) {
  const BookedStudy* study = book_->Find(id.study);
  const Trial* trial = study == nullptr ? nullptr : study->FindTrial(id.number);
  ATTUNE_CHECK(trial != nullptr);
  absl::StatusOr<Trial> next = Advance(*trial, event, now);
  if (!next.ok()) return next.status();
  if (next->state == trial->state) return absl::OkStatus();
  const bool has_failed = std::holds_alternative<Failed>(next->state);
  book_->PutTrial(*std::move(next));
  CompleteIfDone(id.study, now);
  if (has_failed) PauseIfFailing(id, now);
  return absl::OkStatus();
}

void StudyLife::PauseIfFailing(TrialId last, absl::Time now) {
  const BookedStudy& study = *book_->Find(last.study);
  if (study.study().state != StudyState::kActive || !study.FailsTooOften()) {
    return;
  }
  const std::string why = absl::StrCat(
      study.failed(), study.failed() == 1 ? " trial" : " trials", " failed",
      study.study().spec.budget.max_failed.has_value()
          ? ", as many as its max_failed"
          : " and none was completed",
      "; the last one, trial ", last.number, ": ",
      StateReason(study.FindTrial(last.number)->state));
  const absl::Status status =
      SetState(last.study, StudyState::kPaused, why, now);
  ATTUNE_CHECK(status.ok());
  Log(LogLevel::kWarning, "study_paused",
      {{"study", study.study().spec.name}, {"reason", why}});
}

void StudyLife::CompleteIfDone(StudyId id, absl::Time now) {
  const BookedStudy* study = book_->Find(id);
  const StudyState state = study->study().state;
  if ((state != StudyState::kActive && state != StudyState::kPaused) ||
      !study->waiting().empty() || !study->running().empty() ||
      source_->MayCreate(id)) {
    return;
  }
  const std::string why = EndReason(*study);
  const int64_t created = study->created();
  const absl::Status status = SetState(id, StudyState::kCompleted, why, now);
  ATTUNE_CHECK(status.ok());
  Log(LogLevel::kInfo, "study_completed",
      {{"study", study->study().spec.name},
       {"trials", absl::StrCat(created)},
       {"reason", why}});
}

void StudyLife::EndOverdue(absl::Time now) {
  while (const std::optional<StudyId> id = book_->OverdueStudy(now)) {
    book_->SetTimeOver(*id);
    const std::string why = EndReason(*book_->Find(*id));
    Log(LogLevel::kInfo, "study_overdue",
        {{"study", book_->Find(*id)->study().spec.name}});
    CancelWaiting(*id, why, now);
    StopRunning(*id, why, now);
    CompleteIfDone(*id, now);
  }
}

absl::Status StudyLife::MakeWhole(StudyId id) {
  if (book_->Find(id)->depth() != Depth::kLight) return absl::OkStatus();
  return book_->MakeWhole(id);
}

absl::Status StudyLife::SetState(StudyId id, StudyState state,
                                 absl::string_view reason, absl::Time now) {
  ATTUNE_RETURN_IF_ERROR(MakeWhole(id));
  Study study = book_->Find(id)->study();
  study.state = state;
  study.state_reason = std::string(reason);
  study.update_time = now;
  book_->PutStudy(std::move(study));
  return absl::OkStatus();
}

void StudyLife::StopRunning(StudyId id, absl::string_view reason,
                            absl::Time now) {
  const absl::btree_set<int64_t> running = book_->Find(id)->running();
  for (const int64_t number : running) {
    const absl::Status status =
        AdvanceTrial({.study = id, .number = number},
                     StopRequested{.reason = std::string(reason)}, now);
    ATTUNE_CHECK(status.ok());
  }
}

void StudyLife::CancelWaiting(StudyId id, absl::string_view reason,
                              absl::Time now) {
  const absl::btree_set<int64_t> waiting = book_->Find(id)->waiting();
  for (const int64_t number : waiting) {
    const absl::Status status =
        AdvanceTrial({.study = id, .number = number},
                     CancelRequested{.reason = std::string(reason)}, now);
    ATTUNE_CHECK(status.ok());
  }
}

}  // namespace attune

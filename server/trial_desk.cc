#include "server/trial_desk.h"

#include <algorithm>
#include <optional>
#include <utility>
#include <variant>

#include "absl/strings/str_cat.h"
#include "core/error.h"
#include "core/status_macros.h"
#include "server/assignment.h"

namespace attune {
namespace {

absl::Status Refuse(absl::string_view reason, absl::string_view message,
                    absl::string_view resource) {
  return Error(absl::StatusCode::kFailedPrecondition, reason, message,
               resource);
}

// Whether the budget allows `count` more trials.
absl::Status CheckBudget(const BookedStudy& study, size_t count,
                         absl::Time now) {
  const Study& record = study.study();
  const Budget& budget = record.spec.budget;
  const auto refuse = [&](absl::string_view why) {
    return Refuse(reason::kBudgetExhausted,
                  absl::StrCat("study '", record.spec.name, "' ", why,
                               "; UpdateStudy can change its budget"),
                  StudyResource(record.spec.name));
  };
  if (budget.max_duration.has_value() &&
      now >= record.create_time + *budget.max_duration) {
    return refuse(absl::StrCat("has used up its max_duration of ",
                               absl::FormatDuration(*budget.max_duration)));
  }
  if (!budget.max_trials.has_value()) return absl::OkStatus();
  const int64_t room =
      std::max<int64_t>(0, *budget.max_trials - study.created());
  if (static_cast<int64_t>(count) <= room) return absl::OkStatus();
  return refuse(absl::StrCat("has ", study.created(), " of at most ",
                             *budget.max_trials, " trials, which leaves ", room,
                             ", and ", count, " more are wanted"));
}

// Whether the points are in the study's search space, if it has one.
absl::Status CheckPoints(const StudySpec& spec, const CreateTrials& command) {
  if (!HasSearch(spec)) return absl::OkStatus();
  std::vector<Violation> violations;
  for (size_t i = 0; i < command.trials.size(); ++i) {
    for (Violation& violation :
         ValidatePoint(spec.space, command.trials[i].parameters)) {
      violation.field = absl::StrCat("trials[", i, "].", violation.field);
      violations.push_back(std::move(violation));
    }
  }
  return violations.empty() ? absl::OkStatus() : InvalidFields(violations);
}

// OK if the trials are those that the command asks for once more.
absl::Status CheckSameRequest(const std::vector<Trial>& trials,
                              const CreateTrials& command) {
  const bool same = std::equal(
      trials.begin(), trials.end(), command.trials.begin(),
      command.trials.end(), [](const Trial& trial, const PlannedTrial& wish) {
        return trial.parameters == wish.parameters;
      });
  if (same) return absl::OkStatus();
  absl::Status status = InvalidFields(
      {{.field = "request_id",
        .description = absl::StrCat(
            "found '", command.request_id,
            "', which stands for other trials already; expected a new one")}});
  SetReason(reason::kRequestIdReused, status);
  return status;
}

}  // namespace

absl::StatusOr<const BookedStudy*> TrialDesk::FindWhole(
    absl::string_view name) {
  ATTUNE_ASSIGN_OR_RETURN(const BookedStudy* study, book_->Find(name));
  const StudyId id = study->study().id;
  ATTUNE_RETURN_IF_ERROR(life_->MakeWhole(id));
  return book_->Find(id);
}

absl::StatusOr<Trial> TrialDesk::FindTrial(const BookedStudy& study,
                                           int64_t number) const {
  const Study& record = study.study();
  const Trial* trial = study.FindTrial(number);
  if (trial != nullptr && !LacksAttempts(*trial)) return *trial;
  if (trial != nullptr || study.depth() != Depth::kWhole) {
    ATTUNE_ASSIGN_OR_RETURN(
        std::optional<StoredTrial> stored,
        book_->ReadTrial({.study = record.id, .number = number}));
    if (stored.has_value()) return std::move(stored->trial);
  }
  return NoSuchTrialError(record.spec.name, number);
}

absl::StatusOr<std::vector<Trial>> TrialDesk::Select(
    const BookedStudy& study, const std::vector<int64_t>& numbers) const {
  std::vector<Trial> trials;
  trials.reserve(numbers.size());
  for (const int64_t number : numbers) {
    ATTUNE_ASSIGN_OR_RETURN(Trial trial, FindTrial(study, number));
    trials.push_back(std::move(trial));
  }
  return trials;
}

absl::StatusOr<std::vector<Trial>> TrialDesk::Create(
    const CreateTrials& command, absl::Time now) {
  ATTUNE_ASSIGN_OR_RETURN(const BookedStudy* study, FindWhole(command.study));
  if (const auto& numbers = study->CreatedBy(command.request_id);
      !numbers.empty()) {
    ATTUNE_ASSIGN_OR_RETURN(std::vector<Trial> trials, Select(*study, numbers));
    ATTUNE_RETURN_IF_ERROR(CheckSameRequest(trials, command));
    return trials;
  }
  ATTUNE_RETURN_IF_ERROR(CheckPoints(study->study().spec, command));
  std::vector<Trial> planned;
  for (const PlannedTrial& wish : command.trials) {
    planned.push_back({.parameters = wish.parameters,
                       .attributes = wish.attributes,
                       .request_id = command.request_id});
  }
  return Add(*study, std::move(planned), now);
}

absl::StatusOr<std::vector<Trial>> TrialDesk::Add(const BookedStudy& study,
                                                  std::vector<Trial> planned,
                                                  absl::Time now) {
  const Study& record = study.study();
  const StudyId id = record.id;
  if (record.state == StudyState::kStopped) {
    return WrongStateError(record, "add trials to");
  }
  ATTUNE_RETURN_IF_ERROR(CheckBudget(study, planned.size(), now));
  if (record.state == StudyState::kCompleted) {
    ATTUNE_RETURN_IF_ERROR(life_->Reopen(id, now));
  }
  std::vector<Trial> created;
  for (Trial& trial : planned) {
    trial.id = {.study = id, .number = study.created() + 1};
    trial.seen_revision = record.revision;
    trial.state = Waiting();
    trial.create_time = now;
    book_->PutTrial(std::move(trial));
    created.push_back(study.trials().back());
  }
  return created;
}

absl::StatusOr<LeaseReply> TrialDesk::Suggest(const SuggestTrials& command,
                                              absl::Time now) {
  ATTUNE_ASSIGN_OR_RETURN(const BookedStudy* study, book_->Find(command.study));
  const Study& record = study->study();
  const StudyId id = record.id;
  if (record.state == StudyState::kCompleted) {
    return LeaseReply{.exhausted = true};
  }
  if (const auto& numbers = study->SuggestedBy(command.request_id);
      !numbers.empty()) {
    return AnswerSuggest(*study, numbers, command.request_id);
  }
  if (record.state != StudyState::kActive) {
    return WrongStateError(record, "ask for trials of");
  }
  if (!HasSearch(record.spec) && study->waiting().empty()) {
    return Refuse(reason::kNoSearchSpace,
                  absl::StrCat("study '", record.spec.name,
                               "' has no search space, and no trial waits; "
                               "create trials with their parameters first"),
                  StudyResource(record.spec.name));
  }
  const LeaseGranted grant = {.worker = command.worker,
                              .deadline = absl::InfiniteFuture(),
                              .request_id = command.request_id};
  std::vector<int64_t> given;
  while (static_cast<int64_t>(given.size()) < command.count &&
         study->CanHandOut()) {
    const std::optional<TrialId> trial = source_->GiveTo(id, grant, now);
    if (!trial.has_value()) break;
    given.push_back(trial->number);
  }
  life_->CompleteIfDone(id, now);
  return AnswerSuggest(*study, given, command.request_id);
}

LeaseReply TrialDesk::AnswerSuggest(const BookedStudy& study,
                                    const std::vector<int64_t>& numbers,
                                    const std::string& request_id) const {
  LeaseReply reply;
  for (const int64_t number : numbers) {
    const Trial& trial = *study.FindTrial(number);
    const auto* running = std::get_if<Running>(&trial.state);
    // One that has ended, or was handed back and went to a worker or to another
    // asker since, is not the caller's.
    if (running == nullptr ||
        running->lease.deadline != absl::InfiniteFuture() ||
        trial.attempts.back().request_id != request_id) {
      continue;
    }
    reply.assignments.push_back(
        MakeAssignment(study, number, absl::InfiniteDuration()));
  }
  reply.exhausted = study.study().state == StudyState::kCompleted;
  return reply;
}

absl::StatusOr<Trial> TrialDesk::Update(const UpdateTrial& command) {
  ATTUNE_ASSIGN_OR_RETURN(const BookedStudy* study, FindWhole(command.study));
  ATTUNE_ASSIGN_OR_RETURN(Trial trial, FindTrial(*study, command.number));
  ATTUNE_RETURN_IF_ERROR(
      CheckRevision(TrialResource(command.study, command.number),
                    trial.revision, command.revision));
  if (trial.attributes == command.attributes) return trial;
  trial.attributes = command.attributes;
  book_->PutTrial(std::move(trial));
  return *study->FindTrial(command.number);
}

absl::StatusOr<Trial> TrialDesk::Apply(const std::string& study, int64_t number,
                                       const TrialEvent& event,
                                       absl::Time now) {
  ATTUNE_ASSIGN_OR_RETURN(const BookedStudy* found, book_->Find(study));
  ATTUNE_ASSIGN_OR_RETURN(const Trial trial, FindTrial(*found, number));
  const absl::StatusOr<TrialState> next = Next(trial.state, event, now);
  if (!next.ok()) return WithTrialName(next.status(), study, number);
  if (*next == trial.state) return trial;
  ATTUNE_RETURN_IF_ERROR(life_->MakeWhole(trial.id.study));
  ATTUNE_RETURN_IF_ERROR(life_->AdvanceTrial(trial.id, event, now));
  return *book_->Find(trial.id.study)->FindTrial(number);
}

absl::StatusOr<Trial> TrialDesk::Cancel(const CancelTrial& command,
                                        absl::Time now) {
  return Apply(
      command.study, command.number,
      CancelRequested{.reason = command.reason.empty() ? "cancelled by request"
                                                       : command.reason},
      now);
}

absl::StatusOr<Trial> TrialDesk::Stop(const StopTrial& command,
                                      absl::Time now) {
  return Apply(
      command.study, command.number,
      StopRequested{.reason = command.reason.empty() ? "stopped by request"
                                                     : command.reason},
      now);
}

absl::StatusOr<Trial> TrialDesk::Retry(const RetryTrial& command,
                                       absl::Time now) {
  ATTUNE_ASSIGN_OR_RETURN(const BookedStudy* study, FindWhole(command.study));
  ATTUNE_ASSIGN_OR_RETURN(const Trial ended, FindTrial(*study, command.number));
  if (!IsFinished(ended.state) ||
      std::holds_alternative<Completed>(ended.state)) {
    const std::string name = TrialResource(command.study, command.number);
    return Refuse(reason::kTrialState,
                  absl::StrCat(name, " is ", StateName(ended.state),
                               "; only a trial that ended without completing "
                               "can be tried again"),
                  name);
  }
  for (const auto* unfinished : {&study->waiting(), &study->running()}) {
    for (const int64_t number : *unfinished) {
      const Trial& trial = *study->FindTrial(number);
      if (trial.retry_of == command.number) return trial;
    }
  }
  ATTUNE_ASSIGN_OR_RETURN(std::vector<Trial> added,
                          Add(*study,
                              {{.parameters = ended.parameters,
                                .attributes = ended.attributes,
                                .retry_of = command.number}},
                              now));
  return std::move(added.front());
}

}  // namespace attune

#include "server/study_book.h"

#include <algorithm>
#include <utility>
#include <variant>

#include "absl/strings/str_cat.h"
#include "core/check.h"
#include "core/error.h"
#include "core/log.h"
#include "core/status_macros.h"

namespace attune {
namespace {

constexpr absl::Duration kRetryStorageAfter = absl::Seconds(1);

bool IsLive(const BookedStudy& study) {
  return study.depth() == Depth::kUnreadable ||
         study.study().state == StudyState::kActive ||
         study.study().state == StudyState::kPaused;
}

// When the study's time is over, if that is still to come.
std::optional<absl::Time> EndOf(const BookedStudy& study) {
  const auto& duration = study.study().spec.budget.max_duration;
  if (!duration.has_value() || study.depth() != Depth::kWhole ||
      !IsLive(study) || study.time_over()) {
    return std::nullopt;
  }
  return study.study().create_time + *duration;
}

// Nothing in the study can change until a person resumes it.
bool IsAtRest(const BookedStudy& study) {
  return study.study().state == StudyState::kCompleted ||
         (study.study().state == StudyState::kStopped &&
          study.running().empty());
}

// Not asked for without a lease.
bool IsLeased(const Running& running) {
  return running.lease.deadline != absl::InfiniteFuture();
}

using Leases = absl::flat_hash_map<int64_t, Lease>;

Leases RunningLeases(const BookedStudy& study) {
  Leases leases;
  for (const int64_t number : study.running()) {
    leases[number] = std::get<Running>(study.FindTrial(number)->state).lease;
  }
  return leases;
}

// Renewals live in memory only: leases that are in `known` keep their
// deadlines, others get a full term, and those without an end keep that.
void RestoreDeadlines(const Leases& known, absl::Time full_term,
                      BookedStudy& study) {
  for (const auto& [number, lease] : RunningLeases(study)) {
    if (lease.deadline == absl::InfiniteFuture()) continue;
    const auto old = known.find(number);
    const bool is_known =
        old != known.end() && old->second.attempt == lease.attempt;
    study.MoveDeadline(number, is_known ? old->second.deadline : full_term);
  }
}

}  // namespace

absl::Status StudyBook::Open(absl::Time now) {
  ATTUNE_ASSIGN_OR_RETURN(const std::vector<Study> studies,
                          storage_->ListStudies({}));
  for (const Study& study : studies) {
    Insert(BookedStudy(study, Depth::kUnreadable));
    Reload(study.id, now);
  }
  return absl::OkStatus();
}

// ---- reading ----------------------------------------------------------------

const BookedStudy* StudyBook::Find(StudyId id) const {
  const auto found = studies_.find(id);
  return found == studies_.end() ? nullptr : &found->second;
}

absl::StatusOr<const BookedStudy*> StudyBook::Find(
    absl::string_view name) const {
  const auto found = by_name_.find(name);
  if (found == by_name_.end()) {
    return Error(absl::StatusCode::kNotFound, reason::kStudyNotFound,
                 absl::StrCat("there is no study '", name, "'"),
                 StudyResource(name));
  }
  const BookedStudy* study = Find(found->second);
  ATTUNE_CHECK(study != nullptr);
  if (study->depth() == Depth::kUnreadable) return UnreadableError(*study);
  return study;
}

BookedStudy& StudyBook::Get(StudyId id) {
  const auto found = studies_.find(id);
  ATTUNE_CHECK(found != studies_.end());
  return found->second;
}

std::optional<TrialId> StudyBook::HeldBy(const WorkerId& worker,
                                         std::optional<StudyId> study) const {
  const TrialId first = {.study = study.value_or(StudyId()), .number = 0};
  const auto found = held_.lower_bound(std::pair(worker, first));
  if (found == held_.end() || found->first != worker) return std::nullopt;
  if (study.has_value() && found->second.study != *study) return std::nullopt;
  return found->second;
}

bool StudyBook::HasTask(StudyId id) const {
  const StudySpec& spec = studies_.at(id).study().spec;
  return !std::holds_alternative<std::monostate>(spec.task);
}

std::optional<StudyId> StudyBook::NextOpen(
    bool with_task, const std::function<bool(StudyId)>& skip) const {
  for (const auto& [running, id] : open_) {
    if (with_task && !HasTask(id)) continue;
    if (skip == nullptr || !skip(id)) return id;
  }
  return std::nullopt;
}

bool StudyBook::HasLiveStudies(bool with_task) const {
  return std::any_of(live_.begin(), live_.end(),
                     [&](StudyId id) { return !with_task || HasTask(id); });
}

std::optional<TrialId> StudyBook::ExpiredLease(absl::Time now) const {
  if (deadlines_.empty() || deadlines_.begin()->first > now) {
    return std::nullopt;
  }
  return deadlines_.begin()->second;
}

std::optional<StudyId> StudyBook::OverdueStudy(absl::Time now) const {
  if (end_.empty() || end_.begin()->first > now) return std::nullopt;
  return end_.begin()->second;
}

absl::Time StudyBook::NextDue() const {
  absl::Time due = absl::InfiniteFuture();
  if (!deadlines_.empty()) due = std::min(due, deadlines_.begin()->first);
  if (!end_.empty()) due = std::min(due, end_.begin()->first);
  if (!unreadable_.empty()) due = std::min(due, retry_at_);
  return std::max(due, retry_at_);
}

// ---- changing ---------------------------------------------------------------

void StudyBook::PutStudy(Study study) {
  const StudyId id = study.id;
  const auto found = studies_.find(id);
  const bool is_new = found == studies_.end();
  study.revision =
      pending_.TouchStudy(id, is_new ? 0 : found->second.study().revision);
  study.change = is_new ? 1 : found->second.NextChange();
  if (is_new) return Insert(BookedStudy(std::move(study), Depth::kWhole));
  Unindex(found->second);
  found->second.SetStudy(std::move(study));
  Index(found->second);
}

void StudyBook::PutTrial(Trial trial) {
  BookedStudy& study = Get(trial.id.study);
  const int64_t number = trial.id.number;
  const Trial* before = study.FindTrial(number);
  trial.revision =
      pending_.TouchTrial(trial.id, before == nullptr ? 0 : before->revision);
  trial.change = study.NextChange();
  Unindex(study);
  if (before != nullptr) UnindexLease(*before);
  study.PutTrial(std::move(trial));
  IndexLease(*study.FindTrial(number));
  Index(study);
}

void StudyBook::DeleteStudy(StudyId id) {
  deleted_.insert_or_assign(id, Get(id).study());
  pending_.DeleteStudy(id);
  Erase(id);
}

int StudyBook::AddMeasurements(TrialId id,
                               absl::Span<const Measurement> measurements) {
  BookedStudy& study = Get(id.study);
  int added = 0;
  for (const Measurement& measurement : measurements) {
    if (!study.AddMeasurement(id.number, measurement)) continue;
    pending_.AddMeasurement(id, measurement);
    ++added;
  }
  if (added > 0) study.SetChange(id.number, study.NextChange());
  return added;
}

void StudyBook::MoveDeadline(TrialId id, absl::Time deadline) {
  BookedStudy& study = Get(id.study);
  UnindexLease(*study.FindTrial(id.number));
  study.MoveDeadline(id.number, deadline);
  IndexLease(*study.FindTrial(id.number));
}

void StudyBook::EndSearch(StudyId id, std::string reason) {
  BookedStudy& study = Get(id);
  Unindex(study);
  study.EndSearch(std::move(reason));
  Index(study);
}

void StudyBook::SetTimeOver(StudyId id) {
  BookedStudy& study = Get(id);
  Unindex(study);
  study.SetTimeOver();
  Index(study);
}

void StudyBook::SetNextSuggestion(StudyId id, Suggestion suggestion) {
  Get(id).SetNextSuggestion(std::move(suggestion));
}

absl::Status StudyBook::MakeWhole(StudyId id) {
  BookedStudy& study = Get(id);
  ATTUNE_CHECK(study.depth() == Depth::kLight);
  ATTUNE_ASSIGN_OR_RETURN(BookedStudy whole,
                          ReadWholeStudy(*storage_, study.study()));
  Erase(id);
  Insert(std::move(whole));
  made_whole_.insert(id);
  return absl::OkStatus();
}

// ---- committing -------------------------------------------------------------

WriteBatch StudyBook::BuildBatch() const {
  WriteBatch batch;
  batch.deleted_studies.assign(pending_.deleted().begin(),
                               pending_.deleted().end());
  for (const auto& [id, stored_revision] : pending_.studies()) {
    batch.studies.push_back(Find(id)->study());
  }
  for (const auto& [id, stored_revision] : pending_.trials()) {
    batch.trials.push_back(*Find(id.study)->FindTrial(id.number));
  }
  for (const auto& [id, measurements] : pending_.measurements()) {
    batch.measurements.push_back(
        {.trial = id,
         .measurements = measurements,
         .change = Find(id.study)->FindTrial(id.number)->change});
  }
  return batch;
}

absl::Status StudyBook::Commit(absl::Time now) {
  absl::Status status;
  if (!pending_.empty()) status = storage_->Commit(BuildBatch());
  if (status.ok()) {
    if (committed_ != nullptr && HasChanges()) committed_(pending_.touched());
    ReleaseMemory();
    pending_.Clear();
    deleted_.clear();
    return status;
  }
  Log(LogLevel::kError, "commit_failed", {{"error", status.ToString()}});
  retry_at_ = now + kRetryStorageAfter;
  const std::set<StudyId> touched = pending_.touched();
  pending_.Clear();
  for (const StudyId id : touched) Reload(id, now);
  deleted_.clear();
  return status;
}

// What is stored for good is not needed in memory.
void StudyBook::ReleaseMemory() {
  for (const auto& [id, stored_revision] : pending_.trials()) {
    BookedStudy& study = Get(id.study);
    if (IsFinished(study.FindTrial(id.number)->state)) {
      study.DropStored(id.number);
    }
  }
  for (const StudyId id : pending_.touched()) MakeLight(id);
  for (const StudyId id : made_whole_) MakeLight(id);
  made_whole_.clear();
}

void StudyBook::MakeLight(StudyId id) {
  const auto found = studies_.find(id);
  if (found == studies_.end() || found->second.depth() != Depth::kWhole ||
      !IsAtRest(found->second)) {
    return;
  }
  BookedStudy light(found->second.study(), Depth::kLight);
  Erase(id);
  Insert(std::move(light));
}

void StudyBook::RetryUnreadable(absl::Time now) {
  if (!MayTryStorage(now)) return;
  const std::vector<StudyId> ids(unreadable_.begin(), unreadable_.end());
  for (const StudyId id : ids) Reload(id, now);
}

void StudyBook::Reload(StudyId id, absl::Time now) {
  const auto old = studies_.find(id);
  Leases known;
  Study last_known = {.id = id};
  if (old != studies_.end()) {
    known = RunningLeases(old->second);
    last_known = old->second.study();
    Erase(id);
  } else if (deleted_.contains(id)) {
    last_known = deleted_.at(id);
  }
  const auto read = [&]() -> absl::StatusOr<std::optional<BookedStudy>> {
    ATTUNE_ASSIGN_OR_RETURN(const std::vector<Study> found,
                            storage_->ListStudies({.id = id}));
    if (found.empty()) return std::nullopt;
    return ReadBookedStudy(*storage_, found.front());
  };
  absl::StatusOr<std::optional<BookedStudy>> study = read();
  if (!study.ok()) {
    Log(LogLevel::kError, "study_unreadable",
        {{"study", last_known.spec.name},
         {"error", study.status().ToString()}});
    retry_at_ = now + kRetryStorageAfter;
    return Insert(BookedStudy(std::move(last_known), Depth::kUnreadable));
  }
  if (!study->has_value()) return;
  RestoreDeadlines(known, now + lease_duration_, **study);
  Insert(*std::move(*study));
}

// ---- indexes ----------------------------------------------------------------

void StudyBook::Insert(BookedStudy&& study) {
  const StudyId id = study.study().id;
  if (study.depth() == Depth::kUnreadable) {
    // What is known of it may be old: another may have the name by now.
    by_name_.try_emplace(study.study().spec.name, id);
  } else {
    by_name_.insert_or_assign(study.study().spec.name, id);
  }
  const auto [place, is_new] = studies_.try_emplace(id, std::move(study));
  ATTUNE_CHECK(is_new);
  Index(place->second);
  for (const int64_t number : place->second.running()) {
    IndexLease(*place->second.FindTrial(number));
  }
}

void StudyBook::Erase(StudyId id) {
  const auto place = studies_.find(id);
  ATTUNE_CHECK(place != studies_.end());
  Unindex(place->second);
  for (const int64_t number : place->second.running()) {
    UnindexLease(*place->second.FindTrial(number));
  }
  const auto named = by_name_.find(place->second.study().spec.name);
  if (named != by_name_.end() && named->second == id) by_name_.erase(named);
  studies_.erase(place);
}

void StudyBook::Index(const BookedStudy& study) {
  const StudyId id = study.study().id;
  if (IsLive(study)) live_.insert(id);
  if (study.depth() == Depth::kUnreadable) unreadable_.insert(id);
  if (study.CanHandOut()) open_.emplace(study.running().size(), id);
  if (const auto end = EndOf(study)) end_.emplace(*end, id);
}

void StudyBook::Unindex(const BookedStudy& study) {
  const StudyId id = study.study().id;
  live_.erase(id);
  unreadable_.erase(id);
  open_.erase({study.running().size(), id});
  if (const auto end = EndOf(study)) end_.erase({*end, id});
}

void StudyBook::IndexLease(const Trial& trial) {
  const auto* running = std::get_if<Running>(&trial.state);
  if (running == nullptr || !IsLeased(*running)) return;
  held_.emplace(running->lease.worker, trial.id);
  deadlines_.emplace(running->lease.deadline, trial.id);
}

void StudyBook::UnindexLease(const Trial& trial) {
  const auto* running = std::get_if<Running>(&trial.state);
  if (running == nullptr || !IsLeased(*running)) return;
  held_.erase({running->lease.worker, trial.id});
  deadlines_.erase({running->lease.deadline, trial.id});
}

std::string StudyResource(absl::string_view name) {
  return absl::StrCat("studies/", name);
}

std::string TrialResource(absl::string_view study, int64_t number) {
  return absl::StrCat("studies/", study, "/trials/", number);
}

absl::Status NoSuchTrialError(absl::string_view study, int64_t number) {
  return Error(absl::StatusCode::kNotFound, reason::kTrialNotFound,
               absl::StrCat("study '", study, "' has no trial ", number),
               TrialResource(study, number));
}

absl::Status WrongStateError(const Study& study, absl::string_view wish) {
  return Error(absl::StatusCode::kFailedPrecondition, reason::kStudyState,
               absl::StrCat("cannot ", wish, " study '", study.spec.name,
                            "': it is ", ToString(study.state)),
               StudyResource(study.spec.name));
}

absl::Status WithTrialName(const absl::Status& status, absl::string_view study,
                           int64_t number) {
  const std::string name = TrialResource(study, number);
  return Error(status.code(), Reason(status),
               absl::StrCat(name, ": ", status.message()), name);
}

absl::Status CheckRevision(absl::string_view resource, int64_t revision,
                           std::optional<int64_t> expected) {
  if (!expected.has_value() || *expected == revision) return absl::OkStatus();
  return Error(absl::StatusCode::kAborted, reason::kRevisionMismatch,
               absl::StrCat(resource,
                            " has changed since it was read: the "
                            "etag is ",
                            *expected, ", and now it is ", revision),
               resource);
}

absl::Status UnreadableError(const BookedStudy& study) {
  const std::string name = StudyResource(study.study().spec.name);
  return Error(absl::StatusCode::kUnavailable, reason::kStorageUnavailable,
               absl::StrCat(name,
                            " cannot be read from storage; it will be "
                            "tried again"),
               name);
}

}  // namespace attune

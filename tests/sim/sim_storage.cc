#include "tests/sim/sim_storage.h"

#include <algorithm>

#include "core/check.h"
#include "core/error.h"
#include "core/status_macros.h"

namespace attune {
namespace {

absl::Status Failure(absl::string_view message) {
  return Error(absl::StatusCode::kUnavailable, reason::kStorageUnavailable,
               message);
}

}  // namespace

absl::Status SimStorage::OpenStore() {
  is_dead_ = false;
  absl::StatusOr<std::unique_ptr<Storage>> opened = context_.store->Open();
  if (!opened.ok()) return opened.status();
  inner_ = *std::move(opened);
  return absl::OkStatus();
}

void SimStorage::Kill(bool cut_power) {
  context_.store->Kill(cut_power);
  inner_.reset();
  late_.reset();
}

void SimStorage::Bury() {
  const bool cut_power = Happens(context_.faults->cut_power);
  if (cut_power) context_.trace->Add("for want of power");
  Kill(cut_power);
}

bool SimStorage::Happens(double probability) const {
  return probability > 0.0 && rng_.Uniform() < probability;
}

absl::Status SimStorage::Enter() const {
  if (Happens(context_.faults->slow_storage)) {
    context_.clock->Advance(absl::Seconds(rng_.Uniform(0.0, 15.0)));
    context_.trace->Add("storage was slow");
  }
  return Leave();
}

absl::Status SimStorage::Leave() const {
  if (!is_dead_ && Happens(context_.faults->die_in_call)) {
    context_.trace->Add("the coordinator dies at a call to storage");
    is_dead_ = true;
  }
  if (context_.store->is_dead()) is_dead_ = true;
  return is_dead_ ? Failure("the process is dead") : absl::OkStatus();
}

absl::Status SimStorage::Commit(const WriteBatch& batch) {
  ATTUNE_RETURN_IF_ERROR(Enter());
  touched_.merge(StudiesOf(batch));
  if (Happens(context_.faults->fail_commit)) return Failure("the disk is full");
  CommitLate();
  if (context_.bug == PlantedBug::kReplyBeforeCommit) {
    late_ = batch;
    model_.OnCommit(batch, absl::OkStatus());
    return absl::OkStatus();
  }
  if (context_.bug == PlantedBug::kCommitLost && Happens(0.001)) {
    model_.OnCommit(batch, absl::OkStatus());
    return absl::OkStatus();
  }
  const absl::Status status = CommitWhole(batch);
  ATTUNE_RETURN_IF_ERROR(Leave());
  if (status.ok() && Happens(context_.faults->hide_commit)) {
    return Failure("nobody knows whether that was stored");
  }
  return status;
}

absl::Status SimStorage::CommitWhole(const WriteBatch& batch) {
  const absl::Status status = inner_->Commit(batch);
  model_.OnCommit(batch, status);
  return status;
}

void SimStorage::CommitLate() const {
  if (!late_.has_value()) return;
  inner_->Commit(*std::exchange(late_, std::nullopt)).IgnoreError();
}

template <typename Read>
auto SimStorage::Reading(const Read& read) const -> decltype(read()) {
  ATTUNE_RETURN_IF_ERROR(Enter());
  if (Happens(context_.faults->fail_read)) return Failure("the disk fails");
  CommitLate();
  auto result = read();
  ATTUNE_RETURN_IF_ERROR(Leave());
  return result;
}

absl::StatusOr<StudyId> SimStorage::NextStudyId() {
  return Reading([&] { return inner_->NextStudyId(); });
}

absl::StatusOr<std::vector<Study>> SimStorage::ListStudies(
    const StudyFilter& filter) const {
  return Reading([&] { return inner_->ListStudies(filter); });
}

absl::StatusOr<std::vector<Trial>> SimStorage::ListTrials(
    const TrialFilter& filter) const {
  return Reading([&] { return inner_->ListTrials(filter); });
}

absl::StatusOr<std::vector<TrialMeasurements>> SimStorage::ListMeasurements(
    const MeasurementFilter& filter) const {
  return Reading([&] { return inner_->ListMeasurements(filter); });
}

absl::StatusOr<StateCounts> SimStorage::CountTrials(StudyId study) const {
  return Reading([&] { return inner_->CountTrials(study); });
}

// ---- past all faults --------------------------------------------------------

template <typename Read>
auto SimStorage::Quietly(const Read& read) const -> decltype(read()) {
  ATTUNE_CHECK(inner_ != nullptr);
  context_.store->SetQuiet(true);
  auto result = read();
  context_.store->SetQuiet(false);
  return result;
}

absl::Status SimStorage::Truth::Commit(const WriteBatch&) {
  return absl::UnimplementedError("nobody changes the truth");
}

absl::StatusOr<StudyId> SimStorage::Truth::NextStudyId() {
  return absl::UnimplementedError("nobody changes the truth");
}

absl::StatusOr<std::vector<Study>> SimStorage::Truth::ListStudies(
    const StudyFilter& filter) const {
  return of_->Quietly([&] { return of_->inner_->ListStudies(filter); });
}

absl::StatusOr<std::vector<Trial>> SimStorage::Truth::ListTrials(
    const TrialFilter& filter) const {
  return of_->Quietly([&] { return of_->inner_->ListTrials(filter); });
}

absl::StatusOr<std::vector<TrialMeasurements>>
SimStorage::Truth::ListMeasurements(const MeasurementFilter& filter) const {
  auto found =
      of_->Quietly([&] { return of_->inner_->ListMeasurements(filter); });
  if (!found.ok()) return found;
  for (TrialMeasurements& of_trial : *found) {
    const auto again = of_->again_.find(of_trial.trial);
    if (again == of_->again_.end()) continue;
    of_trial.measurements.insert(of_trial.measurements.end(),
                                 again->second.begin(), again->second.end());
  }
  return found;
}

absl::StatusOr<StateCounts> SimStorage::Truth::CountTrials(
    StudyId study) const {
  return of_->Quietly([&] { return of_->inner_->CountTrials(study); });
}

}  // namespace attune

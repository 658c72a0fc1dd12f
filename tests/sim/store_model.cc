#include "tests/sim/store_model.h"

#include "absl/strings/str_cat.h"
#include "core/check.h"
#include "tests/testing/stored_contents.h"

namespace attune {

std::set<StudyId> StudiesOf(const WriteBatch& batch) {
  std::set<StudyId> ids(batch.deleted_studies.begin(),
                        batch.deleted_studies.end());
  for (const Study& study : batch.studies) ids.insert(study.id);
  for (const Trial& trial : batch.trials) ids.insert(trial.id.study);
  for (const TrialMeasurements& of_trial : batch.measurements) {
    ids.insert(of_trial.trial.study);
  }
  return ids;
}

void StoreModel::OnCommit(const WriteBatch& batch, const absl::Status& answer) {
  if (!answer.ok()) {
    in_doubt_ = batch;
    return;
  }
  in_doubt_.reset();
  // If the coordinator asks for what the model refuses, they will differ.
  expected_.Commit(batch).IgnoreError();
}

std::optional<std::string> StoreModel::Compare(
    const Storage& storage, const std::set<StudyId>& studies) {
  if (in_doubt_.has_value()) {
    const WriteBatch batch = *std::exchange(in_doubt_, std::nullopt);
    const bool is_stored = Differs(storage, StudiesOf(batch)).has_value();
    if (is_stored) expected_.Commit(batch).IgnoreError();
    if (auto wrong = Differs(storage, StudiesOf(batch))) return wrong;
  }
  return Differs(storage, studies);
}

std::optional<std::string> StoreModel::Differs(
    const Storage& storage, const std::set<StudyId>& studies) const {
  for (const StudyId id : studies) {
    const auto found = ReadContents(storage, {.id = id});
    if (!found.ok()) {
      return absl::StrCat("study ", id.value,
                          " cannot be read: ", found.status().ToString());
    }
    if (*found != *ReadContents(expected_, {.id = id})) {
      return absl::StrCat("of study ", id.value,
                          " another state is stored than storage answered");
    }
  }
  return std::nullopt;
}

}  // namespace attune

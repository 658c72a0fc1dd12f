#ifndef ATTUNE_TESTS_SIM_WATCHED_STORAGE_H_
#define ATTUNE_TESTS_SIM_WATCHED_STORAGE_H_

#include <set>
#include <utility>
#include <vector>

#include "core/ids.h"
#include "storage/storage.h"

namespace attune {

// Another storage, which notes what the coordinator tried to change, so that
// only that need be looked at.
class WatchedStorage : public Storage {
 public:
  // `inner` must outlive it.
  explicit WatchedStorage(Storage* inner) : inner_(inner) {}

  // The studies that commits were about since the last call.
  std::set<StudyId> TakeTouched() { return std::exchange(touched_, {}); }

  absl::Status Commit(const WriteBatch& batch) override {
    touched_.insert(batch.deleted_studies.begin(), batch.deleted_studies.end());
    for (const Study& study : batch.studies) touched_.insert(study.id);
    for (const Trial& trial : batch.trials) touched_.insert(trial.id.study);
    for (const TrialMeasurements& of_trial : batch.measurements) {
      touched_.insert(of_trial.trial.study);
    }
    return inner_->Commit(batch);
  }
  absl::StatusOr<StudyId> NextStudyId() override {
    return inner_->NextStudyId();
  }
  absl::StatusOr<std::vector<Study>> ListStudies(
      const StudyFilter& filter) const override {
    return inner_->ListStudies(filter);
  }
  absl::StatusOr<std::vector<Trial>> ListTrials(
      const TrialFilter& filter) const override {
    return inner_->ListTrials(filter);
  }
  absl::StatusOr<std::vector<TrialMeasurements>> ListMeasurements(
      const MeasurementFilter& filter) const override {
    return inner_->ListMeasurements(filter);
  }
  absl::StatusOr<StateCounts> CountTrials(StudyId study) const override {
    return inner_->CountTrials(study);
  }

 private:
  Storage* const inner_;
  std::set<StudyId> touched_;
};

}  // namespace attune

#endif  // ATTUNE_TESTS_SIM_WATCHED_STORAGE_H_

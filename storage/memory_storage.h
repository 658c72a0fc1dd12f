#ifndef ATTUNE_STORAGE_MEMORY_STORAGE_H_
#define ATTUNE_STORAGE_MEMORY_STORAGE_H_

#include <cstdint>
#include <map>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "core/ids.h"
#include "core/mutex.h"
#include "core/study.h"
#include "core/trial.h"
#include "storage/storage.h"

namespace attune {

// Storage that forgets: the contract in its simplest form, for tests and the
// simulator. Thread-safe.
class MemoryStorage : public Storage {
 public:
  // A study with all that belongs to it.
  struct Record {
    Study study;
    std::map<int64_t, Trial> trials;  // by number
    // By trial and step.
    std::map<int64_t, std::map<int64_t, Measurement>> measurements;
  };
  using Records = std::map<StudyId, Record>;

  absl::Status Commit(const WriteBatch& batch) override;
  absl::StatusOr<StudyId> NextStudyId() override;
  absl::StatusOr<std::vector<Study>> ListStudies(
      const StudyFilter& filter) const override;
  absl::StatusOr<std::vector<Trial>> ListTrials(
      const TrialFilter& filter) const override;
  absl::StatusOr<std::vector<TrialMeasurements>> ListMeasurements(
      const MeasurementFilter& filter) const override;
  absl::StatusOr<StateCounts> CountTrials(StudyId study) const override;

 private:
  mutable Mutex mutex_;
  Records records_ ABSL_GUARDED_BY(mutex_);
  StudyId last_id_ ABSL_GUARDED_BY(mutex_);  // given or committed
};

}  // namespace attune

#endif  // ATTUNE_STORAGE_MEMORY_STORAGE_H_

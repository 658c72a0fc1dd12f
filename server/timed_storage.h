#ifndef ATTUNE_SERVER_TIMED_STORAGE_H_
#define ATTUNE_SERVER_TIMED_STORAGE_H_

#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "core/clock.h"
#include "core/mutex.h"
#include "storage/storage.h"

namespace attune {

// How commits went since the start; the durations are those of the last
// TimedStorage::kKept that were stored.
struct CommitTimes {
  int64_t count = 0;
  int64_t failures = 0;
  absl::Duration median;
  absl::Duration p99;
  absl::Duration longest;
  std::string last_error;  // empty if there was none
  absl::Time last_error_time = absl::InfinitePast();
};

// Another storage, whose commits are timed. Thread-safe if that is.
class TimedStorage : public Storage {
 public:
  static constexpr size_t kKept = 1024;

  // `clock`, for the time of errors, must outlive it.
  TimedStorage(std::unique_ptr<Storage> storage, const Clock* clock)
      : storage_(std::move(storage)), clock_(clock) {}

  CommitTimes times() const ABSL_LOCKS_EXCLUDED(mutex_);

  absl::Status Commit(const WriteBatch& batch) override;
  absl::StatusOr<StudyId> NextStudyId() override {
    return storage_->NextStudyId();
  }
  absl::StatusOr<std::vector<Study>> ListStudies(
      const StudyFilter& filter) const override {
    return storage_->ListStudies(filter);
  }
  absl::StatusOr<std::vector<Trial>> ListTrials(
      const TrialFilter& filter) const override {
    return storage_->ListTrials(filter);
  }
  absl::StatusOr<std::vector<TrialMeasurements>> ListMeasurements(
      const MeasurementFilter& filter) const override {
    return storage_->ListMeasurements(filter);
  }
  absl::StatusOr<StateCounts> CountTrials(StudyId study) const override {
    return storage_->CountTrials(study);
  }

 private:
  const std::unique_ptr<Storage> storage_;
  const Clock* const clock_;
  mutable Mutex mutex_;
  std::array<absl::Duration, kKept> durations_ ABSL_GUARDED_BY(mutex_);
  CommitTimes times_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace attune

#endif  // ATTUNE_SERVER_TIMED_STORAGE_H_

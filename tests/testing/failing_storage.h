#ifndef ATTUNE_TESTS_TESTING_FAILING_STORAGE_H_
#define ATTUNE_TESTS_TESTING_FAILING_STORAGE_H_

#include <functional>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "core/error.h"
#include "storage/storage.h"

namespace attune {

// Another storage, whose disk fails when a test says so. For one thread.
class FailingStorage : public Storage {
 public:
  // `inner` must outlive it.
  explicit FailingStorage(Storage* inner) : inner_(inner) {}

  // Asked before each commit and before each read whether it fails.
  std::function<bool()> fail_commit = [] { return false; };
  std::function<bool()> fail_read = [] { return false; };
  // Asked before each commit whether it is forgotten, though it answers OK:
  // what no storage may do.
  std::function<bool()> forget_commit = [] { return false; };
  // Commits that reached the inner storage.
  int commits = 0;

  absl::Status Commit(const WriteBatch& batch) override {
    if (fail_commit()) return Failure();
    if (forget_commit()) return absl::OkStatus();
    ++commits;
    return inner_->Commit(batch);
  }
  absl::StatusOr<StudyId> NextStudyId() override {
    return inner_->NextStudyId();
  }
  absl::StatusOr<std::vector<Study>> ListStudies(
      const StudyFilter& filter) const override {
    if (fail_read()) return Failure();
    return inner_->ListStudies(filter);
  }
  absl::StatusOr<std::vector<Trial>> ListTrials(
      const TrialFilter& filter) const override {
    if (fail_read()) return Failure();
    return inner_->ListTrials(filter);
  }
  absl::StatusOr<std::vector<TrialMeasurements>> ListMeasurements(
      const MeasurementFilter& filter) const override {
    if (fail_read()) return Failure();
    return inner_->ListMeasurements(filter);
  }
  absl::StatusOr<StateCounts> CountTrials(StudyId study) const override {
    if (fail_read()) return Failure();
    return inner_->CountTrials(study);
  }

 private:
  static absl::Status Failure() {
    return Error(absl::StatusCode::kUnavailable, reason::kStorageUnavailable,
                 "the disk is full, for the test's sake");
  }

  Storage* const inner_;
};

}  // namespace attune

#endif  // ATTUNE_TESTS_TESTING_FAILING_STORAGE_H_

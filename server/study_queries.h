#ifndef ATTUNE_SERVER_STUDY_QUERIES_H_
#define ATTUNE_SERVER_STUDY_QUERIES_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "core/ids.h"
#include "core/study.h"
#include "core/trial.h"
#include "proto/study_service.pb.h"
#include "server/resume_token.h"
#include "storage/storage.h"

namespace attune {

// The calls that only read, answered from storage, one method a call. Safe for
// concurrent use.
class StudyQueries {
 public:
  // `storage` must outlive it.
  explicit StudyQueries(const Storage* storage) : storage_(storage) {}

  absl::StatusOr<v1::Study> GetStudy(const v1::GetStudyRequest& request) const;
  absl::StatusOr<v1::ListStudiesResponse> ListStudies(
      const v1::ListStudiesRequest& request) const;
  absl::StatusOr<v1::Trial> GetTrial(const v1::GetTrialRequest& request) const;
  absl::StatusOr<v1::ListTrialsResponse> ListTrials(
      const v1::ListTrialsRequest& request) const;
  absl::StatusOr<v1::ListBestTrialsResponse> ListBestTrials(
      const v1::ListBestTrialsRequest& request) const;
  absl::StatusOr<v1::ListMeasurementsResponse> ListMeasurements(
      const v1::ListMeasurementsRequest& request) const;

  // For WatchStudy: which study it is about, and what changed in it after
  // `position`, which is moved to the end of what is returned: nothing if that
  // is empty. Up to about 2 MiB at a time.
  absl::StatusOr<StudyId> FindStudyId(absl::string_view resource) const;
  absl::StatusOr<v1::WatchStudyResponse> ReadChanges(
      StudyId id, WatchPosition& position) const;

 private:
  absl::StatusOr<Study> FindStudy(absl::string_view name) const;
  absl::StatusOr<Trial> FindTrial(const Study& study, int64_t number) const;
  // The best trial first, or the Pareto front of a study with several
  // objectives; `most` of them.
  absl::StatusOr<std::vector<Trial>> BestOf(const Study& study,
                                            int64_t most) const;
  absl::StatusOr<v1::Study> WithCounts(const Study& study) const;
  // The trials as they are sent, each with its latest metrics.
  absl::StatusOr<std::vector<v1::Trial>> WithMetrics(
      const Study& study, const std::vector<Trial>& trials) const;

  const Storage* const storage_;
};

}  // namespace attune

#endif  // ATTUNE_SERVER_STUDY_QUERIES_H_

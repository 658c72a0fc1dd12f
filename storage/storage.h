#ifndef ATTUNE_STORAGE_STORAGE_H_
#define ATTUNE_STORAGE_STORAGE_H_

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "core/ids.h"
#include "core/study.h"
#include "core/trial.h"

namespace attune {

// Studies that fit all that is set, by id.
struct StudyFilter {
  std::optional<StudyId> id;
  std::optional<std::string> name;
  StudyId after;      // for paging: studies with a higher id
  int64_t limit = 0;  // 0: all
};

enum class TrialOrder {
  kByNumber,
  kByChange,   // whatever its number and state
  kBestFirst,  // completed trials only, in the order of core/ranking.h
};

struct TrialFilter {
  StudyId study;
  std::optional<int64_t> number;
  std::optional<bool> finished;
  // Only trials whose StateName() is one of these; empty: all.
  std::vector<std::string> states;
  TrialOrder order = TrialOrder::kByNumber;
  int64_t after_number = 0;   // for paging by number: trials with a higher one
  int64_t after_change = -1;  // likewise, by change; REQUIRES: kByChange
  int64_t limit = 0;          // 0: all
};

struct MeasurementFilter {
  StudyId study;
  // Only these trials; absent: all of the study.
  std::optional<std::vector<int64_t>> numbers;
  // Instead of every measurement, one for each trial: the highest step, with
  // the last value of each metric (LatestMetrics()).
  bool latest_only = false;
};

struct TrialMeasurements {
  TrialId trial;
  std::vector<Measurement> measurements;  // by step
  // When written: what Trial::change becomes at the least.
  int64_t change = 0;
};

// Trials of a study by StateName(); states without trials are not there.
using StateCounts = std::map<std::string, int64_t>;

// All that one batch of decisions changes. Deletions are done first. Times and
// durations are kept in whole microseconds, rounded down. The attempts of a
// trial may grow and change, none is ever taken away.
struct WriteBatch {
  std::vector<StudyId> deleted_studies;  // with all that belongs to them
  std::vector<Study> studies;
  std::vector<Trial> trials;
  std::vector<TrialMeasurements> measurements;  // these only grow
  bool empty() const {
    return deleted_studies.empty() && studies.empty() && trials.empty() &&
           measurements.empty();
  }
};

// A durable record of studies and trials. It does not know which changes are
// legal: the coordinator computes the next states and stores them whole. Reads
// are safe from any thread while one thread commits, see whole commits only,
// and see every commit that returned before they began.
//
// Errors of every method: UNAVAILABLE (reason STORAGE_UNAVAILABLE) for a disk
// that is full or fails, and DATA_LOSS for a row that cannot be read, which
// names the table and the row.
class Storage {
 public:
  virtual ~Storage() = default;

  // Stores all of `batch` or none of it, and returns once it is durable. Each
  // study and trial must carry the stored revision plus one (1: new), else
  // ABORTED with reason REVISION_MISMATCH. A step stored before keeps its first
  // values; a measurement without metrics is not kept. The name of a study is
  // unique: ALREADY_EXISTS. INTERNAL: a trial without its study, measurements
  // without their trial.
  virtual absl::Status Commit(const WriteBatch& batch) = 0;

  // A study id that no study has or ever had. Not durable by itself: ids that
  // no commit used may be given again after a restart.
  virtual absl::StatusOr<StudyId> NextStudyId() = 0;

  virtual absl::StatusOr<std::vector<Study>> ListStudies(
      const StudyFilter& filter) const = 0;

  virtual absl::StatusOr<std::vector<Trial>> ListTrials(
      const TrialFilter& filter) const = 0;

  // By trial number; trials without measurements are left out.
  virtual absl::StatusOr<std::vector<TrialMeasurements>> ListMeasurements(
      const MeasurementFilter& filter) const = 0;

  virtual absl::StatusOr<StateCounts> CountTrials(StudyId study) const = 0;
};

}  // namespace attune

#endif  // ATTUNE_STORAGE_STORAGE_H_

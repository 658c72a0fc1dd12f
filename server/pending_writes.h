#ifndef ATTUNE_SERVER_PENDING_WRITES_H_
#define ATTUNE_SERVER_PENDING_WRITES_H_

#include <cstdint>
#include <map>
#include <set>
#include <vector>

#include "core/ids.h"
#include "core/trial.h"

namespace attune {

// Which records differ from storage, and the revision that storage has of each,
// so that one commit makes one step of the revision, however often the record
// changed in between.
class PendingWrites {
 public:
  // Each returns the revision that the record is to be stored with.
  // `revision` is what it had before the change; 0 for a new record.
  int64_t TouchStudy(StudyId id, int64_t revision);
  int64_t TouchTrial(TrialId id, int64_t revision);
  void AddMeasurement(TrialId id, const Measurement& measurement);
  // What was to be written of the study before is forgotten.
  void DeleteStudy(StudyId id);

  bool empty() const {
    return studies_.empty() && trials_.empty() && measurements_.empty() &&
           deleted_.empty();
  }
  void Clear();

  const std::map<StudyId, int64_t>& studies() const { return studies_; }
  const std::map<TrialId, int64_t>& trials() const { return trials_; }
  const std::map<TrialId, std::vector<Measurement>>& measurements() const {
    return measurements_;
  }
  // Those that storage has.
  const std::set<StudyId>& deleted() const { return deleted_; }

  // Every study of which anything was written or deleted. Those that were both
  // created and deleted since the last commit are among them.
  const std::set<StudyId>& touched() const { return touched_; }

 private:
  std::map<StudyId, int64_t> studies_;  // the stored revisions
  std::map<TrialId, int64_t> trials_;
  std::map<TrialId, std::vector<Measurement>> measurements_;
  std::set<StudyId> deleted_;
  std::set<StudyId> touched_;
};

}  // namespace attune

#endif  // ATTUNE_SERVER_PENDING_WRITES_H_

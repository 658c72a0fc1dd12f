#include "server/pending_writes.h"

#include <limits>

namespace attune {
namespace {

// Erases what belongs to the trials of `study`.
template <typename Value>
void EraseTrialsOf(StudyId study, std::map<TrialId, Value>& records) {
  records.erase(
      records.lower_bound({.study = study, .number = 0}),
      records.upper_bound(
          {.study = study, .number = std::numeric_limits<int64_t>::max()}));
}

}  // namespace

int64_t PendingWrites::TouchStudy(StudyId id, int64_t revision) {
  touched_.insert(id);
  return studies_.try_emplace(id, revision).first->second + 1;
}

int64_t PendingWrites::TouchTrial(TrialId id, int64_t revision) {
  touched_.insert(id.study);
  return trials_.try_emplace(id, revision).first->second + 1;
}

void PendingWrites::AddMeasurement(TrialId id, const Measurement& measurement) {
  touched_.insert(id.study);
  measurements_[id].push_back(measurement);
}

void PendingWrites::DeleteStudy(StudyId id) {
  touched_.insert(id);
  const auto written = studies_.find(id);
  const bool is_stored = written == studies_.end() || written->second > 0;
  if (is_stored) deleted_.insert(id);
  studies_.erase(id);
  EraseTrialsOf(id, trials_);
  EraseTrialsOf(id, measurements_);
}

void PendingWrites::Clear() {
  studies_.clear();
  trials_.clear();
  measurements_.clear();
  deleted_.clear();
  touched_.clear();
}

}  // namespace attune

#ifndef ATTUNE_CORE_IDS_H_
#define ATTUNE_CORE_IDS_H_

#include <compare>
#include <cstdint>
#include <string>

namespace attune {

// Given by the coordinator when a study is created; never reused, also not
// after the study is deleted.
struct StudyId {
  int64_t value = 0;
  friend auto operator<=>(const StudyId&, const StudyId&) = default;
};

// Trials are numbered 1, 2, 3... within their study.
struct TrialId {
  StudyId study;
  int64_t number = 0;
  friend auto operator<=>(const TrialId&, const TrialId&) = default;
};

// One slot of one worker process, as `host:pid.start/slot`. `start` tells a
// process from an earlier one with the same pid (every container has a pid 1).
struct WorkerId {
  std::string value;
  friend auto operator<=>(const WorkerId&, const WorkerId&) = default;
};

}  // namespace attune

#endif  // ATTUNE_CORE_IDS_H_

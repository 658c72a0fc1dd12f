#ifndef ATTUNE_SERVER_COORDINATOR_STATUS_H_
#define ATTUNE_SERVER_COORDINATOR_STATUS_H_

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "core/ids.h"
#include "core/study.h"

namespace attune {

class StudyBook;
class WaitingRoom;

// What a worker's slot does, as far as the coordinator knows.
struct WorkerContact {
  WorkerId worker;
  std::string study;  // of the trial that it runs; empty: it waits for one
  int64_t trial = 0;
  absl::Time last_contact;  // its last call about the trial, or for one
};

// How the coordinator is doing.
struct CoordinatorStatus {
  std::map<StudyState, int64_t> studies;
  int64_t running_trials = 0;
  int64_t waiting_calls = 0;  // of LeaseTrials
  int64_t worker_count = 0;
  std::vector<WorkerContact> workers;  // the first kMaxListedWorkers
};

inline constexpr size_t kMaxListedWorkers = 1000;

// Those that run a trial come first.
CoordinatorStatus MakeStatus(const StudyBook& book, const WaitingRoom& room);

}  // namespace attune

#endif  // ATTUNE_SERVER_COORDINATOR_STATUS_H_

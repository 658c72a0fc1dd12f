#include "server/coordinator_status.h"

#include <utility>
#include <variant>

#include "server/study_book.h"
#include "server/waiting_room.h"

namespace attune {
namespace {

void Add(WorkerContact contact, CoordinatorStatus& status) {
  ++status.worker_count;
  if (status.workers.size() < kMaxListedWorkers) {
    status.workers.push_back(std::move(contact));
  }
}

void AddRunning(const BookedStudy& study, absl::Duration lease_duration,
                CoordinatorStatus& status) {
  for (const int64_t number : study.running()) {
    const Trial& trial = *study.FindTrial(number);
    const Lease& lease = std::get<Running>(trial.state).lease;
    const bool is_leased = lease.deadline != absl::InfiniteFuture();
    Add({.worker = lease.worker,
         .study = study.study().spec.name,
         .trial = number,
         .last_contact = is_leased ? lease.deadline - lease_duration
                                   : trial.attempts.back().start_time},
        status);
    ++status.running_trials;
  }
}

}  // namespace

CoordinatorStatus MakeStatus(const StudyBook& book, const WaitingRoom& room) {
  CoordinatorStatus status;
  for (const auto& [id, study] : book.studies()) {
    ++status.studies[study.study().state];
    AddRunning(study, book.lease_duration(), status);
  }
  for (const auto& [ticket, waiting] : room.waiting()) {
    for (const WorkerId& worker : waiting.request.workers) {
      Add({.worker = worker, .study = "", .last_contact = waiting.since},
          status);
    }
  }
  status.waiting_calls = static_cast<int64_t>(room.waiting().size());
  return status;
}

}  // namespace attune

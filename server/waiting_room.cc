#include "server/waiting_room.h"

#include "core/check.h"

namespace attune {

void WaitingRoom::Add(WaitingLease waiting) {
  const Ticket ticket = next_++;
  for (const WorkerId& worker : waiting.request.workers) {
    const bool is_new = by_worker_.try_emplace(worker.value, ticket).second;
    ATTUNE_CHECK(is_new);
  }
  queues_[waiting.queue].insert(ticket);
  deadlines_.emplace(waiting.deadline, ticket);
  waiting_.try_emplace(ticket, std::move(waiting));
}

std::vector<StudyId> WaitingRoom::Queues() const {
  std::vector<StudyId> studies;
  studies.reserve(queues_.size());
  for (const auto& [study, tickets] : queues_) studies.push_back(study);
  return studies;
}

WaitingRoom::Ticket WaitingRoom::First(StudyId queue) const {
  const auto found = queues_.find(queue);
  ATTUNE_CHECK(found != queues_.end());
  return *found->second.begin();
}

const WaitingLease& WaitingRoom::Get(Ticket ticket) const {
  const auto found = waiting_.find(ticket);
  ATTUNE_CHECK(found != waiting_.end());
  return found->second;
}

WaitingLease WaitingRoom::Take(Ticket ticket) {
  const auto found = waiting_.find(ticket);
  ATTUNE_CHECK(found != waiting_.end());
  WaitingLease waiting = std::move(found->second);
  waiting_.erase(found);
  const auto queue = queues_.find(waiting.queue);
  queue->second.erase(ticket);
  if (queue->second.empty()) queues_.erase(queue);
  deadlines_.erase({waiting.deadline, ticket});
  for (const WorkerId& worker : waiting.request.workers) {
    by_worker_.erase(worker.value);
  }
  return waiting;
}

std::vector<WaitingLease> WaitingRoom::Take(
    const absl::btree_set<Ticket>& tickets) {
  std::vector<WaitingLease> taken;
  taken.reserve(tickets.size());
  for (const Ticket ticket : tickets) taken.push_back(Take(ticket));
  return taken;
}

std::vector<WaitingLease> WaitingRoom::TakeAllOf(
    absl::Span<const WorkerId> workers) {
  absl::btree_set<Ticket> tickets;
  for (const WorkerId& worker : workers) {
    const auto found = by_worker_.find(worker.value);
    if (found != by_worker_.end()) tickets.insert(found->second);
  }
  return Take(tickets);
}

std::vector<WaitingLease> WaitingRoom::TakeQueue(StudyId queue) {
  const auto found = queues_.find(queue);
  if (found == queues_.end()) return {};
  const absl::btree_set<Ticket> tickets = found->second;
  return Take(tickets);
}

std::vector<WaitingLease> WaitingRoom::TakeOverdue(absl::Time now) {
  absl::btree_set<Ticket> tickets;
  for (const auto& [deadline, ticket] : deadlines_) {
    if (deadline > now) break;
    tickets.insert(ticket);
  }
  return Take(tickets);
}

std::vector<WaitingLease> WaitingRoom::TakeAll() {
  absl::btree_set<Ticket> tickets;
  for (const auto& [ticket, waiting] : waiting_) tickets.insert(ticket);
  return Take(tickets);
}

absl::Time WaitingRoom::FirstDeadline() const {
  return deadlines_.empty() ? absl::InfiniteFuture()
                            : deadlines_.begin()->first;
}

}  // namespace attune

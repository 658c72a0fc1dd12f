#ifndef ATTUNE_SERVER_WAITING_ROOM_H_
#define ATTUNE_SERVER_WAITING_ROOM_H_

#include <cstdint>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "absl/container/btree_map.h"
#include "absl/container/btree_set.h"
#include "absl/container/flat_hash_map.h"
#include "absl/time/time.h"
#include "absl/types/span.h"
#include "core/coordinator_api.h"
#include "core/ids.h"
#include "server/outbox.h"

namespace attune {

// A request to lease for which there is no trial at present.
struct WaitingLease {
  LeaseRequest request;
  StudyId queue;  // the study it names, or what its caller takes instead
  absl::Time since;
  absl::Time deadline;
  Done done;
  std::function<bool()> abandoned;  // see Request
};

// Requests to lease that wait, each in the queue of the study it names or in
// a queue of those that name none. A worker waits at most once.
class WaitingRoom {
 public:
  // A place in the order of arrival, over all queues.
  using Ticket = uint64_t;

  // REQUIRES: none of its workers waits.
  void Add(WaitingLease waiting);

  // In the order of arrival.
  const absl::btree_map<Ticket, WaitingLease>& waiting() const {
    return waiting_;
  }
  // Those that are not empty.
  std::vector<StudyId> Queues() const;
  // REQUIRES: the queue is not empty.
  Ticket First(StudyId queue) const;
  const WaitingLease& Get(Ticket ticket) const;
  WaitingLease Take(Ticket ticket);

  // In the order of arrival.
  std::vector<WaitingLease> TakeAllOf(absl::Span<const WorkerId> workers);
  std::vector<WaitingLease> TakeQueue(StudyId queue);
  std::vector<WaitingLease> TakeOverdue(absl::Time now);
  std::vector<WaitingLease> TakeAll();

  // Of the one that waits no longer first; InfiniteFuture if nobody waits.
  absl::Time FirstDeadline() const;

 private:
  std::vector<WaitingLease> Take(const absl::btree_set<Ticket>& tickets);

  Ticket next_ = 1;
  absl::btree_map<Ticket, WaitingLease> waiting_;
  absl::btree_map<StudyId, absl::btree_set<Ticket>> queues_;
  absl::flat_hash_map<std::string, Ticket> by_worker_;
  absl::btree_set<std::pair<absl::Time, Ticket>> deadlines_;
};

}  // namespace attune

#endif  // ATTUNE_SERVER_WAITING_ROOM_H_

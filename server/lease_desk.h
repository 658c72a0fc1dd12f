#ifndef ATTUNE_SERVER_LEASE_DESK_H_
#define ATTUNE_SERVER_LEASE_DESK_H_

#include <cstddef>
#include <optional>

#include "absl/time/time.h"
#include "core/coordinator_api.h"
#include "core/ids.h"
#include "server/failing_workers.h"
#include "server/outbox.h"
#include "server/study_book.h"
#include "server/study_life.h"
#include "server/trial_source.h"
#include "server/waiting_room.h"

namespace attune {

// Answers workers that ask for trials: at once, or when there is one, first
// come first served. Which study's trial is given to those that name none: the
// one with the fewest running trials, and of these the oldest.
class LeaseDesk {
 public:
  // All must outlive it.
  LeaseDesk(StudyBook* book, TrialSource* source, StudyLife* life,
            const FailingWorkers* failing, Outbox* outbox, size_t max_waiting)
      : book_(book),
        source_(source),
        life_(life),
        failing_(failing),
        outbox_(outbox),
        max_waiting_(max_waiting) {}

  const WaitingRoom& room() const { return room_; }

  // Answers now or later. A worker that waits already waits no more in its
  // older request, which is answered with none: that call was given up.
  // A caller that has gone meanwhile gets none either, nor does one who must
  // wait because its attempts fail. RESOURCE_EXHAUSTED,
  // reason LIMIT_REACHED, where too many wait already. REQUIRES: the command is
  // LeaseTrials.
  void Ask(Request request, absl::Time now);

  // Gives those that wait what there is by now.
  void Serve(absl::Time now);
  // Answers those whose wait is over with none.
  void EndWaits(absl::Time now);
  // Answers all that wait with none.
  void EndAllWaits();
  // Of the wait that is over first; InfiniteFuture if nobody waits.
  absl::Time FirstDeadline() const { return room_.FirstDeadline(); }

 private:
  // Every trial that there is for the workers of the request.
  LeaseReply Grant(const LeaseRequest& request, StudyId queue, absl::Time now);
  std::optional<TrialId> HeldBy(const WorkerId& worker, StudyId queue) const;
  std::optional<TrialId> LeaseTo(const WorkerId& worker, StudyId queue,
                                 absl::Time now);
  // Whether there are trials, but for none of the request's workers yet, as
  // their attempts fail.
  bool MustWait(const LeaseRequest& request, StudyId queue,
                absl::Time now) const;
  // Whether the study, or any, will never hand out a trial again.
  bool IsExhausted(StudyId queue) const;
  // The study that requests in this queue get their next trial from, and that
  // where this worker does.
  std::optional<StudyId> NextOpen(StudyId queue) const;
  std::optional<StudyId> NextFor(const WorkerId& worker, StudyId queue,
                                 absl::Time now) const;
  // Of the queues with an open study the one whose first came first.
  std::optional<WaitingRoom::Ticket> NextToServe() const;
  // Answers the queues for which there will be no trial.
  void DismissHopeless();
  void Answer(Done done, absl::StatusOr<Reply> reply);
  void AnswerNone(std::vector<WaitingLease> waiting);

  StudyBook* const book_;
  TrialSource* const source_;
  StudyLife* const life_;
  const FailingWorkers* const failing_;
  Outbox* const outbox_;
  const size_t max_waiting_;
  WaitingRoom room_;
};

}  // namespace attune

#endif  // ATTUNE_SERVER_LEASE_DESK_H_

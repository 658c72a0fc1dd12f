#ifndef ATTUNE_SERVER_ATTEMPT_DESK_H_
#define ATTUNE_SERVER_ATTEMPT_DESK_H_

#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "core/coordinator_api.h"
#include "server/command.h"
#include "server/failing_workers.h"
#include "server/study_book.h"
#include "server/study_life.h"

namespace attune {

// What workers say about the attempts they run, and what becomes of those that
// nothing is heard of. Changes the book only. A token that is not the current
// one gets FAILED_PRECONDITION, reason LEASE_LOST, and changes nothing;
// UNAVAILABLE if its study cannot be read.
class AttemptDesk {
 public:
  // All must outlive it.
  AttemptDesk(StudyBook* book, StudyLife* life, FailingWorkers* failing)
      : book_(book), life_(life), failing_(failing) {}

  absl::StatusOr<std::vector<Verdict>> Renew(const RenewLeases& command,
                                             absl::Time now);
  absl::StatusOr<Verdict> Report(const ReportMeasurements& command,
                                 absl::Time now);
  absl::Status Finish(const FinishTrial& command, absl::Time now);
  absl::Status Release(const ReleaseTrial& command, absl::Time now);

  // Ends the leases whose time is over.
  void Expire(absl::Time now);

 private:
  // The token's study, whether or not it has such a trial.
  absl::StatusOr<const BookedStudy*> FindStudy(const LeaseToken& token) const;
  // The trial, if the token is its current one; its lease is renewed.
  absl::StatusOr<const Trial*> RenewLease(const LeaseToken& token,
                                          absl::Time now);
  absl::StatusOr<StoredTrial> FindTrial(const BookedStudy& study,
                                        TrialId id) const;
  // Whether the token's worker says what it said before: OK if so.
  absl::Status CheckRepeat(const BookedStudy& study, const FinishTrial& command,
                           absl::Time now) const;
  void ConsiderStopping(const BookedStudy& study, TrialId id, absl::Time now);
  // REQUIRES: the token is its trial's current one.
  absl::Status FinishCurrent(const FinishTrial& command,
                             const BookedStudy& study, absl::Time now);

  StudyBook* const book_;
  StudyLife* const life_;
  FailingWorkers* const failing_;
};

}  // namespace attune

#endif  // ATTUNE_SERVER_ATTEMPT_DESK_H_

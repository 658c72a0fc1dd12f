#ifndef ATTUNE_CORE_TRIAL_MACHINE_H_
#define ATTUNE_CORE_TRIAL_MACHINE_H_

#include <string>
#include <variant>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "core/ids.h"
#include "core/trial.h"

namespace attune {

// What can happen to a trial.
struct LeaseGranted {
  WorkerId worker;
  absl::Time deadline;
  std::string request_id = "";  // see Attempt
};
struct LeaseRenewed {
  int attempt = 1;
  absl::Time deadline;
};
struct LeaseReleased {  // handed back unfinished, by the worker's own wish
  int attempt = 1;
};
struct LeaseExpired {  // the coordinator saw `now` pass the deadline
  int max_attempts = 3;
};
struct StopRequested {
  std::string reason;
};
struct AttemptCompleted {
  int attempt = 1;
  std::vector<double> objectives;
};
struct AttemptStopped {  // the worker ended it because a stop was requested
  int attempt = 1;
};
struct AttemptDiverged {
  int attempt = 1;
  std::string reason;
};
struct AttemptFailed {
  int attempt = 1;
  int max_attempts = 3;
  std::string cause;
  std::string message;
  // A cause that another attempt cannot mend (a metric that is not there).
  bool permanent = false;
};
struct CancelRequested {
  std::string reason;
};
using TrialEvent =
    std::variant<LeaseGranted, LeaseRenewed, LeaseReleased, LeaseExpired,
                 StopRequested, AttemptCompleted, AttemptStopped,
                 AttemptDiverged, AttemptFailed, CancelRequested>;

// Returns the state that follows `state` when `event` happens at `now`: every
// legal transition, and nothing else (the table stands in docs/protocol.md). An
// event that repeats what is already so returns the same state.
// FAILED_PRECONDITION for an event that the state does not allow, with reason
//   LEASE_LOST      an attempt that is not the running one speaks,
//   TRIAL_FINISHED  the same attempt spoke before and said something else, or
//                   the event would change a finished trial,
//   TRIAL_STATE     anything else.
absl::StatusOr<TrialState> Next(const TrialState& state,
                                const TrialEvent& event, absl::Time now);

// Next(), applied to the whole record: state, attempts and times. The revision
// grows by one unless nothing but the lease's deadline changed.
absl::StatusOr<Trial> Advance(const Trial& trial, const TrialEvent& event,
                              absl::Time now);

// "LeaseGranted", "AttemptCompleted", ...: for tables and messages.
absl::string_view EventName(const TrialEvent& event);

}  // namespace attune

#endif  // ATTUNE_CORE_TRIAL_MACHINE_H_

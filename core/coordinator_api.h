#ifndef ATTUNE_CORE_COORDINATOR_API_H_
#define ATTUNE_CORE_COORDINATOR_API_H_

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "absl/types/span.h"
#include "core/ids.h"
#include "core/search_space.h"
#include "core/study.h"
#include "core/trial.h"

namespace attune {

// Names one attempt at one trial, so that a late worker's words are not taken
// for its successor's. Study ids are never reused, so a token never fits a
// later study of the same name.
struct LeaseToken {
  TrialId trial;
  int attempt = 1;
  friend auto operator<=>(const LeaseToken&, const LeaseToken&) = default;
};

// A trial to run, with all that is needed to run it.
struct Assignment {
  WorkerId worker;
  LeaseToken token;
  std::string study;             // its name
  absl::Time study_create_time;  // see ArtifactFolder()
  Parameters parameters;
  // Names of the study's parameters in the order of its search space, those
  // that are not active in this trial included.
  std::vector<std::string> parameter_order;
  Task task;
  std::vector<Objective> objectives;
  uint64_t seed = 0;              // of this trial, the same in every attempt
  uint64_t study_seed = 0;        // for what all trials share, e.g. the split
  absl::Duration lease_duration;  // a lease lasts that long after each renewal
  bool last_attempt = false;      // if it is lost or fails, the trial fails
};

struct LeaseRequest {
  // Each gets the trial it holds already, else a new one, if there is one.
  std::vector<WorkerId> workers;
  // Only trials of this study; empty: of any.
  std::string study;
  // Only trials of studies that bring a task; for workers that have no loop of
  // their own.
  bool with_task = false;
  // How long to wait for a trial if there is none at once; at most 60 s.
  absl::Duration wait = absl::ZeroDuration();
};

struct LeaseReply {
  std::vector<Assignment> assignments;  // at most one for each worker
  // No study that the request allows will ever hand out a trial again (there
  // may be none at all, and new ones may be created later).
  bool exhausted = false;
};

enum class Verdict {
  kContinue,
  kStop,       // end the trial early and say kStopped
  kLeaseLost,  // somebody else may run it: drop it (answers to renewals only)
};

// How a trial ended, as its worker sees it. `Finished` does not carry the
// objectives: the coordinator takes them from the measurements, the last value
// of each objective's metric.
struct Finished {
  friend bool operator==(const Finished&, const Finished&) = default;
};
struct Stopped {  // early, because the verdict was kStop
  friend bool operator==(const Stopped&, const Stopped&) = default;
};
struct Diverged {
  std::string reason;
  friend bool operator==(const Diverged&, const Diverged&) = default;
};
struct Broken {
  std::string message;  // for a person: what failed, on what
  friend bool operator==(const Broken&, const Broken&) = default;
};
using Outcome = std::variant<Finished, Stopped, Diverged, Broken>;

// The coordinator as a worker sees it: over gRPC, in process, or over the
// simulator's bad network. Every call may be repeated: asking twice has the
// effect of asking once. Errors:
//   FAILED_PRECONDITION, reason LEASE_LOST  the token is not the current one;
//       nothing was changed, and the trial must be dropped;
//   UNAVAILABLE, DEADLINE_EXCEEDED  nobody answered; the call may or may not
//       have taken effect, and is to be repeated;
//   INVALID_ARGUMENT  the call is wrong, and will stay so.
class CoordinatorApi {
 public:
  virtual ~CoordinatorApi() = default;

  virtual absl::StatusOr<LeaseReply> LeaseTrials(
      const LeaseRequest& request) = 0;

  // One verdict for each token, in order.
  virtual absl::StatusOr<std::vector<Verdict>> RenewLeases(
      absl::Span<const LeaseToken> tokens) = 0;

  // Renews the lease as well. A step that was reported before keeps its first
  // values.
  virtual absl::StatusOr<Verdict> ReportMeasurements(
      const LeaseToken& token, absl::Span<const Measurement> measurements) = 0;

  // `measurements` are those not yet reported; they are stored first, in the
  // same transaction.
  virtual absl::Status FinishTrial(const LeaseToken& token,
                                   absl::Span<const Measurement> measurements,
                                   const Outcome& outcome) = 0;

  // Hands an unfinished trial back; it waits for another worker and its
  // attempt does not count as lost.
  virtual absl::Status ReleaseTrial(const LeaseToken& token) = 0;
};

}  // namespace attune

#endif  // ATTUNE_CORE_COORDINATOR_API_H_

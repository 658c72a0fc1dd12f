#ifndef ATTUNE_CORE_TRIAL_H_
#define ATTUNE_CORE_TRIAL_H_

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "core/attributes.h"
#include "core/ids.h"
#include "core/search_space.h"

namespace attune {

// What a worker saw at one step. NaN and infinities are legal values.
struct Measurement {
  int64_t step = 0;  // >= 0
  std::map<std::string, double> metrics;
};
// Bit for bit: a NaN equals itself, so that a repeated report can be
// recognised.
bool operator==(const Measurement& a, const Measurement& b);

// A worker's right to run one attempt of a trial until `deadline`. Renewals
// move the deadline in the coordinator's memory only: after a restart every
// lease gets a full term anyway. One that is InfiniteFuture() never ends and
// never moves: the trial was asked for without a lease.
struct Lease {
  WorkerId worker;
  int attempt = 1;
  absl::Time deadline;
  friend bool operator==(const Lease&, const Lease&) = default;
};

// The states of a trial, each with exactly the data that state has. `attempt`
// is the number of the last attempt: 0 before the first, growing by one with
// every lease, never reused. `lost` counts the attempts that were lost or
// failed; attempts handed back do not count.
struct Waiting {
  int attempt = 0;
  int lost = 0;
  friend bool operator==(const Waiting&, const Waiting&) = default;
};
struct Running {
  Lease lease;
  int lost = 0;
  std::optional<std::string> stop_requested;  // the reason, for a person
  friend bool operator==(const Running&, const Running&) = default;
};
struct Completed {
  int attempt = 1;
  std::vector<double> objectives;  // one for each of the study's, not NaN
  friend bool operator==(const Completed&, const Completed&) = default;
};
struct Pruned {  // stopped early, because it was asked to
  int attempt = 1;
  std::string reason;
  friend bool operator==(const Pruned&, const Pruned&) = default;
};
struct Infeasible {  // diverged, or breaks a constraint: do not try again
  int attempt = 1;
  std::string reason;
  friend bool operator==(const Infeasible&, const Infeasible&) = default;
};

// Why an attempt or a trial failed.
namespace cause {
inline constexpr absl::string_view kLeaseExpired = "LEASE_EXPIRED";
inline constexpr absl::string_view kWorkerError = "WORKER_ERROR";
inline constexpr absl::string_view kNonFiniteObjective = "NON_FINITE_OBJECTIVE";
inline constexpr absl::string_view kMetricMissing = "METRIC_MISSING";
}  // namespace cause

struct Failed {  // every attempt was lost, or the program failed
  int attempt = 1;
  std::string cause;    // one of cause::k...
  std::string message;  // for a person
  friend bool operator==(const Failed&, const Failed&) = default;
};
struct Cancelled {
  int attempt = 0;
  std::string reason;
  friend bool operator==(const Cancelled&, const Cancelled&) = default;
};
using TrialState = std::variant<Waiting, Running, Completed, Pruned, Infeasible,
                                Failed, Cancelled>;

// One try at a trial, kept for ever.
struct Attempt {
  int number = 1;
  WorkerId worker;
  absl::Time start_time;
  std::optional<absl::Time> end_time;  // absent while it runs
  // How it ended: COMPLETED, PRUNED, INFEASIBLE, RELEASED, CANCELLED or a
  // cause::k...; empty while it runs.
  std::string outcome;
  // Of the SuggestTrials that began it; empty if it had none, or for a lease.
  std::string request_id = "";
  friend bool operator==(const Attempt&, const Attempt&) = default;
};

struct Trial {
  TrialId id;
  int64_t revision = 0;
  // The number of its last change, or that of its measurements, among all the
  // changes in its study: what changed after another number is above that.
  int64_t change = 0;
  Parameters parameters;
  Attributes attributes;
  // The `request_id` of the call that created it; empty if it had none, or the
  // search created the trial.
  std::string request_id;
  std::optional<int64_t> retry_of;  // the trial that it tries again
  std::string tag;  // the search algorithm's own note, e.g. a bracket
  // The study's revision and the number of trials that the algorithm saw when
  // it suggested this one, so that the suggestion can be derived again.
  int64_t seen_revision = 0;
  TrialState state;
  std::vector<Attempt> attempts;  // by number
  absl::Time create_time;
  std::optional<absl::Time> start_time;  // of the first attempt
  std::optional<absl::Time> end_time;    // when it reached its final state
  friend bool operator==(const Trial&, const Trial&) = default;
};

// Whether the state is final: not Waiting and not Running.
bool IsFinished(const TrialState& state);

// "waiting", "running", "completed", "pruned", "infeasible", "failed",
// "cancelled".
absl::string_view StateName(const TrialState& state);

// All of them, in the order of TrialState.
const std::vector<std::string>& TrialStateNames();

// The state of that name with none of its data; nullopt if there is none.
std::optional<TrialState> StateNamed(absl::string_view name);

// The number of the state's last attempt; 0 before the first.
int LastAttempt(const TrialState& state);

// For a person: why it is pruned, infeasible, failed or cancelled; else empty.
std::string StateReason(const TrialState& state);

// The last value of each metric: of several measurements the one with the
// highest step that has it.
std::map<std::string, double> LatestMetrics(
    const std::vector<Measurement>& measurements);

}  // namespace attune

#endif  // ATTUNE_CORE_TRIAL_H_

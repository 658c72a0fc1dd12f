#ifndef ATTUNE_WORKER_TRIAL_SESSION_H_
#define ATTUNE_WORKER_TRIAL_SESSION_H_

#include <cstddef>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "core/clock.h"
#include "core/coordinator_api.h"
#include "core/random.h"
#include "worker/retry.h"
#include "worker/trial_runner.h"

namespace attune {

struct SessionOptions {
  RetryPolicy retry;
  // So many measurements are kept while the coordinator is away. Then training
  // pauses until it is back: memory is bounded and nothing is thrown away.
  size_t max_pending = 512;
  // As many go into one call, so that a message stays small.
  size_t max_per_call = 128;
};

// What a session works with; all must outlive it.
struct SessionContext {
  CoordinatorApi* coordinator = nullptr;
  TrialRunner* runner = nullptr;
  const Clock* clock = nullptr;
};

enum class SessionEnd {
  kDelivered,   // the coordinator has the outcome
  kHandedBack,  // the coordinator has the trial back
  kDropped,     // the trial is no longer ours, or the coordinator refuses it
};

// One attempt at one trial, from its lease to its end: trains and delivers what
// comes of it, in order. For one thread; never waits, so that a simulator can
// drive it.
//
// While the coordinator is away training goes on and what it yields is kept,
// also when the lease has ended by this worker's clock: whether the trial is
// lost is for the coordinator to say, and until it has given the trial to
// somebody else it takes the late report.
class TrialSession {
 public:
  TrialSession(Assignment assignment, const SessionOptions& options,
               const SessionContext& context, Rng rng);

  // Does one thing: starts the trial, trains up to the next measurement and
  // reports it, delivers the outcome, or hands the trial back. Each call to the
  // coordinator is tried once; returns when to call again. `stop` cuts training
  // short. REQUIRES: it has not ended.
  absl::Time Step(const std::stop_token& stop);

  // The trial ends as Stopped at the next step, or as what it has become.
  void StopEarly();
  // The trial is dropped at the next step, unless there is an outcome, which is
  // offered all the same: only the coordinator's answer to it is certain.
  void LoseLease();
  // The trial is handed back at the next step, unless there is an outcome.
  void HandBack();

  const std::optional<SessionEnd>& end() const { return end_; }
  const Assignment& assignment() const { return assignment_; }
  const std::optional<Outcome>& outcome() const { return outcome_; }
  // Why it was dropped.
  const absl::Status& drop_reason() const { return drop_reason_; }

  // Since when calls have found nobody; absent if the last one was answered.
  std::optional<absl::Time> away_since() const { return away_since_; }
  // Since when it can do nothing but wait for the coordinator: there is an
  // outcome, the trial is to be handed back, or it keeps all the measurements
  // that it may. Absent while there is something to train.
  std::optional<absl::Time> waiting_since() const;
  // For a person, what the coordinator has not got yet.
  std::string Undelivered() const;

 private:
  void Train(const std::stop_token& stop);
  void Start();
  void End(Outcome outcome);
  bool IsFull() const { return pending_.size() >= options_.max_pending; }
  // Delivers pending measurements in chunks until at most `keep` are left or a
  // call fails. Returns whether it got there.
  bool Report(size_t keep);
  absl::Time Finish();
  absl::Time Release();
  // After any call: whether there was an answer. If not, sets the next try.
  bool Answered(const absl::Status& status);
  void Refused(const absl::Status& status, absl::string_view call);
  void Drop(const absl::Status& reason);
  // `is_over`: nobody will run the trial again.
  void EndSession(SessionEnd end, bool is_over);

  const Assignment assignment_;
  const SessionOptions options_;
  const SessionContext context_;
  Backoff backoff_;

  std::unique_ptr<TrialRun> run_;  // from its start to its end
  std::vector<Measurement> pending_;
  std::optional<Outcome> outcome_;
  bool hand_back_ = false;
  bool stop_early_ = false;

  absl::Time retry_time_ = absl::InfinitePast();
  std::optional<absl::Time> away_since_;
  absl::Time waiting_since_ = absl::InfinitePast();  // if it waits
  std::optional<SessionEnd> end_;
  absl::Status drop_reason_;
};

// "finished", "stopped", "diverged", "broken".
absl::string_view OutcomeName(const Outcome& outcome);

}  // namespace attune

#endif  // ATTUNE_WORKER_TRIAL_SESSION_H_

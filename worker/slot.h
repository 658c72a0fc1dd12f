#ifndef ATTUNE_WORKER_SLOT_H_
#define ATTUNE_WORKER_SLOT_H_

#include <atomic>
#include <optional>
#include <stop_token>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/time/time.h"
#include "core/coordinator_api.h"
#include "core/mutex.h"
#include "core/random.h"
#include "worker/lease_keeper.h"
#include "worker/retry.h"
#include "worker/trial_session.h"

namespace attune {

struct SlotOptions {
  WorkerId worker;
  std::string study;      // lease only its trials; empty: of any study...
  bool with_task = true;  // ...that brings a task
  // Be done when the coordinator says that there will be no more trials.
  bool exit_when_done = false;
  // How long one call for a trial may wait at the coordinator...
  absl::Duration lease_wait = absl::Seconds(20);
  // ...and the least time from one such call to the next if it was answered
  // with nothing.
  absl::Duration idle_pause = absl::Seconds(1);
  // How long a slot that is to leave and has nothing left to train goes on
  // looking for a coordinator that is away, after Drain() and after HandBack().
  absl::Duration drain_patience = absl::Seconds(30);
  absl::Duration hand_back_patience = absl::Seconds(5);
  SessionOptions session;
};

// Runs one trial at a time: leases it, trains, reports, ends it, leases the
// next. A state machine that is stepped: it has no thread, never sleeps, and
// reads no clock but the one it is given, so that a simulator runs the very
// same code as a worker does.
//
//   idle --lease--> running --outcome--> delivering --answer--> idle
//                     |  \__lease lost: dropped______________/
//                     \__handed back: releasing --answer--> done
//
// For one thread, but for Drain() and HandBack().
class Slot {
 public:
  // `keeper` and what `context` points to must outlive it.
  Slot(const SlotOptions& options, const SessionContext& context,
       LeaseKeeper* keeper, Rng rng);

  // Does one thing and returns when to step again: now or earlier if there is
  // more to do, InfiniteFuture() when it is done. It may be stepped earlier at
  // any time. Takes as long as the call or the training takes.
  absl::Time Step();

  // Lease nothing any more; end the trial that runs, then be done. Thread-safe.
  void Drain();
  // Stop the trial that runs at once and hand it back, then be done.
  // Thread-safe.
  void HandBack();

  bool done() const { return done_; }
  // OK, or why it had to end with something undelivered or undone.
  const absl::Status& result() const { return result_; }
  const WorkerId& worker() const { return options_.worker; }
  // The trial that it holds.
  const TrialSession* session() const {
    return session_.has_value() ? &*session_ : nullptr;
  }

 private:
  enum class Mode { kWork, kDrain, kHandBack };

  void Enter(Mode mode);
  absl::Time LeaseTrial(absl::Duration wait);
  absl::Time NoTrial(const absl::Status& status);
  void Begin(Assignment assignment);
  absl::Time StepSession();
  void EndSession();
  void HeedRenewals();
  absl::Time Leave();
  absl::Time GiveUpTime() const;
  absl::Time Done(const absl::Status& result);

  const SlotOptions options_;
  const SessionContext context_;
  LeaseKeeper* const keeper_;
  Rng rng_;
  Backoff backoff_;

  std::atomic<Mode> wanted_ = Mode::kWork;
  Mutex mutex_;
  std::stop_source stop_ ABSL_GUARDED_BY(mutex_);  // of the running trial

  Mode mode_ = Mode::kWork;  // `wanted_` as the last step saw it
  absl::Time mode_time_ = absl::InfinitePast();  // when it saw it first
  std::optional<TrialSession> session_;
  // The last call for a trial got no answer: perhaps we hold one.
  bool unsure_ = false;
  absl::Status last_refusal_;  // logged already
  bool done_ = false;
  absl::Status result_;
};

}  // namespace attune

#endif  // ATTUNE_WORKER_SLOT_H_

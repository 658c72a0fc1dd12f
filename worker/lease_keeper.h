#ifndef ATTUNE_WORKER_LEASE_KEEPER_H_
#define ATTUNE_WORKER_LEASE_KEEPER_H_

#include <map>
#include <stop_token>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/time/time.h"
#include "core/clock.h"
#include "core/coordinator_api.h"
#include "core/mutex.h"
#include "core/random.h"
#include "worker/retry.h"

namespace attune {

// Keeps the leases of one process alive, so that a slot which trains for long
// without a word never loses its trial: all leases are renewed in one call, as
// soon as a third of one lease's term is over. What the coordinator answers
// waits here for the slot.
//
// Thread-safe. Slots hold and drop leases; one control thread renews, by Run(),
// or, where there are no threads, whoever calls Step().
class LeaseKeeper {
 public:
  // `coordinator` and `clock` must outlive it.
  LeaseKeeper(CoordinatorApi* coordinator, const Clock* clock,
              const RetryPolicy& retry, Rng rng);

  // Renews the lease of `token` until Drop(). If a renewal finds it lost,
  // `stop` is requested.
  void Hold(const LeaseToken& token, absl::Duration lease_duration,
            std::stop_source stop);
  void Drop(const LeaseToken& token);

  // What the last renewal answered; kContinue before the first one and for a
  // lease that is not held. kStop and kLeaseLost stay until Drop().
  Verdict LastVerdict(const LeaseToken& token) const;

  // Renews if it is time to, in one call. Returns when to call again at the
  // latest, which a later Hold() may bring forward; InfiniteFuture() if there
  // is nothing to renew.
  absl::Time Step();

  // Calls Step() when it is due, until Close().
  void Run();
  void Close();

 private:
  struct Held {
    absl::Duration interval;  // between renewals
    absl::Time renew_time;
    Verdict verdict = Verdict::kContinue;
    std::stop_source stop;
  };

  std::vector<LeaseToken> ToRenew() const;
  absl::Time NextTime() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void Take(const std::vector<LeaseToken>& tokens,
            const std::vector<Verdict>& verdicts, absl::Time asked)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  CoordinatorApi* const coordinator_;
  const Clock* const clock_;
  Backoff backoff_;  // of whoever calls Step()

  mutable Mutex mutex_;
  CondVar woken_;  // by Hold() and Close()
  std::map<LeaseToken, Held> held_ ABSL_GUARDED_BY(mutex_);
  absl::Time retry_time_ ABSL_GUARDED_BY(mutex_) = absl::InfinitePast();
  bool changed_ ABSL_GUARDED_BY(mutex_) = false;  // since Run() looked
  bool closed_ ABSL_GUARDED_BY(mutex_) = false;
};

}  // namespace attune

#endif  // ATTUNE_WORKER_LEASE_KEEPER_H_

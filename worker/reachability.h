#ifndef ATTUNE_WORKER_REACHABILITY_H_
#define ATTUNE_WORKER_REACHABILITY_H_

#include <optional>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/time/time.h"
#include "core/mutex.h"

namespace attune {

// Follows whether the coordinator answers, over all calls of a process, so that
// the log says it once and not once for every call. Thread-safe.
class Reachability {
 public:
  enum class News {
    kNone,
    kReached,    // the first answer of all
    kAway,       // the first call that nobody answered
    kStillAway,  // some time has gone by since the last such news
    kBack,       // an answer after kAway
  };
  // Between kAway and kStillAway, and from one kStillAway to the next.
  static constexpr absl::Duration kReminder = absl::Minutes(1);

  // What is new now that a call ended with `status`.
  News Note(const absl::Status& status, absl::Time now);

  // How long nobody has answered at `now`; nothing if the last call was
  // answered.
  std::optional<absl::Duration> AwayFor(absl::Time now) const;

 private:
  mutable Mutex mutex_;
  bool reached_ ABSL_GUARDED_BY(mutex_) = false;
  std::optional<absl::Time> away_since_ ABSL_GUARDED_BY(mutex_);
  absl::Time told_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace attune

#endif  // ATTUNE_WORKER_REACHABILITY_H_

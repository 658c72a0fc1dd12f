#ifndef ATTUNE_CORE_CLOCK_H_
#define ATTUNE_CORE_CLOCK_H_

#include <stop_token>

#include "absl/time/time.h"

namespace attune {

// Time, passed in so that tests and simulations can make it stand still or
// jump.
class Clock {
 public:
  virtual ~Clock() = default;

  virtual absl::Time Now() const = 0;

  // Waits until `deadline` or until `stop` is requested; returns whether the
  // deadline was reached. Thread-safe.
  virtual bool SleepUntil(absl::Time deadline, std::stop_token stop) = 0;
};

// The time of day. It jumps when somebody sets it; a sleep still takes as long
// as it had to when it began.
class SystemClock : public Clock {
 public:
  absl::Time Now() const override;
  bool SleepUntil(absl::Time deadline, std::stop_token stop) override;
};

// The time of day when it was made, and from then on at an even pace, whatever
// is done to the machine's clock: for whoever only measures how long something
// took or is to take.
class SteadyClock : public Clock {
 public:
  SteadyClock();
  absl::Time Now() const override;
  bool SleepUntil(absl::Time deadline, std::stop_token stop) override;

 private:
  const absl::Time ahead_;  // the time when the monotonic clock showed 0
};

}  // namespace attune

#endif  // ATTUNE_CORE_CLOCK_H_

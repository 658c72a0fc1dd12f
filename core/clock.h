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

class SystemClock : public Clock {
 public:
  absl::Time Now() const override;
  bool SleepUntil(absl::Time deadline, std::stop_token stop) override;
};

}  // namespace attune

#endif  // ATTUNE_CORE_CLOCK_H_

#ifndef ATTUNE_SERVER_FORWARD_TIME_H_
#define ATTUNE_SERVER_FORWARD_TIME_H_

#include "absl/time/time.h"

namespace attune {

// A time that never runs backwards: when the clock jumps back, it goes on from
// where it stood, at the clock's pace. So leases and waits last as long as they
// were meant to, and what is stored stays in order. In whole microseconds,
// which is what every store keeps.
class ForwardTime {
 public:
  explicit ForwardTime(absl::Time clock) : last_(Truncate(clock)) {}

  // The time that the clock's `clock` stands for.
  absl::Time At(absl::Time clock) {
    if (clock + ahead_ < last_) ahead_ = last_ - clock;
    last_ = Truncate(clock + ahead_);
    return last_;
  }

  // When the clock will show what stands for `time`.
  absl::Time ToClock(absl::Time time) const { return time - ahead_; }

 private:
  static absl::Time Truncate(absl::Time time) {
    return absl::FromUnixMicros(absl::ToUnixMicros(time));
  }

  absl::Time last_;
  absl::Duration ahead_ = absl::ZeroDuration();
};

}  // namespace attune

#endif  // ATTUNE_SERVER_FORWARD_TIME_H_

#include "storage/micros.h"

#include <limits>
#include <optional>
#include <variant>

namespace attune {
namespace {

void Floor(absl::Time& time) { time = FromMicros(ToMicros(time)); }

void Floor(std::optional<absl::Time>& time) {
  if (time.has_value()) Floor(*time);
}

}  // namespace

absl::Duration DurationFromMicros(int64_t micros) {
  if (micros == std::numeric_limits<int64_t>::max()) {
    return absl::InfiniteDuration();
  }
  if (micros == std::numeric_limits<int64_t>::min()) {
    return -absl::InfiniteDuration();
  }
  return absl::Microseconds(micros);
}

int64_t ToMicros(absl::Duration duration) {
  // Saturates at both ends.
  return absl::ToInt64Microseconds(
      absl::Floor(duration, absl::Microseconds(1)));
}

int64_t ToMicros(absl::Time time) { return ToMicros(time - absl::UnixEpoch()); }

absl::Time FromMicros(int64_t micros) {
  return absl::UnixEpoch() + DurationFromMicros(micros);
}

Study InMicros(Study study) {
  Floor(study.create_time);
  Floor(study.update_time);
  std::optional<absl::Duration>& limit = study.spec.budget.max_duration;
  if (limit.has_value()) limit = DurationFromMicros(ToMicros(*limit));
  return study;
}

Trial InMicros(Trial trial) {
  Floor(trial.create_time);
  Floor(trial.start_time);
  Floor(trial.end_time);
  if (auto* running = std::get_if<Running>(&trial.state)) {
    Floor(running->lease.deadline);
  }
  for (Attempt& attempt : trial.attempts) {
    Floor(attempt.start_time);
    Floor(attempt.end_time);
  }
  return trial;
}

}  // namespace attune

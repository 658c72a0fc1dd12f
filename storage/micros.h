#ifndef ATTUNE_STORAGE_MICROS_H_
#define ATTUNE_STORAGE_MICROS_H_

#include <cstdint>

#include "absl/time/time.h"
#include "core/study.h"
#include "core/trial.h"

namespace attune {

// Times as whole microseconds since 1970 UTC and durations as whole
// microseconds, rounded down. The lowest and the highest number stand for
// infinity.
int64_t ToMicros(absl::Time time);
int64_t ToMicros(absl::Duration duration);
absl::Time FromMicros(int64_t micros);
absl::Duration DurationFromMicros(int64_t micros);

// With every time in it as it comes back from a store.
Study InMicros(Study study);
Trial InMicros(Trial trial);

}  // namespace attune

#endif  // ATTUNE_STORAGE_MICROS_H_

#ifndef ATTUNE_CORE_STEP_GRID_H_
#define ATTUNE_CORE_STEP_GRID_H_

#include <cstdint>

#include "core/search_space.h"

namespace attune {

// The values min, min + step, min + 2 step... of a range with a step, by index.
// One place counts them, so that rounding means the same everywhere.

// More steps than this are refused by Validate().
inline constexpr double kMaxSteps = 1e9;

// How many values the range has. REQUIRES for doubles: `step` is there.
int64_t StepCount(const DoubleRange& range);
int64_t StepCount(const IntRange& range);

// The value of `index`; a double never passes max by rounding.
// REQUIRES: 0 <= index < StepCount(range).
double StepValue(const DoubleRange& range, int64_t index);
int64_t StepValue(const IntRange& range, int64_t index);

// The index of the value nearest to `value`.
int64_t StepIndex(const DoubleRange& range, double value);
int64_t StepIndex(const IntRange& range, int64_t value);

}  // namespace attune

#endif  // ATTUNE_CORE_STEP_GRID_H_

#include "core/step_grid.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace attune {

int64_t StepCount(const DoubleRange& range) {
  const double steps = (range.max - range.min) / *range.step;
  // 0.3 / 0.1 is a little less than 3; a hair more than rounding can take
  // away is added.
  const double slack =
      std::max(1e-9, 4.0 * std::numeric_limits<double>::epsilon() * steps);
  return static_cast<int64_t>(std::floor(steps + slack)) + 1;
}

int64_t StepCount(const IntRange& range) {
  return (range.max - range.min) / range.step + 1;
}

double StepValue(const DoubleRange& range, int64_t index) {
  return std::min(range.min + static_cast<double>(index) * *range.step,
                  range.max);
}

int64_t StepValue(const IntRange& range, int64_t index) {
  return range.min + index * range.step;
}

int64_t StepIndex(const DoubleRange& range, double value) {
  const double index = std::round((value - range.min) / *range.step);
  const auto last = static_cast<double>(StepCount(range) - 1);
  return static_cast<int64_t>(std::clamp(index, 0.0, last));
}

int64_t StepIndex(const IntRange& range, int64_t value) {
  const int64_t index = (value - range.min + range.step / 2) / range.step;
  return std::clamp(index, int64_t{0}, StepCount(range) - 1);
}

}  // namespace attune

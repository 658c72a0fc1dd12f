#include "core/unit_cube.h"

#include <algorithm>
#include <cmath>
#include <iterator>

#include "core/check.h"
#include "core/overloaded.h"
#include "core/step_grid.h"

namespace attune {
namespace {

// Whether the reverse log scale of a range is the log scale of 1 - x, as it is
// where that means something (rates of decay), or else the mirror image of the
// log scale.
template <typename Range>
bool CountsFromOne(const Range& range) {
  return range.scale == Scale::kReverseLog && range.min >= 0 && range.max < 1;
}

// [min, max] on a scale: x <-> w in [0, 1], both ascending. The log scale has
// x = min (max / min)^w. The reverse log scale is the log scale of the gap
// between x and 1, or min + max, and dense at max.
struct ScaledInterval {
  Scale scale;
  double min;
  double max;
  bool from_one = false;  // CountsFromOne()

  double Position(double x) const {
    if (!(max > min)) return 0.5;
    double w = 0.0;
    switch (scale) {
      case Scale::kLinear:
        w = (x - min) / (max - min);
        break;
      case Scale::kLog:
        w = LogPosition(x);
        break;
      case Scale::kReverseLog:
        w = 1.0 - Gap().LogPosition(Limit() - x);
        break;
    }
    return std::clamp(w, 0.0, 1.0);
  }

  double At(double w) const {
    // The ends are met exactly, whatever the rounding.
    if (w <= 0.0) return min;
    if (w >= 1.0) return max;
    double x = 0.0;
    switch (scale) {
      case Scale::kLinear:
        x = min + w * (max - min);
        break;
      case Scale::kLog:
        x = LogAt(w);
        break;
      case Scale::kReverseLog:
        x = Limit() - Gap().LogAt(1.0 - w);
        break;
    }
    return std::clamp(x, min, max);
  }

  // Of the reverse log scale. (min + max) - max would lose a small min.
  ScaledInterval Gap() const {
    return {.scale = Scale::kLog,
            .min = from_one ? 1.0 - max : min,
            .max = from_one ? 1.0 - min : max};
  }

 private:
  double Limit() const { return from_one ? 1.0 : max + min; }
  double LogPosition(double x) const {
    return (std::log(x) - std::log(min)) / (std::log(max) - std::log(min));
  }
  double LogAt(double w) const {
    return std::exp(std::log(min) + w * (std::log(max) - std::log(min)));
  }
};

// Cells of equal width: that of rank r is [r / n, (r + 1) / n).
double EqualCellMiddle(int64_t rank, int64_t count) {
  return (static_cast<double>(rank) + 0.5) / static_cast<double>(count);
}

int64_t EqualCellAt(double u, int64_t count) {
  const auto rank =
      static_cast<int64_t>(std::floor(u * static_cast<double>(count)));
  return std::clamp(rank, int64_t{0}, count - 1);
}

// The values of a range with a step. On a linear scale their cells are equal;
// on the others the cell of a value reaches half a step to both sides, as the
// scale shows it. The cell of the dense end's value does not reach further
// than half way to 0, where the logarithm ends.
class SteppedScale {
 public:
  template <typename Range>
  explicit SteppedScale(const Range& range)
      : count_(StepCount(range)),
        ends_{.scale = range.scale,
              .min = static_cast<double>(StepValue(range, 0)),
              .max = static_cast<double>(StepValue(range, count_ - 1)),
              .from_one = CountsFromOne(range)} {
    if (count_ > 1) {
      step_ = (ends_.max - ends_.min) / static_cast<double>(count_ - 1);
    }
  }

  int64_t count() const { return count_; }

  // The middle of the cell.
  double Position(int64_t rank) const {
    if (ends_.scale == Scale::kLinear || count_ == 1) {
      return EqualCellMiddle(rank, count_);
    }
    if (ends_.scale == Scale::kReverseLog) {
      return 1.0 - LogMiddle(count_ - 1 - rank);
    }
    return LogMiddle(rank);
  }

  // The rank of the cell that holds `u`.
  int64_t RankAt(double u) const {
    if (ends_.scale == Scale::kLinear || count_ == 1) {
      return EqualCellAt(u, count_);
    }
    if (ends_.scale == Scale::kReverseLog) return count_ - 1 - LogRank(1.0 - u);
    return LogRank(u);
  }

  // The rank of the value nearest to the position `w` between the first value
  // (0) and the last (1).
  int64_t RankBetweenEnds(double w) const {
    if (count_ == 1) return 0;
    return NearestRank(ends_.At(w), ends_.min);
  }

 private:
  // What is on the log scale: the values, or their gaps.
  ScaledInterval Logged() const {
    return ends_.scale == Scale::kReverseLog ? ends_.Gap() : ends_;
  }
  ScaledInterval Cells() const {
    const ScaledInterval logged = Logged();
    return {.scale = Scale::kLog,
            .min = std::max(logged.min - step_ / 2.0, logged.min / 2.0),
            .max = logged.max + step_ / 2.0};
  }
  // The rank here and below is that among the values that Logged() says.
  double LogMiddle(int64_t rank) const {
    const ScaledInterval cells = Cells();
    const double value = Logged().min + static_cast<double>(rank) * step_;
    const double low = std::max(value - step_ / 2.0, cells.min);
    return (cells.Position(low) + cells.Position(value + step_ / 2.0)) / 2.0;
  }
  int64_t LogRank(double u) const {
    return NearestRank(Cells().At(u), Logged().min);
  }
  int64_t NearestRank(double x, double first) const {
    const double rank = std::round((x - first) / step_);
    return static_cast<int64_t>(
        std::clamp(rank, 0.0, static_cast<double>(count_ - 1)));
  }

  int64_t count_;
  ScaledInterval ends_;
  double step_ = 1.0;
};

int64_t RankOf(const std::vector<ParameterValue>& values,
               const ParameterValue& value) {
  const auto found = std::find(values.begin(), values.end(), value);
  ATTUNE_CHECK(found != values.end());
  return std::distance(values.begin(), found);
}

// Grid search's ranks: `points` of the `count` ranks, evenly spaced on the
// scale and all different. Where the scale is so dense that two would fall on
// one value, the later one moves on to the next.
int64_t GridRank(const SteppedScale& scale, int64_t points, int64_t index) {
  if (points >= scale.count()) return index;
  if (points == 1) return scale.RankBetweenEnds(0.5);
  int64_t rank = -1;
  for (int64_t i = 0; i <= index; ++i) {
    const double w = static_cast<double>(i) / static_cast<double>(points - 1);
    rank = std::max(rank + 1, scale.RankBetweenEnds(w));
  }
  // Room for those that follow.
  return std::min(rank, scale.count() - points + index);
}

template <typename Range>
int64_t SteppedGridSize(const Range& range) {
  const int64_t count = StepCount(range);
  return range.points.has_value() ? std::min(*range.points, count) : count;
}

template <typename Range>
ParameterValue SteppedGridValue(const Range& range, int64_t index) {
  const SteppedScale scale(range);
  return StepValue(range, GridRank(scale, SteppedGridSize(range), index));
}

ScaledInterval Interval(const DoubleRange& range) {
  return {.scale = range.scale,
          .min = range.min,
          .max = range.max,
          .from_one = CountsFromOne(range)};
}

ParameterValue RangeGridValue(const DoubleRange& range, int64_t index) {
  if (range.step.has_value()) return SteppedGridValue(range, index);
  const int64_t points = GridSize(range);
  const double w = points == 1 ? 0.5
                               : static_cast<double>(index) /
                                     static_cast<double>(points - 1);
  return Interval(range).At(w);
}

}  // namespace

double ToUnit(const Domain& domain, const ParameterValue& value) {
  ATTUNE_CHECK(Contains(domain, value));
  return std::visit(
      Overloaded{
          [&value](const DoubleRange& range) {
            const double number = std::get<double>(value);
            if (!range.step.has_value()) {
              return Interval(range).Position(number);
            }
            return SteppedScale(range).Position(StepIndex(range, number));
          },
          [&value](const IntRange& range) {
            const int64_t number = std::get<int64_t>(value);
            return SteppedScale(range).Position(StepIndex(range, number));
          },
          [&value](const auto& listed) {
            return EqualCellMiddle(RankOf(listed.values, value),
                                   static_cast<int64_t>(listed.values.size()));
          }},
      domain);
}

ParameterValue FromUnit(const Domain& domain, double u) {
  ATTUNE_CHECK(u >= 0.0 && u <= 1.0);
  return std::visit(
      Overloaded{
          [u](const DoubleRange& range) -> ParameterValue {
            if (!range.step.has_value()) return Interval(range).At(u);
            return StepValue(range, SteppedScale(range).RankAt(u));
          },
          [u](const IntRange& range) -> ParameterValue {
            return StepValue(range, SteppedScale(range).RankAt(u));
          },
          [u](const auto& listed) -> ParameterValue {
            const auto count = static_cast<int64_t>(listed.values.size());
            return listed.values[static_cast<size_t>(EqualCellAt(u, count))];
          }},
      domain);
}

ParameterValue GridValue(const Domain& domain, int64_t index) {
  ATTUNE_CHECK(index >= 0 && index < GridSize(domain));
  return std::visit(
      Overloaded{[index](const DoubleRange& range) {
                   return RangeGridValue(range, index);
                 },
                 [index](const IntRange& range) {
                   return SteppedGridValue(range, index);
                 },
                 [index](const auto& listed) {
                   return listed.values[static_cast<size_t>(index)];
                 }},
      domain);
}

int64_t GridSize(const Domain& domain) {
  return std::visit(
      Overloaded{[](const DoubleRange& range) -> int64_t {
                   if (range.step.has_value()) return SteppedGridSize(range);
                   if (range.min == range.max) return 1;
                   return range.points.value_or(0);
                 },
                 [](const IntRange& range) { return SteppedGridSize(range); },
                 [](const auto& listed) {
                   return static_cast<int64_t>(listed.values.size());
                 }},
      domain);
}

}  // namespace attune

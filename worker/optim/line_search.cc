#include "worker/optim/line_search.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <tuple>
#include <utility>

#include "core/check.h"

namespace attune::nn {
namespace {

struct Range {
  double min = 0.0;
  double max = 0.0;
};

// Where the cubic with the values and slopes of `a` and `b` has its minimum,
// within `range`; its middle if there is none.
double CubicMinimum(const LinePoint& a, const LinePoint& b,
                    const Range& range) {
  const auto& [left, right] = a.t <= b.t ? std::tie(a, b) : std::tie(b, a);
  const double d1 = left.slope + right.slope -
                    3.0 * (left.value - right.value) / (left.t - right.t);
  const double square = d1 * d1 - left.slope * right.slope;
  const double d2 = std::sqrt(square);
  const double t = right.t - (right.t - left.t) * (right.slope + d2 - d1) /
                                 (right.slope - left.slope + 2.0 * d2);
  // Also where d2 or what it is made of is no number.
  if (!std::isfinite(t)) return 0.5 * (range.min + range.max);
  return std::clamp(t, range.min, range.max);
}

class Search {
 public:
  Search(absl::FunctionRef<LinePoint(double t)> evaluate,
         const LinePoint& start, const LineSearchOptions& options)
      : evaluate_(evaluate), start_(start), options_(options) {}

  // Algorithm 3.5.
  LinePoint Run(double first) {
    LinePoint before = start_;
    LinePoint at = Evaluate(first);
    while (true) {
      if (!DecreasesEnough(at) ||
          (before.t > 0.0 && at.value >= before.value)) {
        return Shrink(before, at);
      }
      if (IsFlatEnough(at)) return at;
      if (at.slope >= 0.0) return Shrink(at, before);
      if (evaluations_ >= options_.max_evaluations) return at;
      // Downhill still: go on, a little at least and ten times as far at most.
      const double next = CubicMinimum(
          before, at,
          {.min = at.t + 0.01 * (at.t - before.t), .max = 10.0 * at.t});
      before = std::exchange(at, Evaluate(next));
    }
  }

 private:
  // Algorithm 3.6: there is a place as it is looked for between `low`, the
  // lowest so far that decreases enough, and `high`, where the slope at `low`
  // leads.
  LinePoint Shrink(LinePoint low, LinePoint high) {
    bool near_an_end = false;
    while (evaluations_ < options_.max_evaluations &&
           std::abs(high.t - low.t) >
               options_.precision * std::max(high.t, low.t)) {
      const LinePoint at = Evaluate(Between(low, high, near_an_end));
      if (!DecreasesEnough(at) || at.value >= low.value) {
        high = at;
        continue;
      }
      if (IsFlatEnough(at)) return at;
      // The minimum lies where the slope leads from here.
      if (at.slope * (high.t - low.t) >= 0.0) high = low;
      low = at;
    }
    return low;
  }

  // The next place to try. The cubic may come near an end of the interval once;
  // a second time in a row, or at the end itself, a tenth of the interval is
  // kept.
  static double Between(const LinePoint& low, const LinePoint& high,
                        bool& near_an_end) {
    const Range range = {.min = std::min(low.t, high.t),
                         .max = std::max(low.t, high.t)};
    const double t = CubicMinimum(low, high, range);
    const double tenth = 0.1 * (range.max - range.min);
    if (std::min(range.max - t, t - range.min) >= tenth) {
      near_an_end = false;
      return t;
    }
    if (!near_an_end && t > range.min && t < range.max) {
      near_an_end = true;
      return t;
    }
    near_an_end = false;
    return range.max - t < t - range.min ? range.max - tenth
                                         : range.min + tenth;
  }

  LinePoint Evaluate(double t) {
    ++evaluations_;
    LinePoint point = evaluate_(t);
    if (!std::isfinite(point.value)) {
      point.value = std::numeric_limits<double>::infinity();
    }
    return point;
  }
  bool DecreasesEnough(const LinePoint& at) const {
    return at.value <= start_.value + options_.decrease * at.t * start_.slope;
  }
  bool IsFlatEnough(const LinePoint& at) const {
    return std::abs(at.slope) <= -options_.curvature * start_.slope;
  }

  const absl::FunctionRef<LinePoint(double t)> evaluate_;
  const LinePoint start_;
  const LineSearchOptions options_;
  int evaluations_ = 0;
};

}  // namespace

LinePoint StrongWolfeSearch(absl::FunctionRef<LinePoint(double t)> evaluate,
                            const LinePoint& start, double first,
                            const LineSearchOptions& options) {
  ATTUNE_CHECK(start.t == 0.0 && start.slope < 0.0);
  ATTUNE_CHECK(std::isfinite(start.value) && first > 0.0);
  return Search(evaluate, start, options).Run(first);
}

}  // namespace attune::nn

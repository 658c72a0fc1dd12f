#ifndef ATTUNE_WORKER_OPTIM_LINE_SEARCH_H_
#define ATTUNE_WORKER_OPTIM_LINE_SEARCH_H_

#include "absl/functional/function_ref.h"

namespace attune::nn {

// A function of one number, a loss along a line, seen at one place.
struct LinePoint {
  double t = 0.0;
  double value = 0.0;
  double slope = 0.0;  // its derivative
};

struct LineSearchOptions {
  double decrease = 1e-4;  // c1 of the conditions below
  double curvature = 0.9;  // c2, above c1 and below 1
  int max_evaluations = 26;
  // An interval shorter than this share of its farther end is not searched.
  double precision = 1e-9;
};

// Looks for a t > 0 with the strong Wolfe conditions
//   f(t) <= f(0) + c1 t f'(0)  and  |f'(t)| <= c2 |f'(0)|
// by Algorithms 3.5 (go on until an interval must hold one) and 3.6 (shrink it)
// of Nocedal & Wright, trying `first` at first and then the minimum of the
// cubic that agrees with two places (their equation 3.59), kept away from the
// interval's ends. A value that is not finite is taken for a large one.
//
// Returns the place found, or the lowest seen if evaluations have run out;
// `start` itself if none was lower. It is one that `evaluate` was asked for,
// not always the last.
// REQUIRES: start.t == 0, start.slope < 0, start.value finite, first > 0.
LinePoint StrongWolfeSearch(absl::FunctionRef<LinePoint(double t)> evaluate,
                            const LinePoint& start, double first,
                            const LineSearchOptions& options = {});

}  // namespace attune::nn

#endif  // ATTUNE_WORKER_OPTIM_LINE_SEARCH_H_

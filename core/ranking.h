#ifndef ATTUNE_CORE_RANKING_H_
#define ATTUNE_CORE_RANKING_H_

#include <cstdint>
#include <optional>
#include <vector>

#include "absl/types/span.h"
#include "core/study.h"
#include "core/trial.h"

namespace attune {

// Whether value `a` is strictly better than `b`. NaN is worse than everything
// and not better than NaN. This is the only place that knows.
bool Better(double a, double b, Goal goal);

// Whether trial `a` ranks before `b`: completed before all others, then by the
// first objective, then by number, so that ranking is a total order.
bool RanksBefore(const Trial& a, const Trial& b, Goal goal);

// The up to `k` best completed trials, best first; k <= 0: all of them.
std::vector<Trial> BestTrials(absl::Span<const Trial> trials, Goal goal,
                              int64_t k);

// Whether `a` is at least as good as `b` by every objective and better by one.
// REQUIRES: both have one value for each of `objectives`.
bool Dominates(absl::Span<const double> a, absl::Span<const double> b,
               absl::Span<const Objective> objectives);

// The completed trials that no other one dominates, by number.
std::vector<Trial> ParetoFront(absl::Span<const Trial> trials,
                               absl::Span<const Objective> objectives);

// The median of `values`, the mean of the middle two if their number is even.
// NaN counts as the worst value by `goal`. nullopt for no values.
std::optional<double> Median(std::vector<double> values, Goal goal);

}  // namespace attune

#endif  // ATTUNE_CORE_RANKING_H_

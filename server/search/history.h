#ifndef ATTUNE_SERVER_SEARCH_HISTORY_H_
#define ATTUNE_SERVER_SEARCH_HISTORY_H_

#include <cstddef>
#include <vector>

#include "absl/types/span.h"
#include "server/search/search_algorithm.h"

namespace attune {

// What became of a point.
enum class Outcome {
  kMeasured,  // it has a value
  kBad,       // pruned, infeasible, or its objective is no number
  kPending,   // it waits or runs: somebody will know
};

// What stands in a row for a parameter that is inactive.
inline constexpr double kInactiveUnit = -1.0;

// A study's trials as numbers, for algorithms that learn from them. Trials that
// say nothing of their points are left out: those that were cancelled or whose
// worker failed.
struct History {
  size_t dimensions = 0;          // parameters of the space, in its order
  std::vector<double> units;      // ToUnit() of each, a row a trial
  std::vector<double> values;     // the first objective, less is better; of
                                  // kMeasured only, else 0
  std::vector<Outcome> outcomes;  // one a trial

  size_t size() const { return outcomes.size(); }
  absl::Span<const double> Row(size_t i) const {
    return absl::MakeConstSpan(units).subspan(i * dimensions, dimensions);
  }
  void Add(const SearchSpace& space, const Parameters& point, Outcome outcome,
           double value);
};

History ReadHistory(const StudyView& study);

// The coordinates of a point of `space`.
std::vector<double> UnitOf(const SearchSpace& space, const Parameters& point);

}  // namespace attune

#endif  // ATTUNE_SERVER_SEARCH_HISTORY_H_

#ifndef ATTUNE_SERVER_SEARCH_GRID_SEARCH_H_
#define ATTUNE_SERVER_SEARCH_GRID_SEARCH_H_

#include <vector>

#include "server/search/search_algorithm.h"

namespace attune {

// Every point of the grid once, then no more. The order is that of nested
// loops, the first parameter outermost: the last one changes fastest. Inactive
// parameters take no part, so that a point comes up once however many of them
// there are; forbidden points are left out, and so are those tried already.
//
// A suggestion's tag is its place, the rank of each value, with `-` for an
// inactive parameter: `grid:0,3,-,12`. The next suggestion is looked for behind
// the last such place among the trials, so suggestions are to become trials in
// their order, those left over being the last.
class GridSearchAlgorithm : public SearchAlgorithm {
 public:
  absl::string_view name() const override;
  absl::Status Supports(const StudySpec& spec) const override;
  absl::StatusOr<std::vector<Suggestion>> Suggest(const StudyView& study,
                                                  int count,
                                                  Rng& rng) const override;
};

}  // namespace attune

#endif  // ATTUNE_SERVER_SEARCH_GRID_SEARCH_H_

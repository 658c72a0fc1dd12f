#ifndef ATTUNE_SERVER_SEARCH_RANDOM_SEARCH_H_
#define ATTUNE_SERVER_SEARCH_RANDOM_SEARCH_H_

#include <vector>

#include "server/search/search_algorithm.h"

namespace attune {

// Draws each active parameter by itself, uniformly on its scale, the parameters
// that conditions name before those that depend on them. Points that are
// forbidden or tried already are drawn again. Where that fails too often, the
// points that are left are counted out, and each is as likely as any other.
class RandomSearchAlgorithm : public SearchAlgorithm {
 public:
  absl::string_view name() const override;
  absl::Status Supports(const StudySpec& spec) const override;
  absl::StatusOr<std::vector<Suggestion>> Suggest(const StudyView& study,
                                                  int count,
                                                  Rng& rng) const override;
};

}  // namespace attune

#endif  // ATTUNE_SERVER_SEARCH_RANDOM_SEARCH_H_

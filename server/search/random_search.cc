#include "server/search/random_search.h"

#include "core/error.h"
#include "core/status_macros.h"
#include "server/search/free_points.h"
#include "server/search/point_walk.h"

namespace attune {

absl::string_view RandomSearchAlgorithm::name() const { return "random"; }

absl::Status RandomSearchAlgorithm::Supports(const StudySpec& spec) const {
  const auto empty = FindEmptiness(spec.space, WalkValues::kAll);
  return empty.has_value() ? InvalidFields({*empty}) : absl::OkStatus();
}

absl::StatusOr<std::vector<Suggestion>> RandomSearchAlgorithm::Suggest(
    const StudyView& study, int count, Rng& rng) const {
  FreePoints points(study, rng);
  std::vector<Suggestion> suggestions;
  ATTUNE_RETURN_IF_ERROR(
      FillUp(points, static_cast<size_t>(count), suggestions));
  return suggestions;
}

}  // namespace attune

#include "server/search/grid_search.h"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "core/error.h"
#include "core/status_macros.h"
#include "core/unit_cube.h"
#include "server/search/point_walk.h"

namespace attune {
namespace {

constexpr absl::string_view kTagPrefix = "grid:";

std::string ToTag(const Place& place) {
  return absl::StrCat(
      kTagPrefix, absl::StrJoin(place, ",", [](std::string* out, int64_t rank) {
        absl::StrAppend(out, rank == kInactive ? "-" : absl::StrCat(rank));
      }));
}

// The place that `tag` names; nullopt if it is not a tag of this grid.
std::optional<Place> FromTag(absl::string_view tag,
                             const std::vector<int64_t>& sizes) {
  if (!absl::ConsumePrefix(&tag, kTagPrefix)) return std::nullopt;
  Place place;
  if (sizes.empty())
    return tag.empty() ? std::make_optional(place) : std::nullopt;
  for (const absl::string_view part : absl::StrSplit(tag, ',')) {
    int64_t rank = kInactive;
    if (part != "-" && !absl::SimpleAtoi(part, &rank)) return std::nullopt;
    if (place.size() == sizes.size() || rank < kInactive ||
        rank >= sizes[place.size()]) {
      return std::nullopt;
    }
    place.push_back(rank);
  }
  if (place.size() < sizes.size()) return std::nullopt;
  return place;
}

std::optional<Place> LastPlace(absl::Span<const Trial> trials,
                               const std::vector<int64_t>& sizes) {
  for (size_t i = trials.size(); i > 0; --i) {
    std::optional<Place> place = FromTag(trials[i - 1].tag, sizes);
    if (place.has_value()) return place;
  }
  return std::nullopt;
}

}  // namespace

absl::string_view GridSearchAlgorithm::name() const { return "grid"; }

absl::Status GridSearchAlgorithm::Supports(const StudySpec& spec) const {
  std::vector<Violation> violations;
  for (const ParameterSpec& parameter : spec.space.parameters) {
    if (GridSize(parameter.domain) > 0) continue;
    violations.push_back(
        {absl::StrCat("parameters.", parameter.name, ".points"),
         absl::StrCat("found a continuous range without `points`, but grid "
                      "search tries a finite number of values: write "
                      "`points: 5` for five values evenly spaced on the ",
                      ToString(std::get<DoubleRange>(parameter.domain).scale),
                      " scale, or a `step`")});
  }
  if (violations.empty()) {
    if (auto empty = FindEmptiness(spec.space, WalkValues::kGrid)) {
      violations.push_back(*std::move(empty));
    }
  }
  return violations.empty() ? absl::OkStatus() : InvalidFields(violations);
}

absl::StatusOr<std::vector<Suggestion>> GridSearchAlgorithm::Suggest(
    const StudyView& study, int count, Rng& /*rng*/) const {
  PointWalk walk(study.spec.space, WalkValues::kGrid);
  if (const auto last = LastPlace(study.trials, walk.Sizes())) {
    walk.SeekAfter(*last);
  }
  std::vector<Suggestion> suggestions;
  TriedPoints suggested;
  while (suggestions.size() < static_cast<size_t>(count)) {
    ATTUNE_ASSIGN_OR_RETURN(const bool found, walk.Next());
    if (!found) break;
    const Fingerprint key = FingerprintOf(walk.parameters());
    if (study.tried.contains(key)) continue;
    if (!suggested.insert(key).second) continue;
    suggestions.push_back({walk.parameters(), ToTag(walk.place())});
  }
  return suggestions;
}

}  // namespace attune

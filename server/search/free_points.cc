#include "server/search/free_points.h"

#include <cstdint>
#include <utility>

#include "core/fingerprint.h"
#include "core/status_macros.h"
#include "core/unit_cube.h"
#include "server/search/point_walk.h"

namespace attune {
namespace {

// So many draws in vain, and the points left are counted out: less than one in
// a hundred is free, or nearly so.
constexpr int kMaxDraws = 256;

// Counting out ends here if it has found enough by then. So the choice is
// uniform over spaces up to this size; in a larger one it is uniform over so
// many points behind a random place.
constexpr int64_t kMaxCounted = 100'000;

}  // namespace

bool FreePoints::Take(const Parameters& point) {
  if (IsForbidden(study_.spec.space, point)) return false;
  const Fingerprint key = FingerprintOf(point);
  return !study_.tried.contains(key) && taken_.insert(key).second;
}

std::optional<Parameters> FreePoints::Draw() {
  for (int i = 0; i < kMaxDraws; ++i) {
    Parameters point = Complete({});
    if (Take(point)) return point;
  }
  return std::nullopt;
}

absl::StatusOr<std::vector<Parameters>> FreePoints::CountOut(size_t count) {
  ATTUNE_ASSIGN_OR_RETURN(const std::vector<Candidate> candidates,
                          SampleCandidates(count));
  std::vector<Parameters> points;
  std::vector<Parameters> open;
  for (const Candidate& candidate : candidates) {
    Parameters point = Complete(candidate.parameters);
    if (Take(point)) points.push_back(std::move(point));
    if (candidate.open) open.push_back(candidate.parameters);
  }
  // An open candidate stands for any number of points.
  for (int failed = 0; !open.empty() && points.size() < count;) {
    Parameters point = Complete(open[rng_.Below(open.size())]);
    if (Take(point)) {
      points.push_back(std::move(point));
    } else if (++failed == kMaxDraws) {
      break;  // a range so narrow that it has hardly a number left
    }
  }
  return points;
}

Parameters FreePoints::Complete(Parameters parameters) {
  for (const ParameterSpec& spec : study_.spec.space.parameters) {
    if (parameters.contains(spec.name)) continue;
    if (!IsActive(study_.spec.space, spec, parameters)) continue;
    parameters.Set(spec.name, FromUnit(spec.domain, rng_.Uniform()));
  }
  return parameters;
}

bool FreePoints::IsFree(const Parameters& point) const {
  const Fingerprint key = FingerprintOf(point);
  return !study_.tried.contains(key) && !taken_.contains(key);
}

// A uniform sample of up to `size` candidates, in random order, by one walk
// round the space from a random place (reservoir sampling: Vitter 1985,
// algorithm R). Holds no more than the sample in memory.
absl::StatusOr<std::vector<FreePoints::Candidate>> FreePoints::SampleCandidates(
    size_t size) {
  const auto new_walk = [this] {
    return PointWalk(study_.spec.space, WalkValues::kAll);
  };
  Place start;
  for (const int64_t n : new_walk().Sizes()) {
    start.push_back(static_cast<int64_t>(rng_.Below(n)));
  }
  std::vector<Candidate> sample;
  int64_t visited = 0;
  uint64_t free = 0;
  for (const bool before_start : {false, true}) {
    PointWalk walk = new_walk();
    if (!before_start) walk.SeekFrom(start);
    while (visited < kMaxCounted || free < size) {
      ATTUNE_ASSIGN_OR_RETURN(const bool found, walk.Next());
      if (!found || (before_start && !walk.IsBefore(start))) break;
      ++visited;
      if (!walk.open() && !IsFree(walk.parameters())) continue;
      ++free;
      const uint64_t slot = free <= size ? sample.size() : rng_.Below(free);
      if (slot >= size) continue;
      if (slot == sample.size()) sample.emplace_back();
      sample[slot] = {walk.parameters(), walk.open()};
    }
  }
  return Shuffled(std::move(sample));
}

std::vector<FreePoints::Candidate> FreePoints::Shuffled(
    std::vector<Candidate> candidates) {
  std::vector<Candidate> shuffled;
  shuffled.reserve(candidates.size());
  for (const int64_t i :
       rng_.Permutation(static_cast<int64_t>(candidates.size()))) {
    shuffled.push_back(std::move(candidates[static_cast<size_t>(i)]));
  }
  return shuffled;
}

Parameters PointAt(const SearchSpace& space, absl::Span<const double> unit) {
  Parameters point;
  for (size_t i = 0; i < space.parameters.size(); ++i) {
    const ParameterSpec& spec = space.parameters[i];
    if (!IsActive(space, spec, point)) continue;
    point.Set(spec.name, FromUnit(spec.domain, unit[i]));
  }
  return point;
}

absl::Status FillUp(FreePoints& points, size_t count,
                    std::vector<Suggestion>& suggestions) {
  while (suggestions.size() < count) {
    std::optional<Parameters> point = points.Draw();
    if (!point.has_value()) break;
    suggestions.push_back({*std::move(point), ""});
  }
  if (suggestions.size() == count) return absl::OkStatus();
  ATTUNE_ASSIGN_OR_RETURN(std::vector<Parameters> rest,
                          points.CountOut(count - suggestions.size()));
  for (Parameters& point : rest) {
    suggestions.push_back({std::move(point), ""});
  }
  return absl::OkStatus();
}

}  // namespace attune

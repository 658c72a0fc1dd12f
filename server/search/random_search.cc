#include "server/search/random_search.h"

#include <cstdint>
#include <optional>
#include <utility>

#include "core/error.h"
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

// A free point, or one where continuous parameters are still to be drawn.
struct Candidate {
  Parameters parameters;
  bool open = false;
};

class Sampler {
 public:
  Sampler(const StudyView& study, Rng& rng) : study_(study), rng_(rng) {}

  // Some point that is free and was not returned before; nullopt if
  // `kMaxDraws` draws found none.
  std::optional<Parameters> Draw() {
    for (int i = 0; i < kMaxDraws; ++i) {
      Parameters point = Complete({});
      if (Take(point)) return point;
    }
    return std::nullopt;
  }

  // Up to `count` such points, and fewer only if there are no more.
  absl::StatusOr<std::vector<Parameters>> CountOut(size_t count) {
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

 private:
  // Draws every active parameter that `parameters` lacks.
  Parameters Complete(Parameters parameters) {
    for (const ParameterSpec& spec : study_.spec.space.parameters) {
      if (parameters.contains(spec.name)) continue;
      if (!IsActive(study_.spec.space, spec, parameters)) continue;
      parameters.Set(spec.name, FromUnit(spec.domain, rng_.Uniform()));
    }
    return parameters;
  }

  bool IsFree(const Parameters& point) const {
    const Fingerprint key = FingerprintOf(point);
    return !study_.tried.contains(key) && !taken_.contains(key);
  }

  bool Take(const Parameters& point) {
    if (IsForbidden(study_.spec.space, point)) return false;
    const Fingerprint key = FingerprintOf(point);
    return !study_.tried.contains(key) && taken_.insert(key).second;
  }

  // A uniform sample of up to `size` candidates, in random order, by one walk
  // round the space from a random place (reservoir sampling: Vitter 1985,
  // algorithm R). Holds no more than the sample in memory.
  absl::StatusOr<std::vector<Candidate>> SampleCandidates(size_t size) {
    Place start;
    for (const int64_t n : NewWalk().Sizes()) {
      start.push_back(static_cast<int64_t>(rng_.Below(n)));
    }
    std::vector<Candidate> sample;
    int64_t visited = 0;
    uint64_t free = 0;
    for (const bool before_start : {false, true}) {
      PointWalk walk = NewWalk();
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

  PointWalk NewWalk() const {
    return PointWalk(study_.spec.space, WalkValues::kAll);
  }

  std::vector<Candidate> Shuffled(std::vector<Candidate> candidates) {
    std::vector<Candidate> shuffled;
    shuffled.reserve(candidates.size());
    for (const int64_t i :
         rng_.Permutation(static_cast<int64_t>(candidates.size()))) {
      shuffled.push_back(std::move(candidates[static_cast<size_t>(i)]));
    }
    return shuffled;
  }

  const StudyView& study_;
  Rng& rng_;
  TriedPoints taken_;
};

}  // namespace

absl::string_view RandomSearchAlgorithm::name() const { return "random"; }

absl::Status RandomSearchAlgorithm::Supports(const StudySpec& spec) const {
  const auto empty = FindEmptiness(spec.space, WalkValues::kAll);
  return empty.has_value() ? InvalidFields({*empty}) : absl::OkStatus();
}

absl::StatusOr<std::vector<Suggestion>> RandomSearchAlgorithm::Suggest(
    const StudyView& study, int count, Rng& rng) const {
  Sampler sampler(study, rng);
  std::vector<Suggestion> suggestions;
  const auto wanted = static_cast<size_t>(count);
  while (suggestions.size() < wanted) {
    std::optional<Parameters> point = sampler.Draw();
    if (!point.has_value()) break;
    suggestions.push_back({*std::move(point), ""});
  }
  if (suggestions.size() == wanted) return suggestions;
  ATTUNE_ASSIGN_OR_RETURN(std::vector<Parameters> rest,
                          sampler.CountOut(wanted - suggestions.size()));
  for (Parameters& point : rest) {
    suggestions.push_back({std::move(point), ""});
  }
  return suggestions;
}

}  // namespace attune

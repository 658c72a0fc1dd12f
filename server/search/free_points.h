#ifndef ATTUNE_SERVER_SEARCH_FREE_POINTS_H_
#define ATTUNE_SERVER_SEARCH_FREE_POINTS_H_

#include <cstddef>
#include <optional>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "core/random.h"
#include "core/search_space.h"
#include "server/search/search_algorithm.h"

namespace attune {

// The points of a study that nobody has tried: what an algorithm may suggest.
// Every algorithm takes its suggestions from here, so that none repeats a point
// or suggests a forbidden one, and each finds the last points of a space that
// is nearly used up. For one call of Suggest().
class FreePoints {
 public:
  // Both must outlive it.
  FreePoints(const StudyView& study, Rng& rng) : study_(study), rng_(rng) {}

  // Whether `point` was free: allowed, not tried, and not taken before. Now it
  // is taken. REQUIRES: its values are legal.
  bool Take(const Parameters& point);

  // Takes some point, each parameter drawn uniformly on its scale; nullopt if
  // many draws found none that is free.
  std::optional<Parameters> Draw();

  // Takes up to `count` points of those that are left, each as likely as any
  // other, and fewer only if there are no more. RESOURCE_EXHAUSTED if the
  // forbidden combinations are such a riddle that none was found.
  absl::StatusOr<std::vector<Parameters>> CountOut(size_t count);

 private:
  // A free point, or one where continuous parameters are still to be drawn.
  struct Candidate {
    Parameters parameters;
    bool open = false;
  };

  // Draws every active parameter that `parameters` lacks.
  Parameters Complete(Parameters parameters);
  bool IsFree(const Parameters& point) const;
  absl::StatusOr<std::vector<Candidate>> SampleCandidates(size_t size);
  std::vector<Candidate> Shuffled(std::vector<Candidate> candidates);

  const StudyView& study_;
  Rng& rng_;
  TriedPoints taken_;
};

// The point of `space` at `unit`, one number of [0, 1] for each parameter:
// those of inactive ones are not read. REQUIRES: as many as there are
// parameters.
Parameters PointAt(const SearchSpace& space, absl::Span<const double> unit);

// Fills `suggestions` up to `count` with points drawn from `points`, all that
// are left if these are fewer.
absl::Status FillUp(FreePoints& points, size_t count,
                    std::vector<Suggestion>& suggestions);

}  // namespace attune

#endif  // ATTUNE_SERVER_SEARCH_FREE_POINTS_H_

#ifndef ATTUNE_SERVER_SEARCH_QUASI_RANDOM_H_
#define ATTUNE_SERVER_SEARCH_QUASI_RANDOM_H_

#include <cstdint>
#include <vector>

#include "server/search/search_algorithm.h"

namespace attune {

enum class Sequence {
  kSobol,   // scrambled: sobol_sequence.h
  kHalton,  // scrambled (Owen, "A randomized Halton algorithm in R", 2017)
  kLatinHypercube,  // McKay, Beckman & Conover 1979
};

// The coordinates of point `index` of a sequence that is spread evenly over
// [0, 1)^d, whatever prefix of it one takes; of a Latin hypercube, whatever
// block of `block` points. A function of its arguments: `seed` says which of
// the many scrambled ones. REQUIRES: d <= kMaxParameters, block >= 1.
std::vector<double> SequencePoint(Sequence sequence, int64_t index,
                                  size_t dimensions, int64_t block,
                                  uint64_t seed);

// The points of a sequence in order. Those that are forbidden or tried already
// are passed over; a space that is nearly used up ends with random points. A
// suggestion's tag is its place: `sobol:17`.
class QuasiRandomAlgorithm : public SearchAlgorithm {
 public:
  // `block`: of a Latin hypercube; 0: as many as the study's max_trials, or
  // 100.
  explicit QuasiRandomAlgorithm(Sequence sequence, int64_t block = 0)
      : sequence_(sequence), block_(block) {}

  absl::string_view name() const override;
  absl::Status Supports(const StudySpec& spec) const override;
  absl::StatusOr<std::vector<Suggestion>> Suggest(const StudyView& study,
                                                  int count,
                                                  Rng& rng) const override;

 private:
  // Behind the last point that became a trial.
  int64_t NextIndex(const StudyView& study) const;

  const Sequence sequence_;
  const int64_t block_;
};

}  // namespace attune

#endif  // ATTUNE_SERVER_SEARCH_QUASI_RANDOM_H_

#ifndef ATTUNE_WORKER_DATA_SYNTHETIC_H_
#define ATTUNE_WORKER_DATA_SYNTHETIC_H_

#include <compare>
#include <cstdint>

#include "absl/strings/string_view.h"
#include "core/random.h"
#include "worker/data/dataset.h"

namespace attune::nn {

struct SyntheticOptions {
  int64_t samples = 1000;
  double noise = 0.05;  // the deviation of what is added, normally distributed
  friend auto operator<=>(const SyntheticOptions&,
                          const SyntheticOptions&) = default;
};

// Examples of a problem whose answer is known, `samples` of them, drawn from
// `rng`. `noise` is added to both coordinates, for friedman1 to the target.
//
// - spirals: two arms, one and a half turns from the middle out to radius 1,
//   one opposite the other (after Lang & Witbrock 1988).
// - moons: two half circles of radius 1 that reach into each other.
// - blobs: three clouds around points of the unit circle.
// - xor: the square [-1, 1]², its quadrants the classes 0 and 1 in turn.
// - friedman1, a regression: x uniform in [0, 1]^10, y = 10 sin(pi x0 x1) +
//   20 (x2 - 1/2)² + 10 x3 + 5 x4; the other five say nothing (Friedman,
//   "Multivariate adaptive regression splines", 1991).
//
// REQUIRES: `name` is one of these.
Dataset MakeSynthetic(absl::string_view name, const SyntheticOptions& options,
                      Rng rng);

}  // namespace attune::nn

#endif  // ATTUNE_WORKER_DATA_SYNTHETIC_H_

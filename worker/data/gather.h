#ifndef ATTUNE_WORKER_DATA_GATHER_H_
#define ATTUNE_WORKER_DATA_GATHER_H_

#include <cstdint>

#include "absl/types/span.h"
#include "core/random.h"
#include "worker/data/dataset.h"
#include "worker/nn/types.h"

// How a minibatch comes from a dataset: one pass that picks, converts, scales
// and, for images, moves. A column an example; nothing is allocated.
namespace attune::nn {

// How images are changed by chance, so that a network learns what stays the
// same.
struct Augmentation {
  int64_t shift = 0;  // pixels, at most, along each axis, either way
  double flip = 0.0;  // the chance that left and right change places

  bool any() const { return shift > 0 || flip > 0.0; }
};

// Sets `to`, (features, examples), to what a network sees of the inputs of
// `examples`.
void GatherInputs(const Dataset& dataset, absl::Span<const int64_t> examples,
                  const Scaling& scaling, MatrixView to);

// The same with each image flipped and then shifted by its own chance from
// `rng`. Where it has moved away stands the pixel 0.
// REQUIRES: the dataset has images.
void GatherAugmented(const Dataset& dataset, absl::Span<const int64_t> examples,
                     const Scaling& scaling, const Augmentation& augmentation,
                     Rng& rng, MatrixView to);

}  // namespace attune::nn

#endif  // ATTUNE_WORKER_DATA_GATHER_H_

#ifndef ATTUNE_WORKER_OPTIM_PLATEAU_H_
#define ATTUNE_WORKER_OPTIM_PLATEAU_H_

#include <cstdint>

#include "absl/types/span.h"

namespace attune::nn {

// When to reduce the learning rate because the validation loss no longer falls.
struct Plateau {
  double factor = 0.5;    // in (0, 1]
  int64_t patience = 10;  // >= 0
  // What counts as an improvement: a loss below (1 - threshold) times the best.
  double threshold = 1e-4;  // in [0, 1)
  int64_t cooldown = 0;     // >= 0
  double least_scale = 0.0;
};

// What the learning rate is to be multiplied by after these validation losses,
// one an epoch: 1 at first, and `factor` times as much whenever more than
// `patience` losses in a row were no improvement, but never below
// `least_scale`. Of the `cooldown` losses after a reduction none counts as a
// bad one.
//
// The rules are those of PyTorch's ReduceLROnPlateau (mode min, threshold mode
// rel) without its eps.
double PlateauScale(const Plateau& plateau,
                    absl::Span<const double> validation_losses);

}  // namespace attune::nn

#endif  // ATTUNE_WORKER_OPTIM_PLATEAU_H_

#ifndef ATTUNE_WORKER_OPTIM_EARLY_STOPPING_H_
#define ATTUNE_WORKER_OPTIM_EARLY_STOPPING_H_

#include <cstdint>

#include "absl/types/span.h"

namespace attune::nn {

// When to end a training because the validation loss no longer falls.
struct EarlyStopping {
  int64_t patience = 0;    // >= 0; 0: never
  double min_delta = 0.0;  // >= 0
};

// Whether training is to end after these validation losses, one an epoch: the
// last `patience` of them were no improvement. A loss is one if it lies below
// the last improvement by more than `min_delta`; the first always is. A slow
// fall adds up until it is one. (Goodfellow et al., Algorithm 7.1, where
// min_delta is 0.)
bool ShouldStop(const EarlyStopping& early_stopping,
                absl::Span<const double> validation_losses);

}  // namespace attune::nn

#endif  // ATTUNE_WORKER_OPTIM_EARLY_STOPPING_H_

#include "worker/optim/early_stopping.h"

#include <limits>

namespace attune::nn {

bool ShouldStop(const EarlyStopping& early_stopping,
                absl::Span<const double> validation_losses) {
  if (early_stopping.patience == 0) return false;
  double best = std::numeric_limits<double>::infinity();
  int64_t since_best = 0;
  for (const double loss : validation_losses) {
    if (loss < best - early_stopping.min_delta) {
      best = loss;
      since_best = 0;
    } else {
      ++since_best;
    }
  }
  return since_best >= early_stopping.patience;
}

}  // namespace attune::nn

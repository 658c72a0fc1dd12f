#include "worker/optim/plateau.h"

#include <algorithm>
#include <limits>

namespace attune::nn {

double PlateauScale(const Plateau& plateau,
                    absl::Span<const double> validation_losses) {
  double best = std::numeric_limits<double>::infinity();
  double scale = 1.0;
  int64_t bad = 0;      // losses in a row that are no improvement
  int64_t cooling = 0;  // losses left of the last cooldown
  for (const double loss : validation_losses) {
    if (loss < best * (1.0 - plateau.threshold)) {
      best = loss;
      bad = 0;
    } else {
      ++bad;
    }
    if (cooling > 0) {
      --cooling;
      bad = 0;
    }
    if (bad > plateau.patience) {
      scale = std::max(scale * plateau.factor, plateau.least_scale);
      cooling = plateau.cooldown;
      bad = 0;
    }
  }
  return scale;
}

}  // namespace attune::nn

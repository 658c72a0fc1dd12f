#include "worker/optim/update_pass.h"

#include <algorithm>
#include <limits>

#include "worker/optim/reduction.h"

namespace attune::nn {

UpdatePass::UpdatePass(const Vector& grads,
                       const Regularization& regularization,
                       double learning_rate, Vector& params)
    : grads_(grads), params_(params) {
  double scale = 1.0;
  if (regularization.clip_norm > 0.0) {
    // The small number is the one of other libraries, for the same curves.
    constexpr double kSmall = 1e-6;
    scale = std::min(1.0, regularization.clip_norm / (Norm(grads) + kSmall));
  }
  const double keep = 1.0 - learning_rate * regularization.weight_decay;
  plain_ = scale == 1.0 && regularization.clip_value == 0.0 &&
           regularization.l1 == 0.0 && regularization.l2 == 0.0 && keep == 1.0;
  preparation_ = {.scale = static_cast<Scalar>(scale),
                  .limit = regularization.clip_value > 0.0
                               ? static_cast<Scalar>(regularization.clip_value)
                               : std::numeric_limits<Scalar>::infinity(),
                  .l1 = static_cast<Scalar>(regularization.l1),
                  .l2 = static_cast<Scalar>(regularization.l2),
                  .keep = static_cast<Scalar>(keep)};
}

}  // namespace attune::nn

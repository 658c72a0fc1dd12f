#include "worker/optim/rmsprop.h"

#include <cmath>

#include "core/check.h"

namespace attune::nn {

void Rmsprop::Step(const Vector& grads, const StepSettings& step,
                   Vector& params) {
  ATTUNE_CHECK(grads.size() == params.size());
  if (mean_square_.size() == 0) mean_square_ = Vector::Zero(params.size());
  const auto rate = static_cast<Scalar>(step.learning_rate);
  const auto rho = static_cast<Scalar>(options_.rho);
  const auto rest = static_cast<Scalar>(1.0 - options_.rho);
  // One formula for both places of epsilon; the other one is 0.
  const auto epsilon = static_cast<Scalar>(options_.epsilon);
  const Scalar inside = options_.epsilon_inside_root ? epsilon : Scalar{0};
  const Scalar outside = options_.epsilon_inside_root ? Scalar{0} : epsilon;
  const Scalar* __restrict g = grads.data();
  Scalar* __restrict s = mean_square_.data();
  Scalar* __restrict theta = params.data();
  for (int64_t i = 0, n = params.size(); i < n; ++i) {
    s[i] = rho * s[i] + rest * (g[i] * g[i]);
    theta[i] -= rate * g[i] / (std::sqrt(s[i] + inside) + outside);
  }
}

}  // namespace attune::nn

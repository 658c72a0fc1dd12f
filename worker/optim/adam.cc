#include "worker/optim/adam.h"

#include <cmath>

#include "core/check.h"

namespace attune::nn {

void Adam::Step(const Vector& grads, const StepSettings& step, Vector& params) {
  ATTUNE_CHECK(grads.size() == params.size());
  if (mean_.size() == 0) {
    mean_ = Vector::Zero(params.size());
    mean_square_ = Vector::Zero(params.size());
    steps_ = Vector::Zero(1);
  }
  steps_[0] += Scalar{1};
  const auto t = static_cast<double>(steps_[0]);
  const bool correct = options_.bias_correction;
  const double mean_bias = correct ? 1.0 - std::pow(options_.beta1, t) : 1.0;
  const double square_bias = correct ? 1.0 - std::pow(options_.beta2, t) : 1.0;
  const auto rate = static_cast<Scalar>(step.learning_rate / mean_bias);
  const auto square_scale = static_cast<Scalar>(1.0 / square_bias);
  const auto beta1 = static_cast<Scalar>(options_.beta1);
  const auto beta2 = static_cast<Scalar>(options_.beta2);
  const auto rest1 = static_cast<Scalar>(1.0 - options_.beta1);
  const auto rest2 = static_cast<Scalar>(1.0 - options_.beta2);
  // One formula for both places of epsilon; the other one is 0.
  const auto epsilon = static_cast<Scalar>(options_.epsilon);
  const Scalar inside = options_.epsilon_inside_root ? epsilon : Scalar{0};
  const Scalar outside = options_.epsilon_inside_root ? Scalar{0} : epsilon;
  const Scalar* __restrict g = grads.data();
  Scalar* __restrict m = mean_.data();
  Scalar* __restrict s = mean_square_.data();
  Scalar* __restrict theta = params.data();
  for (int64_t i = 0, n = params.size(); i < n; ++i) {
    m[i] = beta1 * m[i] + rest1 * g[i];
    s[i] = beta2 * s[i] + rest2 * (g[i] * g[i]);
    theta[i] -=
        rate * m[i] / (std::sqrt(s[i] * square_scale + inside) + outside);
  }
}

}  // namespace attune::nn

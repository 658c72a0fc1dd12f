#include "worker/optim/nadam.h"

#include <cmath>

#include "worker/optim/root.h"
#include "worker/optim/update_pass.h"

namespace attune::nn {

double Nadam::Mu(int64_t t) const {
  return options_.beta1 *
         (1.0 - 0.5 * std::pow(0.96, 0.004 * static_cast<double>(t)));
}

double Nadam::ProductTo(int64_t t) {
  while (factors_ < t) product_ *= Mu(++factors_);
  return product_;
}

void Nadam::Update(const StepSettings& step, const UpdatePass& pass) {
  const int64_t t = steps();
  const double mu = Mu(t);
  const double next_mu = Mu(t + 1);
  double bias = 1.0;
  double next_bias = 1.0;
  double square_bias = 1.0;
  if (options_.bias_correction) {
    const double product = ProductTo(t);
    bias = 1.0 - product;
    next_bias = 1.0 - product * next_mu;
    square_bias = 1.0 - std::pow(options_.beta2, static_cast<double>(t));
  }
  const auto grad_rate =
      static_cast<Scalar>(step.learning_rate * (1.0 - mu) / bias);
  const auto mean_rate =
      static_cast<Scalar>(step.learning_rate * next_mu / next_bias);
  const auto square_scale = static_cast<Scalar>(1.0 / square_bias);
  const auto beta1 = static_cast<Scalar>(options_.beta1);
  const auto beta2 = static_cast<Scalar>(options_.beta2);
  const auto rest1 = static_cast<Scalar>(1.0 - options_.beta1);
  const auto rest2 = static_cast<Scalar>(1.0 - options_.beta2);
  const Root root(options_.epsilon, options_.epsilon_inside_root);
  pass.Run(
      [=](Scalar g, Scalar& m, Scalar& s) {
        m = beta1 * m + rest1 * g;
        s = beta2 * s + rest2 * (g * g);
        return -(mean_rate * m + grad_rate * g) / root(s * square_scale);
      },
      mean_, mean_square_);
}

}  // namespace attune::nn

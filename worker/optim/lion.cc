#include "worker/optim/lion.h"

#include "worker/optim/update_pass.h"

namespace attune::nn {

void Lion::Update(const StepSettings& step, const UpdatePass& pass) {
  const auto rate = static_cast<Scalar>(step.learning_rate);
  const auto beta1 = static_cast<Scalar>(options_.beta1);
  const auto beta2 = static_cast<Scalar>(options_.beta2);
  const auto rest1 = static_cast<Scalar>(1.0 - options_.beta1);
  const auto rest2 = static_cast<Scalar>(1.0 - options_.beta2);
  pass.Run(
      [=](Scalar g, Scalar& m) {
        const Scalar direction = beta1 * m + rest1 * g;
        m = beta2 * m + rest2 * g;
        return -rate * Sign(direction);
      },
      mean_);
}

}  // namespace attune::nn

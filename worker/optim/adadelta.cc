#include "worker/optim/adadelta.h"

#include <cmath>

#include "worker/optim/update_pass.h"

namespace attune::nn {

void Adadelta::Update(const StepSettings& step, const UpdatePass& pass) {
  const auto rate = static_cast<Scalar>(step.learning_rate);
  const auto rho = static_cast<Scalar>(options_.rho);
  const auto rest = static_cast<Scalar>(1.0 - options_.rho);
  const auto epsilon = static_cast<Scalar>(options_.epsilon);
  pass.Run(
      [=](Scalar g, Scalar& s, Scalar& d) {
        s = rho * s + rest * (g * g);
        const Scalar u = g * std::sqrt(d + epsilon) / std::sqrt(s + epsilon);
        d = rho * d + rest * (u * u);
        return -rate * u;
      },
      mean_square_, mean_square_step_);
}

}  // namespace attune::nn

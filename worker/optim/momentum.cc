#include "worker/optim/momentum.h"

#include "worker/optim/update_pass.h"

namespace attune::nn {

void Momentum::Update(const StepSettings& step, const UpdatePass& pass) {
  const auto rate = static_cast<Scalar>(step.learning_rate);
  const auto alpha = static_cast<Scalar>(step.momentum);
  if (kind_ == Kind::kNesterov) {
    pass.Run(
        [=](Scalar g, Scalar& v) {
          v = alpha * v - rate * g;
          return alpha * v - rate * g;
        },
        velocity_);
  } else {
    pass.Run([=](Scalar g, Scalar& v) { return v = alpha * v - rate * g; },
             velocity_);
  }
}

}  // namespace attune::nn

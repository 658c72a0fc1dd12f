#include "worker/optim/adagrad.h"

#include "worker/optim/root.h"
#include "worker/optim/update_pass.h"

namespace attune::nn {

void Adagrad::Update(const StepSettings& step, const UpdatePass& pass) {
  const auto rate = static_cast<Scalar>(step.learning_rate);
  const Root root(options_.epsilon, options_.epsilon_inside_root);
  pass.Run(
      [=](Scalar g, Scalar& s) {
        s += g * g;
        return -rate * g / root(s);
      },
      square_sum_);
}

}  // namespace attune::nn

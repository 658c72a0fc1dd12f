#include "worker/optim/sgd.h"

#include "worker/optim/update_pass.h"

namespace attune::nn {

void Sgd::Update(const StepSettings& step, const UpdatePass& pass) {
  const auto rate = static_cast<Scalar>(step.learning_rate);
  pass.Run([=](Scalar g) { return -rate * g; });
}

}  // namespace attune::nn

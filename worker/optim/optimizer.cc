#include "worker/optim/optimizer.h"

#include "core/check.h"
#include "worker/optim/update_pass.h"

namespace attune::nn {

void Optimizer::Step(const Vector& grads, const StepSettings& step,
                     Vector& params) {
  ATTUNE_CHECK(grads.size() == params.size());
  if (steps_ == 0) {
    for (Vector* const slot : slots()) slot->setZero(params.size());
  }
  ++steps_;
  Update(step, UpdatePass(grads, regularization_, step.learning_rate, params));
}

}  // namespace attune::nn

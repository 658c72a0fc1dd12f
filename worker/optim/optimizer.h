#ifndef ATTUNE_WORKER_OPTIM_OPTIMIZER_H_
#define ATTUNE_WORKER_OPTIM_OPTIMIZER_H_

#include <vector>

#include "absl/strings/string_view.h"
#include "worker/nn/types.h"

namespace attune::nn {

// What changes from step to step, as the schedules have it.
struct StepSettings {
  double learning_rate = 0.0;  // >= 0
  double momentum = 0.0;       // in [0, 1); for `momentum` and `nesterov` alone
};

// An update rule over one flat vector of parameters: it turns the gradient g of
// the mean loss of a minibatch into a step. The learning rate and the momentum
// come from outside, step by step; a rule does not know of schedules.
class Optimizer {
 public:
  virtual ~Optimizer() = default;

  virtual absl::string_view name() const = 0;

  // REQUIRES: `grads` and `params` are of one size, the same in every call.
  virtual void Step(const Vector& grads, const StepSettings& step,
                    Vector& params) = 0;

  // The rule's memory (moments and the like), to save and restore. Empty
  // vectors before the first step.
  virtual std::vector<Vector*> slots() = 0;
};

}  // namespace attune::nn

#endif  // ATTUNE_WORKER_OPTIM_OPTIMIZER_H_

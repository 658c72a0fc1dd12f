#ifndef ATTUNE_WORKER_OPTIM_OPTIMIZER_H_
#define ATTUNE_WORKER_OPTIM_OPTIMIZER_H_

#include <cstdint>
#include <vector>

#include "worker/nn/types.h"

namespace attune::nn {

class UpdatePass;  // worker/optim/update_pass.h

// What changes from step to step, as the schedules have it.
struct StepSettings {
  double learning_rate = 0.0;  // >= 0
  double momentum = 0.0;       // in [0, 1); for `Momentum` alone
};

// What is done in every step beside the rule itself, to all parameters alike.
// 0 everywhere is nothing. The rule sees
//   g <- clip(g) + l2 theta + l1 sign(theta)
// so a penalty is never clipped. The clipped gradient is first scaled to the
// Euclidean length `clip_norm` if it is longer (Pascanu et al. 2013), then each
// of its components is cut to [-clip_value, clip_value].
// `weight_decay` is decoupled from g (Loshchilov & Hutter 2019): the step
// starts from (1 - learning_rate weight_decay) theta.
struct Regularization {
  double clip_norm = 0.0;
  double clip_value = 0.0;
  double l1 = 0.0;
  double l2 = 0.0;
  double weight_decay = 0.0;
};

// An update rule over one flat vector of parameters: it turns the gradient g of
// the mean loss of a minibatch into a step. The learning rate and the momentum
// come from outside, step by step; a rule does not know of schedules.
// For one thread. Only the first step allocates.
class Optimizer {
 public:
  Optimizer(const Optimizer&) = delete;
  Optimizer& operator=(const Optimizer&) = delete;
  virtual ~Optimizer() = default;

  // REQUIRES: `grads` and `params` are of one size, the same in every call.
  void Step(const Vector& grads, const StepSettings& step, Vector& params);

  // Together all that a rule remembers. An optimizer that was made with the
  // same options, and is given both before its first step, goes on bit for bit
  // as this one does. The slots (moments and the like) are empty before the
  // first step; their number depends on the options alone.
  virtual std::vector<Vector*> slots() = 0;
  int64_t steps() const { return steps_; }
  void set_steps(int64_t steps) { steps_ = steps; }

 protected:
  explicit Optimizer(const Regularization& regularization)
      : regularization_(regularization) {}

 private:
  // The rule. steps() counts this step already; the slots have the size of the
  // parameters and begin as zeros.
  virtual void Update(const StepSettings& step, const UpdatePass& pass) = 0;

  const Regularization regularization_;
  int64_t steps_ = 0;
};

}  // namespace attune::nn

#endif  // ATTUNE_WORKER_OPTIM_OPTIMIZER_H_

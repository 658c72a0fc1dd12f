#ifndef ATTUNE_WORKER_OPTIM_SGD_H_
#define ATTUNE_WORKER_OPTIM_SGD_H_

#include <vector>

#include "worker/optim/optimizer.h"

namespace attune::nn {

// Stochastic gradient descent (Goodfellow et al., Algorithm 8.1):
//   theta <- theta - rho g
// How stochastic it is depends on the minibatch alone: with the whole training
// set it is gradient descent.
class Sgd : public Optimizer {
 public:
  explicit Sgd(const Regularization& regularization = {})
      : Optimizer(regularization) {}
  std::vector<Vector*> slots() override { return {}; }

 private:
  void Update(const StepSettings& step, const UpdatePass& pass) override;
};

}  // namespace attune::nn

#endif  // ATTUNE_WORKER_OPTIM_SGD_H_

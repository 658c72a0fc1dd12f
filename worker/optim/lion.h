#ifndef ATTUNE_WORKER_OPTIM_LION_H_
#define ATTUNE_WORKER_OPTIM_LION_H_

#include <vector>

#include "worker/optim/optimizer.h"

namespace attune::nn {

struct LionOptions {
  double beta1 = 0.9;   // in [0, 1)
  double beta2 = 0.99;  // in [0, 1)
};

// Lion (Chen et al. 2023): every parameter moves by the learning rate, in the
// direction of a momentum.
//   theta <- theta - eta sign(beta1 m + (1 - beta1) g)
//   m <- beta2 m + (1 - beta2) g
// The paper's decay of weights is Regularization::weight_decay.
class Lion : public Optimizer {
 public:
  explicit Lion(const LionOptions& options,
                const Regularization& regularization = {})
      : Optimizer(regularization), options_(options) {}
  std::vector<Vector*> slots() override { return {&mean_}; }

 private:
  void Update(const StepSettings& step, const UpdatePass& pass) override;

  const LionOptions options_;
  Vector mean_;
};

}  // namespace attune::nn

#endif  // ATTUNE_WORKER_OPTIM_LION_H_

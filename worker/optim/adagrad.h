#ifndef ATTUNE_WORKER_OPTIM_ADAGRAD_H_
#define ATTUNE_WORKER_OPTIM_ADAGRAD_H_

#include <vector>

#include "worker/optim/optimizer.h"

namespace attune::nn {

struct AdagradOptions {
  double epsilon = 1e-10;
  bool epsilon_inside_root = false;
};

// Adagrad (Duchi, Hazan & Singer 2011): each parameter's step is divided by the
// root of all its squared gradients so far.
//   s <- s + g^2
//   theta <- theta - eta g / (sqrt(s) + epsilon)
// or, with epsilon_inside_root, eta g / sqrt(s + epsilon).
class Adagrad : public Optimizer {
 public:
  explicit Adagrad(const AdagradOptions& options,
                   const Regularization& regularization = {})
      : Optimizer(regularization), options_(options) {}
  std::vector<Vector*> slots() override { return {&square_sum_}; }

 private:
  void Update(const StepSettings& step, const UpdatePass& pass) override;

  const AdagradOptions options_;
  Vector square_sum_;
};

}  // namespace attune::nn

#endif  // ATTUNE_WORKER_OPTIM_ADAGRAD_H_

#ifndef ATTUNE_WORKER_OPTIM_RMSPROP_H_
#define ATTUNE_WORKER_OPTIM_RMSPROP_H_

#include <vector>

#include "worker/optim/optimizer.h"

namespace attune::nn {

struct RmspropOptions {
  double rho = 0.9;  // in [0, 1)
  double epsilon = 1e-8;
  bool epsilon_inside_root = false;
  bool centered = false;
  double momentum = 0.0;  // in [0, 1)
};

// RMSProp (Tieleman & Hinton 2012): each parameter's step is divided by the
// root of the running mean of its squared gradient.
//   s <- rho s + (1 - rho) g^2
//   theta <- theta - eta g / (sqrt(s) + epsilon)
// or, with epsilon_inside_root, eta g / sqrt(s + epsilon).
// Centered (Graves 2013) it divides by an estimate of the deviation instead:
//   m <- rho m + (1 - rho) g,  s - m^2 in place of s
// With a momentum alpha, u being what is subtracted above (Goodfellow et al.,
// Algorithm 8.5, with the velocity of Algorithm 8.2):
//   v <- alpha v - u,  theta <- theta + v
class Rmsprop : public Optimizer {
 public:
  explicit Rmsprop(const RmspropOptions& options,
                   const Regularization& regularization = {})
      : Optimizer(regularization), options_(options) {}
  std::vector<Vector*> slots() override;

 private:
  void Update(const StepSettings& step, const UpdatePass& pass) override;

  const RmspropOptions options_;
  Vector mean_square_;
  Vector mean_;      // if centered
  Vector velocity_;  // if there is a momentum
};

}  // namespace attune::nn

#endif  // ATTUNE_WORKER_OPTIM_RMSPROP_H_

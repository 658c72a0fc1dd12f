#ifndef ATTUNE_WORKER_OPTIM_RMSPROP_H_
#define ATTUNE_WORKER_OPTIM_RMSPROP_H_

#include <vector>

#include "worker/optim/optimizer.h"

namespace attune::nn {

struct RmspropOptions {
  double rho = 0.9;
  double epsilon = 1e-8;
  bool epsilon_inside_root = false;
};

// RMSProp (Tieleman & Hinton 2012): each parameter's step is divided by the
// root of the running mean of its squared gradient.
//   s <- rho s + (1 - rho) g^2
//   theta <- theta - eta g / (sqrt(s) + epsilon)
// or, with epsilon_inside_root, eta g / sqrt(s + epsilon).
class Rmsprop : public Optimizer {
 public:
  explicit Rmsprop(const RmspropOptions& options) : options_(options) {}
  absl::string_view name() const override { return "rmsprop"; }
  void Step(const Vector& grads, const StepSettings& step,
            Vector& params) override;
  std::vector<Vector*> slots() override { return {&mean_square_}; }

 private:
  const RmspropOptions options_;
  Vector mean_square_;
};

}  // namespace attune::nn

#endif  // ATTUNE_WORKER_OPTIM_RMSPROP_H_

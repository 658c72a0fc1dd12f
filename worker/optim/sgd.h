#ifndef ATTUNE_WORKER_OPTIM_SGD_H_
#define ATTUNE_WORKER_OPTIM_SGD_H_

#include <vector>

#include "worker/optim/optimizer.h"

namespace attune::nn {

// Stochastic gradient descent (Goodfellow et al., Algorithm 8.1):
//   theta <- theta - rho g
// How stochastic it is depends on the minibatch alone.
class Sgd : public Optimizer {
 public:
  absl::string_view name() const override { return "sgd"; }
  void Step(const Vector& grads, const StepSettings& step,
            Vector& params) override;
  std::vector<Vector*> slots() override { return {}; }
};

// SGD with momentum (Goodfellow et al., Algorithm 8.2):
//   v <- alpha v - rho g,  theta <- theta + v
// Where v <- alpha v + g, theta <- theta - rho v is used elsewhere, the two
// agree for a constant rho only.
class Momentum : public Optimizer {
 public:
  absl::string_view name() const override { return "momentum"; }
  void Step(const Vector& grads, const StepSettings& step,
            Vector& params) override;
  std::vector<Vector*> slots() override { return {&velocity_}; }

 private:
  Vector velocity_;
};

// Nesterov momentum (Goodfellow et al., Algorithm 8.3) takes the gradient at
// theta + alpha v, where the velocity is about to lead. The parameters here are
// that point itself (Sutskever et al. 2013; Bengio et al. 2013), so that one
// gradient a step is enough:
//   v <- alpha v - rho g,  theta <- theta + alpha v - rho g
class Nesterov : public Optimizer {
 public:
  absl::string_view name() const override { return "nesterov"; }
  void Step(const Vector& grads, const StepSettings& step,
            Vector& params) override;
  std::vector<Vector*> slots() override { return {&velocity_}; }

 private:
  Vector velocity_;
};

}  // namespace attune::nn

#endif  // ATTUNE_WORKER_OPTIM_SGD_H_

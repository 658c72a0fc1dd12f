#ifndef ATTUNE_WORKER_OPTIM_MOMENTUM_H_
#define ATTUNE_WORKER_OPTIM_MOMENTUM_H_

#include <vector>

#include "worker/optim/optimizer.h"

namespace attune::nn {

// SGD with momentum (Goodfellow et al., Algorithm 8.2):
//   v <- alpha v - rho g,  theta <- theta + v
// Where v <- alpha v + g, theta <- theta - rho v is used elsewhere, the two
// agree for a constant rho only.
//
// Nesterov momentum (Algorithm 8.3) takes the gradient at theta + alpha v,
// where the velocity is about to lead. The parameters here are that point
// itself (Sutskever et al. 2013; Bengio et al. 2013), so that one gradient a
// step is enough:
//   v <- alpha v - rho g,  theta <- theta + alpha v - rho g
class Momentum : public Optimizer {
 public:
  enum class Kind { kPlain, kNesterov };
  explicit Momentum(Kind kind = Kind::kPlain,
                    const Regularization& regularization = {})
      : Optimizer(regularization), kind_(kind) {}
  std::vector<Vector*> slots() override { return {&velocity_}; }

 private:
  void Update(const StepSettings& step, const UpdatePass& pass) override;

  const Kind kind_;
  Vector velocity_;
};

}  // namespace attune::nn

#endif  // ATTUNE_WORKER_OPTIM_MOMENTUM_H_

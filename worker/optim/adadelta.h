#ifndef ATTUNE_WORKER_OPTIM_ADADELTA_H_
#define ATTUNE_WORKER_OPTIM_ADADELTA_H_

#include <vector>

#include "worker/optim/optimizer.h"

namespace attune::nn {

struct AdadeltaOptions {
  double rho = 0.9;  // in [0, 1)
  double epsilon = 1e-6;
};

// Adadelta (Zeiler 2012): steps as long as the last ones were, in units of the
// parameter. The paper has no learning rate: its eta is 1.
//   s <- rho s + (1 - rho) g^2
//   u = g sqrt(d + epsilon) / sqrt(s + epsilon)
//   d <- rho d + (1 - rho) u^2
//   theta <- theta - eta u
class Adadelta : public Optimizer {
 public:
  explicit Adadelta(const AdadeltaOptions& options,
                    const Regularization& regularization = {})
      : Optimizer(regularization), options_(options) {}
  std::vector<Vector*> slots() override {
    return {&mean_square_, &mean_square_step_};
  }

 private:
  void Update(const StepSettings& step, const UpdatePass& pass) override;

  const AdadeltaOptions options_;
  Vector mean_square_;
  Vector mean_square_step_;
};

}  // namespace attune::nn

#endif  // ATTUNE_WORKER_OPTIM_ADADELTA_H_

#ifndef ATTUNE_WORKER_OPTIM_NADAM_H_
#define ATTUNE_WORKER_OPTIM_NADAM_H_

#include <cstdint>
#include <vector>

#include "worker/optim/optimizer.h"

namespace attune::nn {

struct NadamOptions {
  double beta1 = 0.9;    // in [0, 1)
  double beta2 = 0.999;  // in [0, 1)
  double epsilon = 1e-8;
  bool epsilon_inside_root = false;
  bool bias_correction = true;
};

// NAdam (Dozat 2016): Adam that looks ahead as Nesterov momentum does, with a
// momentum that rises from beta1 / 2 to beta1. With t counted from 1:
//   mu_t = beta1 (1 - 0.96^(0.004 t) / 2)
//   m <- beta1 m + (1 - beta1) g
//   s <- beta2 s + (1 - beta2) g^2,  s' = s / (1 - beta2^t)
//   m' = mu_{t+1} m / (1 - mu_1 ... mu_{t+1})
//        + (1 - mu_t) g / (1 - mu_1 ... mu_t)
//   theta <- theta - eta m' / (sqrt(s') + epsilon)
// or, with epsilon_inside_root, eta m' / sqrt(s' + epsilon). Without
// bias_correction nothing is divided by 1 - ...
class Nadam : public Optimizer {
 public:
  explicit Nadam(const NadamOptions& options,
                 const Regularization& regularization = {})
      : Optimizer(regularization), options_(options) {}
  std::vector<Vector*> slots() override { return {&mean_, &mean_square_}; }

 private:
  void Update(const StepSettings& step, const UpdatePass& pass) override;
  double Mu(int64_t t) const;
  // mu_1 ... mu_t, for t that never falls. After a restart all factors are
  // multiplied again, in the same order.
  double ProductTo(int64_t t);

  const NadamOptions options_;
  Vector mean_;
  Vector mean_square_;
  double product_ = 1.0;  // mu_1 ... mu_factors
  int64_t factors_ = 0;
};

}  // namespace attune::nn

#endif  // ATTUNE_WORKER_OPTIM_NADAM_H_

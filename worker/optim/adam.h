#ifndef ATTUNE_WORKER_OPTIM_ADAM_H_
#define ATTUNE_WORKER_OPTIM_ADAM_H_

#include <vector>

#include "worker/optim/optimizer.h"

namespace attune::nn {

struct AdamOptions {
  double beta1 = 0.9;    // in [0, 1)
  double beta2 = 0.999;  // in [0, 1)
  double epsilon = 1e-8;
  bool epsilon_inside_root = false;
  bool bias_correction = true;
  bool amsgrad = false;
};

// Adam (Kingma & Ba 2015), with t counted from 1:
//   m <- beta1 m + (1 - beta1) g,   m' = m / (1 - beta1^t)
//   s <- beta2 s + (1 - beta2) g^2, s' = s / (1 - beta2^t)
//   theta <- theta - eta m' / (sqrt(s') + epsilon)
// or, with epsilon_inside_root, eta m' / sqrt(s' + epsilon). Without
// bias_correction m' = m and s' = s.
// AMSGrad (Reddi, Kale & Kumar 2018) takes the largest s so far in place of s,
// so that a parameter's rate never rises again. The paper corrects no bias.
// AdamW (Loshchilov & Hutter 2019) is Adam with Regularization::weight_decay.
class Adam : public Optimizer {
 public:
  explicit Adam(const AdamOptions& options,
                const Regularization& regularization = {})
      : Optimizer(regularization), options_(options) {}
  std::vector<Vector*> slots() override;

 private:
  void Update(const StepSettings& step, const UpdatePass& pass) override;

  const AdamOptions options_;
  Vector mean_;
  Vector mean_square_;
  Vector largest_;  // if AMSGrad
};

}  // namespace attune::nn

#endif  // ATTUNE_WORKER_OPTIM_ADAM_H_

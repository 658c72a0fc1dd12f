#ifndef ATTUNE_WORKER_OPTIM_ADAM_H_
#define ATTUNE_WORKER_OPTIM_ADAM_H_

#include <vector>

#include "worker/optim/optimizer.h"

namespace attune::nn {

struct AdamOptions {
  double beta1 = 0.9;
  double beta2 = 0.999;
  double epsilon = 1e-8;
  bool epsilon_inside_root = false;
  bool bias_correction = true;
};

// Adam (Kingma & Ba 2015), with t counted from 1:
//   m <- beta1 m + (1 - beta1) g,   m' = m / (1 - beta1^t)
//   s <- beta2 s + (1 - beta2) g^2, s' = s / (1 - beta2^t)
//   theta <- theta - eta m' / (sqrt(s') + epsilon)
// or, with epsilon_inside_root, eta m' / sqrt(s' + epsilon). Without
// bias_correction m' = m and s' = s.
class Adam : public Optimizer {
 public:
  explicit Adam(const AdamOptions& options) : options_(options) {}
  absl::string_view name() const override { return "adam"; }
  void Step(const Vector& grads, const StepSettings& step,
            Vector& params) override;
  std::vector<Vector*> slots() override {
    return {&mean_, &mean_square_, &steps_};
  }

 private:
  const AdamOptions options_;
  Vector mean_;
  Vector mean_square_;
  // t alone. A float counts up to 2^24 and stands still there, where beta^t
  // has long been 0.
  Vector steps_;
};

}  // namespace attune::nn

#endif  // ATTUNE_WORKER_OPTIM_ADAM_H_

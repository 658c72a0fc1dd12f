#ifndef ATTUNE_WORKER_OPTIM_LBFGS_H_
#define ATTUNE_WORKER_OPTIM_LBFGS_H_

#include <cstdint>
#include <vector>

#include "absl/functional/function_ref.h"
#include "worker/nn/types.h"

namespace attune::nn {

struct LbfgsOptions {
  int64_t history = 10;  // >= 1: how many steps are remembered
  double l2 = 0.0;       // adds l2/2 |theta|^2 to what is minimized
};

// L-BFGS (Nocedal & Wright, Algorithms 7.4 and 7.5): Newton's direction, with
// the curvature as the last `history` steps s and the changes y of the gradient
// along them have shown it, and a line search for the strong Wolfe conditions.
// It asks for the loss at several places in a step and compares them, so the
// loss must be the same function every time: that of the whole training set,
// without dropout. Not an Optimizer, which is told one gradient a step.
// For one thread. Allocates in its first `history` steps only.
class Lbfgs {
 public:
  explicit Lbfgs(const LbfgsOptions& options);

  // One iteration. `evaluate` returns the loss at `params` and sets `grads` to
  // its gradient there. The line search first tries a step of `learning_rate`
  // (1 is Newton's); without a history, where the direction has no scale, of
  // learning_rate min(1, 1 / |g|_1).
  //
  // Returns the loss where the step began. If that is not finite the parameters
  // stay as they are, and also if no place is lower; the history is then
  // forgotten, as it may be what misleads. Between two calls neither
  // `params` nor `grads` may be changed: the values at the end of a step are
  // those at the beginning of the next.
  // REQUIRES: both are of one size, the same in every call.
  double Step(absl::FunctionRef<double()> evaluate, double learning_rate,
              Vector& params, Vector& grads);

  // Together all that is remembered, as of an Optimizer. After a restart the
  // loss is evaluated once more where the last step ended.
  std::vector<Vector*> slots();
  int64_t steps() const { return steps_; }
  void set_steps(int64_t steps) { steps_ = steps; }

 private:
  // A step and how it changed the gradient. Both empty: not there yet.
  struct Pair {
    Vector s;
    Vector y;
  };

  void Evaluate(absl::FunctionRef<double()> evaluate, const Vector& params,
                Vector& grads);
  void SetDirection(const Vector& grads);
  void Remember(double t, const Vector& grads);
  void Forget();

  const LbfgsOptions options_;
  int64_t steps_ = 0;
  std::vector<Pair> pairs_;  // the newest first
  bool evaluated_ = false;   // the next two are those of the parameters
  double loss_ = 0.0;
  double value_ = 0.0;  // the loss with its penalty
  // Of the current step.
  Vector start_;
  Vector start_grads_;
  Vector direction_;
  std::vector<double> alphas_;
};

}  // namespace attune::nn

#endif  // ATTUNE_WORKER_OPTIM_LBFGS_H_

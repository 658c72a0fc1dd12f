#ifndef ATTUNE_WORKER_OPTIM_UPDATE_PASS_H_
#define ATTUNE_WORKER_OPTIM_UPDATE_PASS_H_

#include <algorithm>
#include <cstdint>

#include "core/check.h"
#include "worker/nn/types.h"
#include "worker/optim/optimizer.h"

namespace attune::nn {

// -1, 0 or 1, without a branch.
inline Scalar Sign(Scalar x) {
  return static_cast<Scalar>(x > 0) - static_cast<Scalar>(x < 0);
}

// The one pass over memory of a step. A rule is a function of one parameter:
// its gradient and the parameter's place in each slot in, the change of the
// parameter out. It becomes the body of a loop over arrays that do not overlap,
// which the compiler turns into vector instructions: a rule should compute in
// Scalar alone and not branch.
class UpdatePass {
 public:
  // Keeps references: all must outlive it.
  UpdatePass(const Vector& grads, const Regularization& regularization,
             double learning_rate, Vector& params);

  // rule(Scalar g, Scalar& of the first slot, ...) -> Scalar.
  template <typename Rule, typename... Slots>
  void Run(const Rule& rule, Slots&... slots) const {
    for (const int64_t size : {int64_t{slots.size()}..., params_.size()}) {
      ATTUNE_CHECK(size == params_.size());
    }
    if (plain_) {
      Loop(
          [](Scalar g, Scalar theta) {
            return Prepared{g, theta};
          },
          rule, params_.size(), grads_.data(), params_.data(), slots.data()...);
    } else {
      Loop(preparation_, rule, params_.size(), grads_.data(), params_.data(),
           slots.data()...);
    }
  }

 private:
  struct Prepared {
    Scalar g;
    Scalar theta;
  };
  // As Regularization says, for one parameter.
  struct Preparation {
    Scalar scale = 1;  // of the gradient, so that it is no longer than allowed
    Scalar limit = 0;
    Scalar l1 = 0;
    Scalar l2 = 0;
    Scalar keep = 1;  // the share of theta that decay leaves

    Prepared operator()(Scalar g, Scalar theta) const {
      // In this order std::min and std::max let a NaN through.
      const Scalar clipped = std::min(std::max(g * scale, -limit), limit);
      return {clipped + (l2 * theta + l1 * Sign(theta)), theta * keep};
    }
  };

  // By value: what a loop does not see written it need not read again.
  template <typename Prepare, typename Rule, typename... Slot>
  static void Loop(Prepare prepare, Rule rule, int64_t size,
                   const Scalar* __restrict grads, Scalar* __restrict params,
                   Slot* __restrict... slots) {
    for (int64_t i = 0; i < size; ++i) {
      const Prepared at = prepare(grads[i], params[i]);
      params[i] = at.theta + rule(at.g, slots[i]...);
    }
  }

  const Vector& grads_;
  Vector& params_;
  bool plain_ = true;  // g and theta are used as they are
  Preparation preparation_;
};

}  // namespace attune::nn

#endif  // ATTUNE_WORKER_OPTIM_UPDATE_PASS_H_

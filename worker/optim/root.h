#ifndef ATTUNE_WORKER_OPTIM_ROOT_H_
#define ATTUNE_WORKER_OPTIM_ROOT_H_

#include <cmath>

#include "worker/nn/types.h"

namespace attune::nn {

// What adaptive rules divide by: sqrt(s) + epsilon, or sqrt(s + epsilon) with
// epsilon inside the root. One formula for both; the other epsilon is 0.
struct Root {
  Root(double epsilon, bool epsilon_inside_root)
      : inside(static_cast<Scalar>(epsilon_inside_root ? epsilon : 0.0)),
        outside(static_cast<Scalar>(epsilon_inside_root ? 0.0 : epsilon)) {}

  Scalar operator()(Scalar s) const { return std::sqrt(s + inside) + outside; }

  Scalar inside;
  Scalar outside;
};

}  // namespace attune::nn

#endif  // ATTUNE_WORKER_OPTIM_ROOT_H_

#ifndef ATTUNE_CORE_LBFGS_CONFLICTS_H_
#define ATTUNE_CORE_LBFGS_CONFLICTS_H_

#include <vector>

#include "core/error.h"
#include "core/search_space.h"

namespace attune {

// Adds what stands beside the optimizer lbfgs and cannot: minibatches, dropout
// and all else that makes the loss another function in every step, and what is
// done to single gradients. A part of ValidateNetworkTask(); of a single trial
// where every parameter of `space` has one value.
void CheckLbfgs(const Parameters& settings, const SearchSpace& space,
                std::vector<Violation>& violations);

}  // namespace attune

#endif  // ATTUNE_CORE_LBFGS_CONFLICTS_H_

#ifndef ATTUNE_WORKER_DATA_CLASS_WEIGHTS_H_
#define ATTUNE_WORKER_DATA_CLASS_WEIGHTS_H_

#include <cstdint>

#include "absl/types/span.h"
#include "worker/data/dataset.h"
#include "worker/nn/types.h"

namespace attune::nn {

// Weights that make rare classes count as much as frequent ones: for a class
// with n_c of the n `examples`, n / (k n_c), k the classes that there are among
// them (King & Zeng, "Logistic regression in rare events data", 2001). Their
// mean over `examples` is 1. A class without an example has the weight 1.
// REQUIRES: a dataset with classes; `examples` is not empty.
Vector BalancedClassWeights(const Dataset& dataset,
                            absl::Span<const int64_t> examples);

}  // namespace attune::nn

#endif  // ATTUNE_WORKER_DATA_CLASS_WEIGHTS_H_

#ifndef ATTUNE_WORKER_OPTIM_REDUCTION_H_
#define ATTUNE_WORKER_OPTIM_REDUCTION_H_

#include "worker/nn/types.h"

namespace attune::nn {

// Sums over whole vectors of parameters, added up in blocks: as exact as if
// they were computed in double, and of the same bits for the same numbers.

// REQUIRES: `a` and `b` are of one size.
double Dot(const Vector& a, const Vector& b);

// The Euclidean length, whose square may be beyond the range of Scalar.
double Norm(const Vector& v);

}  // namespace attune::nn

#endif  // ATTUNE_WORKER_OPTIM_REDUCTION_H_

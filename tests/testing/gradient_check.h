#ifndef ATTUNE_TESTS_TESTING_GRADIENT_CHECK_H_
#define ATTUNE_TESTS_TESTING_GRADIENT_CHECK_H_

#include <functional>

#include "worker/nn/types.h"

namespace attune::nn {

// The gradient of `f` at `x` by central differences,
// (f(x + h e_i) - f(x - h e_i)) / 2h.
Vector NumericalGradient(const std::function<double(const Vector&)>& f,
                         const Vector& x, double h = 1e-5);

// |a - b| / max(|a|, |b|) in the Euclidean norm; 0 for two zeros.
double RelativeError(const Vector& a, const Vector& b);

}  // namespace attune::nn

#endif  // ATTUNE_TESTS_TESTING_GRADIENT_CHECK_H_

#ifndef ATTUNE_TESTS_TESTING_DESCENT_PROBLEMS_H_
#define ATTUNE_TESTS_TESTING_DESCENT_PROBLEMS_H_

#include "worker/nn/types.h"

// Functions whose minimum is known, and their gradients.
namespace attune::nn {

// f(x) = sum x_i^2, minimum 0 at 0.
inline double SphereValue(const Vector& x) { return x.squaredNorm(); }
inline Vector SphereGradient(const Vector& x) { return 2.0 * x; }
// The lecture's ravine: f(x, y) = (x^2 + 50 y^2) / 2, minimum 0 at 0.
inline double RavineValue(const Vector& x) {
  return 0.5 * (x[0] * x[0] + 50.0 * x[1] * x[1]);
}
inline Vector RavineGradient(const Vector& x) {
  Vector g(2);
  g << x[0], 50.0 * x[1];
  return g;
}
// f(x, y) = (1 - x)^2 + 100 (y - x^2)^2, minimum 0 at (1, 1).
inline double RosenbrockValue(const Vector& x) {
  const double bend = x[1] - x[0] * x[0];
  return (1.0 - x[0]) * (1.0 - x[0]) + 100.0 * bend * bend;
}
inline Vector RosenbrockGradient(const Vector& x) {
  const double bend = x[1] - x[0] * x[0];
  Vector g(2);
  g << -2.0 * (1.0 - x[0]) - 400.0 * x[0] * bend, 200.0 * bend;
  return g;
}

}  // namespace attune::nn

#endif  // ATTUNE_TESTS_TESTING_DESCENT_PROBLEMS_H_

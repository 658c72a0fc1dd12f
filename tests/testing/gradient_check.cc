#include "tests/testing/gradient_check.h"

#include <algorithm>

namespace attune::nn {

Vector NumericalGradient(const std::function<double(const Vector&)>& f,
                         const Vector& x, double h) {
  Vector gradient(x.size());
  Vector moved = x;
  for (int64_t i = 0; i < x.size(); ++i) {
    moved[i] = static_cast<Scalar>(x[i] + h);
    const double above = f(moved);
    moved[i] = static_cast<Scalar>(x[i] - h);
    const double below = f(moved);
    moved[i] = x[i];
    gradient[i] = static_cast<Scalar>((above - below) / (2.0 * h));
  }
  return gradient;
}

double RelativeError(const Vector& a, const Vector& b) {
  const double scale = std::max(a.norm(), b.norm());
  return scale == 0.0 ? 0.0 : (a - b).norm() / scale;
}

}  // namespace attune::nn

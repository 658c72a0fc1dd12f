#include "worker/optim/reduction.h"

#include <algorithm>
#include <cmath>

#include "core/check.h"

namespace attune::nn {

double Dot(const Vector& a, const Vector& b) {
  ATTUNE_CHECK(a.size() == b.size());
  // Short enough to lose little in Scalar, long enough to be fast.
  constexpr int64_t kBlock = 1024;
  double sum = 0.0;
  for (int64_t i = 0; i < a.size(); i += kBlock) {
    const int64_t size = std::min(kBlock, a.size() - i);
    sum += static_cast<double>(a.segment(i, size).dot(b.segment(i, size)));
  }
  return sum;
}

double Norm(const Vector& v) {
  const double square = Dot(v, v);
  return std::isfinite(square) ? std::sqrt(square)
                               : v.cast<double>().stableNorm();
}

}  // namespace attune::nn

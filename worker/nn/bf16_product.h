#ifndef ATTUNE_WORKER_NN_BF16_PRODUCT_H_
#define ATTUNE_WORKER_NN_BF16_PRODUCT_H_

#include <cstdint>
#include <vector>

#include "worker/nn/product.h"
#include "worker/nn/types.h"

namespace attune::nn {

// Whether this processor multiplies bfloat16 (AVX512-BF16), and Scalar is the
// float that its sums are in.
bool HasBf16();

// The products of product.h with both factors rounded to bfloat16, to the
// nearest, ties to even. A bfloat16 is the first half of a float: its range,
// and 8 bits of it. The terms are added in float, two at a time, in an order
// that depends on their number alone; denormal ones count as 0.
class Bf16Product {
 public:
  // c <- a b, or a b + bias with `bias` (rows) in every column; nullptr: none.
  // Allocates nothing if a larger `b` was there before. REQUIRES: HasBf16(),
  // the sizes fit, and `c` is neither of the factors.
  void Multiply(const Factor& a, const Factor& b, const Scalar* bias,
                const MatrixView& c);

 private:
  std::vector<uint32_t> b_;  // a piece of it, in pairs of terms
};

}  // namespace attune::nn

#endif  // ATTUNE_WORKER_NN_BF16_PRODUCT_H_

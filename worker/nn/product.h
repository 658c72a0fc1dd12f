#ifndef ATTUNE_WORKER_NN_PRODUCT_H_
#define ATTUNE_WORKER_NN_PRODUCT_H_

#include "worker/nn/types.h"

namespace attune::nn {

// A matrix in a product, as it lies in memory or transposed.
struct Factor {
  const Scalar* data = nullptr;
  int64_t rows = 0;
  int64_t cols = 0;
  // From a value to the next of its column, and of its row; one of them is 1.
  int64_t row_stride = 1;
  int64_t col_stride = 1;
};

inline Factor AsIs(const ConstMatrixView& matrix) {
  return {.data = matrix.data(),
          .rows = matrix.rows(),
          .cols = matrix.cols(),
          .col_stride = matrix.rows()};
}

inline Factor Transposed(const ConstMatrixView& matrix) {
  return {.data = matrix.data(),
          .rows = matrix.cols(),
          .cols = matrix.rows(),
          .row_stride = matrix.rows()};
}

// c <- a b. Allocates nothing. The order in which a value's terms are added
// depends on the number of terms alone. REQUIRES: the sizes fit, and `c` is
// neither of the factors.
void Multiply(const Factor& a, const Factor& b, const MatrixView& c);

// c <- a b + bias, with `bias` (rows) in every column.
void Multiply(const Factor& a, const Factor& b, const ConstVectorView& bias,
              const MatrixView& c);

}  // namespace attune::nn

#endif  // ATTUNE_WORKER_NN_PRODUCT_H_

#ifndef ATTUNE_WORKER_NN_TYPES_H_
#define ATTUNE_WORKER_NN_TYPES_H_

#include <Eigen/Core>
#include <cstdint>

namespace attune::nn {

// Networks compute in float. The tests compile the same sources once more in
// double, so that a gradient can be checked to 1e-6 without a template
// parameter in every signature.
#ifdef ATTUNE_NN_SCALAR
using Scalar = ATTUNE_NN_SCALAR;
#else
using Scalar = float;
#endif

// Matrices are (features, batch): a column is an example.
using Matrix = Eigen::Matrix<Scalar, Eigen::Dynamic, Eigen::Dynamic>;
using Vector = Eigen::Matrix<Scalar, Eigen::Dynamic, 1>;

// Views are passed by value or const reference; assigning to one writes to what
// it shows.
using MatrixView = Eigen::Map<Matrix>;
using ConstMatrixView = Eigen::Map<const Matrix>;
using VectorView = Eigen::Map<Vector>;
using ConstVectorView = Eigen::Map<const Vector>;

enum class Mode { kTrain, kEval };

// How a column of features is an image: feature (channel * height + y) * width
// + x. All 0: it is none.
struct ImageShape {
  int64_t channels = 0;
  int64_t height = 0;
  int64_t width = 0;

  bool is_image() const { return channels > 0; }
  int64_t size() const { return channels * height * width; }
  friend bool operator==(const ImageShape&, const ImageShape&) = default;
};

// Memory that grows to the largest matrix asked of it and is then used again,
// so that the last, smaller batch of an epoch allocates nothing.
class Buffer {
 public:
  // Contents are lost if it has to grow. Valid until the next call.
  MatrixView Get(int64_t rows, int64_t cols) {
    if (memory_.size() < rows * cols) memory_.resize(rows * cols);
    return {memory_.data(), rows, cols};
  }
  ConstMatrixView View(int64_t rows, int64_t cols) const {
    return {memory_.data(), rows, cols};
  }

 private:
  Vector memory_;
};

}  // namespace attune::nn

#endif  // ATTUNE_WORKER_NN_TYPES_H_

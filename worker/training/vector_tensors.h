#ifndef ATTUNE_WORKER_TRAINING_VECTOR_TENSORS_H_
#define ATTUNE_WORKER_TRAINING_VECTOR_TENSORS_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "core/status_macros.h"
#include "worker/artifacts/tensor_file.h"
#include "worker/nn/types.h"

namespace attune {

template <typename T>
std::vector<T> ToTensor(const Eigen::Matrix<T, Eigen::Dynamic, 1>& vector) {
  return {vector.data(), vector.data() + vector.size()};
}

// DATA_LOSS if `file` has no tensor of that name.
template <typename T = nn::Scalar>
absl::StatusOr<Eigen::Matrix<T, Eigen::Dynamic, 1>> GetVector(
    const TensorFile& file, const std::string& name) {
  using Vector = Eigen::Matrix<T, Eigen::Dynamic, 1>;
  ATTUNE_ASSIGN_OR_RETURN(const std::vector<T> values,
                          GetTensor<T>(file, name));
  return Vector(Eigen::Map<const Vector>(values.data(), std::ssize(values)));
}

}  // namespace attune

#endif  // ATTUNE_WORKER_TRAINING_VECTOR_TENSORS_H_

#ifndef ATTUNE_WORKER_TRAINING_VECTOR_TENSORS_H_
#define ATTUNE_WORKER_TRAINING_VECTOR_TENSORS_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "core/status_macros.h"
#include "worker/artifacts/tensor_file.h"
#include "worker/nn/types.h"

namespace attune {

inline std::vector<nn::Scalar> ToTensor(const nn::Vector& vector) {
  return {vector.data(), vector.data() + vector.size()};
}

// DATA_LOSS if `file` has no tensor of that name.
inline absl::StatusOr<nn::Vector> GetVector(const TensorFile& file,
                                            const std::string& name) {
  ATTUNE_ASSIGN_OR_RETURN(const std::vector<nn::Scalar> values,
                          GetTensor<nn::Scalar>(file, name));
  return nn::Vector(nn::ConstVectorView(values.data(), std::ssize(values)));
}

}  // namespace attune

#endif  // ATTUNE_WORKER_TRAINING_VECTOR_TENSORS_H_

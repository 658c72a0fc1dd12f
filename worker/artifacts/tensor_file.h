#ifndef ATTUNE_WORKER_ARTIFACTS_TENSOR_FILE_H_
#define ATTUNE_WORKER_ARTIFACTS_TENSOR_FILE_H_

#include <cstdint>
#include <map>
#include <string>
#include <variant>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace attune {

// Numbers in a row; a matrix is written column by column.
using Tensor =
    std::variant<std::vector<float>, std::vector<double>, std::vector<int64_t>>;

// What a file holds: texts and tensors by name.
struct TensorFile {
  std::map<std::string, std::string> metadata;  // without `crc32`
  std::map<std::string, Tensor> tensors;
  friend bool operator==(const TensorFile&, const TensorFile&) = default;
};

// The format is safetensors (https://huggingface.co/docs/safetensors): eight
// bytes with the length of the header, the header in JSON, the tensors' bytes,
// all little-endian; so `safetensors` reads it from Python. `crc32` among the
// metadata is a checksum of everything else. Bytes of the metadata that are no
// UTF-8 are replaced by U+FFFD.
std::string EncodeTensors(const TensorFile& file);

// DATA_LOSS, saying what was found and what was expected, for bytes that are no
// such file or whose checksum is another. `name` is how messages call it.
absl::StatusOr<TensorFile> DecodeTensors(absl::string_view bytes,
                                         absl::string_view name);

// The tensor of that name. DATA_LOSS if there is none, or one of other numbers.
template <typename T>
absl::StatusOr<std::vector<T>> GetTensor(const TensorFile& file,
                                         const std::string& name);
extern template absl::StatusOr<std::vector<float>> GetTensor(
    const TensorFile&, const std::string&);
extern template absl::StatusOr<std::vector<double>> GetTensor(
    const TensorFile&, const std::string&);
extern template absl::StatusOr<std::vector<int64_t>> GetTensor(
    const TensorFile&, const std::string&);

// The text of that name. DATA_LOSS if there is none.
absl::StatusOr<std::string> GetMetadata(const TensorFile& file,
                                        const std::string& name);

}  // namespace attune

#endif  // ATTUNE_WORKER_ARTIFACTS_TENSOR_FILE_H_

#ifndef ATTUNE_WORKER_DATA_IDX_H_
#define ATTUNE_WORKER_DATA_IDX_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "worker/data/dataset.h"

namespace attune::nn {

struct IdxImages {
  Pixels pixels;
  ImageShape shape;  // one channel
};

// The format of MNIST and its kin, plain or compressed by gzip: two bytes 0, a
// type (8: unsigned byte), the number of dimensions, each dimension in four
// bytes, the greatest first, and the values.
//
// NOT_FOUND if there is no such file; DATA_LOSS, saying what was expected and
// what was found, if it is truncated, goes on after its end, or holds something
// else.
absl::StatusOr<IdxImages> ReadIdxImages(const std::string& path);
absl::StatusOr<std::vector<uint8_t>> ReadIdxLabels(const std::string& path);

// Both, which must be of the same number, as a dataset whose classes are named
// `0` to the largest label.
absl::StatusOr<Dataset> ReadIdx(const std::string& images_path,
                                const std::string& labels_path);

}  // namespace attune::nn

#endif  // ATTUNE_WORKER_DATA_IDX_H_

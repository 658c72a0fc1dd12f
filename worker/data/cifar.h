#ifndef ATTUNE_WORKER_DATA_CIFAR_H_
#define ATTUNE_WORKER_DATA_CIFAR_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "worker/data/dataset.h"

namespace attune::nn {

// The binary version of CIFAR-10 (Krizhevsky, "Learning multiple layers of
// features from tiny images", 2009), plain or compressed by gzip: records of
// 3073 bytes, a class from 0 to 9 and an image of 32 x 32 pixels, first all its
// red ones, then the green, then the blue. One after the other, all of `paths`.
//
// NOT_FOUND if there is no such file; DATA_LOSS, saying what was expected and
// what was found, for a file that holds a part of a record, another number of
// records than the first one, or a class above 9.
// REQUIRES: at least one path.
absl::StatusOr<Dataset> ReadCifar10(const std::vector<std::string>& paths);

}  // namespace attune::nn

#endif  // ATTUNE_WORKER_DATA_CIFAR_H_

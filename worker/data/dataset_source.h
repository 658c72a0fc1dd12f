#ifndef ATTUNE_WORKER_DATA_DATASET_SOURCE_H_
#define ATTUNE_WORKER_DATA_DATASET_SOURCE_H_

#include <compare>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "worker/data/csv.h"
#include "worker/data/dataset.h"
#include "worker/data/synthetic.h"

namespace attune::nn {

// Where Debian's package dataset-fashion-mnist puts its files.
inline constexpr char kSystemDatasets[] = "/usr/share/datasets";

// What is loaded, and how. The name is as in core/dataset_name.h.
struct DatasetSource {
  std::string name;
  // Each counts for its own kind alone.
  CsvOptions csv;
  SyntheticOptions synthetic;
  uint64_t seed = 0;  // of a synthetic one
  friend auto operator<=>(const DatasetSource&, const DatasetSource&) = default;
};

// Loads the examples to train and to validate on. Those that are not made up
// are looked for below `folders`, in order:
// - fashion-mnist: IDX files in FOLDER/fashion-mnist or FOLDER,
// - cifar-10: its binary version in FOLDER/cifar-10-batches-bin,
//   FOLDER/cifar-10 or FOLDER,
// - the path of a folder of IDX files, or of a .csv file: there, if it is
//   absolute, else at FOLDER/PATH.
//
// NOT_FOUND, saying where they were looked for and how to get them; else as
// ReadIdx(), ReadCifar10() and ReadCsv(). INVALID_ARGUMENT for an unknown name.
absl::StatusOr<Dataset> LoadDataset(const DatasetSource& source,
                                    const std::vector<std::string>& folders);

// Loads the examples that are kept for the very end, from where LoadDataset()
// finds the others. Null if there are none: a table has none, and of images the
// files may be missing.
absl::StatusOr<std::unique_ptr<const Dataset>> LoadTestDataset(
    const DatasetSource& source, const std::vector<std::string>& folders);

}  // namespace attune::nn

#endif  // ATTUNE_WORKER_DATA_DATASET_SOURCE_H_

#ifndef ATTUNE_WORKER_DATA_DATASET_CACHE_H_
#define ATTUNE_WORKER_DATA_DATASET_CACHE_H_

#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/statusor.h"
#include "core/mutex.h"
#include "worker/data/dataset.h"

namespace attune::nn {

// Where Debian's package dataset-fashion-mnist puts its files.
inline constexpr char kSystemDatasets[] = "/usr/share/datasets";

// Loads each dataset once, for all trials of a process. Thread-safe: whoever
// asks for what is being loaded waits for it.
class DatasetCache {
 public:
  // Datasets are looked for below these folders, in order.
  explicit DatasetCache(std::vector<std::string> folders);

  // `fashion-mnist`: its IDX files in FOLDER/fashion-mnist or FOLDER. Else the
  // path of a .csv file, absolute or below a folder. Valid as long as the cache
  // lives. NOT_FOUND, saying where it was looked for and how to get it; else as
  // ReadIdx() and ReadCsv(). A failure is not remembered.
  absl::StatusOr<const Dataset*> Get(const std::string& name,
                                     const std::string& label_column);

 private:
  absl::StatusOr<Dataset> Load(const std::string& name,
                               const std::string& label_column) const;

  const std::vector<std::string> folders_;
  Mutex mutex_;
  // By name and, of .csv files, label column.
  std::map<std::pair<std::string, std::string>, std::unique_ptr<const Dataset>>
      datasets_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace attune::nn

#endif  // ATTUNE_WORKER_DATA_DATASET_CACHE_H_

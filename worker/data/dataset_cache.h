#ifndef ATTUNE_WORKER_DATA_DATASET_CACHE_H_
#define ATTUNE_WORKER_DATA_DATASET_CACHE_H_

#include <compare>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/statusor.h"
#include "core/mutex.h"
#include "worker/data/dataset.h"
#include "worker/data/dataset_source.h"

namespace attune::nn {

// Loads each dataset once, for all trials of a process. Thread-safe: whoever
// asks for what is being loaded waits for it, and for nothing else. What is
// returned is valid as long as the cache lives. A failure is not remembered.
class DatasetCache {
 public:
  // Datasets are looked for below these folders, in order.
  explicit DatasetCache(std::vector<std::string> folders);

  // As LoadDataset().
  absl::StatusOr<const Dataset*> Get(const DatasetSource& source);

  // As LoadTestDataset(); nullptr if there is none. DATA_LOSS if its examples
  // have other features or classes than those of Get().
  absl::StatusOr<const Dataset*> GetTest(const DatasetSource& source);

 private:
  struct Key {
    DatasetSource source;
    bool test = false;
    friend auto operator<=>(const Key&, const Key&) = default;
  };
  struct Entry {
    Mutex mutex;
    bool is_loaded ABSL_GUARDED_BY(mutex) = false;
    std::unique_ptr<const Dataset> dataset ABSL_GUARDED_BY(mutex);
  };

  absl::StatusOr<const Dataset*> Get(Key key);
  absl::StatusOr<std::unique_ptr<const Dataset>> Load(const Key& key);

  const std::vector<std::string> folders_;
  Mutex mutex_;
  std::map<Key, std::unique_ptr<Entry>> entries_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace attune::nn

#endif  // ATTUNE_WORKER_DATA_DATASET_CACHE_H_

#include "worker/data/dataset_cache.h"

#include <optional>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "core/dataset_name.h"
#include "core/status_macros.h"

namespace attune::nn {

DatasetCache::DatasetCache(std::vector<std::string> folders)
    : folders_(std::move(folders)) {}

absl::StatusOr<const Dataset*> DatasetCache::Get(const DatasetSource& source) {
  return Get(Key{.source = source});
}

absl::StatusOr<const Dataset*> DatasetCache::GetTest(
    const DatasetSource& source) {
  ATTUNE_ASSIGN_OR_RETURN(const Dataset* const test,
                          Get(Key{.source = source, .test = true}));
  if (test == nullptr) return nullptr;
  ATTUNE_ASSIGN_OR_RETURN(const Dataset* const train, Get(source));
  if (test->num_features() != train->num_features() ||
      test->image != train->image ||
      test->num_classes() > train->num_classes()) {
    return absl::DataLossError(absl::StrCat(
        "loading the test examples of ", source.name, ": found ",
        test->num_features(), " features and ", test->num_classes(),
        " classes, expected ", train->num_features(), " and at most ",
        train->num_classes(), " as in the others, of the same shape"));
  }
  return test;
}

absl::StatusOr<const Dataset*> DatasetCache::Get(Key key) {
  // What does not count makes no difference.
  const std::optional<DatasetKind> kind = KindOfDataset(key.source.name);
  if (kind != DatasetKind::kTable) key.source.csv = {};
  if (!kind.has_value() || !IsSynthetic(*kind)) {
    key.source.synthetic = {};
    key.source.seed = 0;
  }
  Entry* entry = nullptr;
  {
    MutexLock lock(&mutex_);
    std::unique_ptr<Entry>& place = entries_[key];
    if (place == nullptr) place = std::make_unique<Entry>();
    entry = place.get();
  }
  MutexLock lock(&entry->mutex);
  if (!entry->is_loaded) {
    ATTUNE_ASSIGN_OR_RETURN(entry->dataset, Load(key));
    entry->is_loaded = true;
  }
  return entry->dataset.get();
}

absl::StatusOr<std::unique_ptr<const Dataset>> DatasetCache::Load(
    const Key& key) {
  if (key.test) return LoadTestDataset(key.source, folders_);
  ATTUNE_ASSIGN_OR_RETURN(Dataset dataset, LoadDataset(key.source, folders_));
  return std::make_unique<const Dataset>(std::move(dataset));
}

}  // namespace attune::nn

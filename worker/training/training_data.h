#ifndef ATTUNE_WORKER_TRAINING_TRAINING_DATA_H_
#define ATTUNE_WORKER_TRAINING_TRAINING_DATA_H_

#include <cstdint>

#include "absl/status/statusor.h"
#include "core/network_settings.h"
#include "worker/data/dataset.h"
#include "worker/data/dataset_cache.h"
#include "worker/data/split.h"

namespace attune {

// What a trial learns from and is measured on.
struct TrainingData {
  const nn::Dataset* dataset = nullptr;  // of the cache
  nn::Scaling scaling;
  nn::Split split;
};

// Loads the dataset that `config` names, or finds it in `cache`, which must
// outlive what is returned, and splits it by the study's seed: every trial of a
// study sees the same split. Errors as DatasetCache::Get() and
// nn::SplitExamples().
absl::StatusOr<TrainingData> LoadTrainingData(const NetworkConfig& config,
                                              uint64_t study_seed,
                                              nn::DatasetCache& cache);

}  // namespace attune

#endif  // ATTUNE_WORKER_TRAINING_TRAINING_DATA_H_

#ifndef ATTUNE_WORKER_TRAINING_TRAINING_DATA_H_
#define ATTUNE_WORKER_TRAINING_TRAINING_DATA_H_

#include <cstdint>

#include "absl/status/statusor.h"
#include "core/network_settings.h"
#include "worker/data/dataset.h"
#include "worker/data/dataset_cache.h"
#include "worker/data/dataset_source.h"
#include "worker/data/split.h"

namespace attune {

// What a trial learns from and is measured on.
struct TrainingData {
  const nn::Dataset* dataset = nullptr;  // of the cache
  nn::Scaling scaling;
  nn::Split split;
  const nn::Dataset* test = nullptr;  // of the cache; null: there is none
  nn::Vector class_weights;           // for the loss of training; empty: all 1
};

// The dataset that `config` names. One that is made up differs from study to
// study.
nn::DatasetSource SourceOf(const NetworkConfig& config, uint64_t study_seed);

// Loads the dataset that `config` names, or finds it in `cache`, which must
// outlive what is returned, and splits it by the study's seed: every trial of a
// study sees the same split. With folds, `config.fold` is validated on.
//
// Errors as DatasetCache::Get() and nn::SplitExamples(); INVALID_ARGUMENT if
// settings do not fit the data: class weights where there are no classes or not
// as many, a shift as large as the images.
// REQUIRES: a fold, if there are folds.
absl::StatusOr<TrainingData> LoadTrainingData(const NetworkConfig& config,
                                              uint64_t study_seed,
                                              nn::DatasetCache& cache);

}  // namespace attune

#endif  // ATTUNE_WORKER_TRAINING_TRAINING_DATA_H_

#ifndef ATTUNE_WORKER_TRAINING_DATA_DESCRIPTION_H_
#define ATTUNE_WORKER_TRAINING_DATA_DESCRIPTION_H_

#include <string>

#include "absl/status/statusor.h"
#include "core/search_space.h"
#include "worker/data/dataset_cache.h"

namespace attune {

// Loads what a network study with these settings learns from, as its trials
// would, and says in one line what it is:
//   wine.csv: classification, 1599 examples of 11 features, 6 classes; 1333 to
//   train on, 266 to validate on
// Settings that have nothing to do with data are passed over, so that those of
// a study will do, whatever its trials add. Errors as LoadTrainingData().
absl::StatusOr<std::string> DescribeData(const Parameters& settings,
                                         nn::DatasetCache& cache);

}  // namespace attune

#endif  // ATTUNE_WORKER_TRAINING_DATA_DESCRIPTION_H_

#include "worker/training/training_data.h"

#include "core/random.h"
#include "core/status_macros.h"

namespace attune {

absl::StatusOr<TrainingData> LoadTrainingData(const NetworkConfig& config,
                                              uint64_t study_seed,
                                              nn::DatasetCache& cache) {
  TrainingData data;
  ATTUNE_ASSIGN_OR_RETURN(data.dataset,
                          cache.Get(config.dataset, config.label_column));
  ATTUNE_ASSIGN_OR_RETURN(
      data.split,
      nn::SplitExamples(data.dataset->num_examples(),
                        {.validation_fraction = config.validation_fraction,
                         .train_examples = config.train_examples},
                        Rng(study_seed).Split("split")));
  data.scaling = nn::Standardize(*data.dataset, data.split.train);
  return data;
}

}  // namespace attune

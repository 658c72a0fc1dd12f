#ifndef ATTUNE_WORKER_DATA_SPLIT_H_
#define ATTUNE_WORKER_DATA_SPLIT_H_

#include <cstdint>
#include <vector>

#include "absl/status/statusor.h"
#include "core/random.h"
#include "worker/data/dataset.h"

namespace attune::nn {

// Examples by number.
struct Split {
  std::vector<int64_t> train;
  std::vector<int64_t> validation;
};

struct SplitOptions {
  double validation_fraction = 1.0 / 6.0;
  int64_t folds = 0;  // if not 0, validation is one of so many equal parts
  int64_t fold = 0;   // which, from 0 on
  int64_t train_examples = 0;  // so many to train on; 0: all
};

// Sets a share of the examples apart, by chance. Stratified: each part has of
// each class its share, to the nearest example above or below it.
//
// The folds of one `rng` hold every example once. `validation` does not depend
// on train_examples, so that results with few and with many examples can be
// compared. INVALID_ARGUMENT if one of the two would be empty, if there are
// fewer examples than folds or than train_examples, or if there is no such
// fold.
absl::StatusOr<Split> SplitExamples(const Dataset& dataset,
                                    const SplitOptions& options, Rng rng);

}  // namespace attune::nn

#endif  // ATTUNE_WORKER_DATA_SPLIT_H_

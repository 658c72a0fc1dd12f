#ifndef ATTUNE_WORKER_DATA_SPLIT_H_
#define ATTUNE_WORKER_DATA_SPLIT_H_

#include <cstdint>
#include <vector>

#include "absl/status/statusor.h"
#include "core/random.h"

namespace attune::nn {

// Examples by number.
struct Split {
  std::vector<int64_t> train;
  std::vector<int64_t> validation;
};

struct SplitOptions {
  double validation_fraction = 1.0 / 6.0;
  int64_t train_examples = 0;  // at most that many to train on; 0: all
};

// Sets a share of the examples 0 ... num_examples-1 apart, by chance.
// `validation` does not depend on train_examples, so that results with few and
// with many examples can be compared. INVALID_ARGUMENT if one of the two would
// be empty.
absl::StatusOr<Split> SplitExamples(int64_t num_examples,
                                    const SplitOptions& options, Rng rng);

}  // namespace attune::nn

#endif  // ATTUNE_WORKER_DATA_SPLIT_H_

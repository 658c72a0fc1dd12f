#include "worker/data/split.h"

#include <algorithm>
#include <cmath>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"

namespace attune::nn {

absl::StatusOr<Split> SplitExamples(int64_t num_examples,
                                    const SplitOptions& options, Rng rng) {
  const int64_t num_validation = std::llround(
      options.validation_fraction * static_cast<double>(num_examples));
  if (num_validation < 1 || num_validation >= num_examples) {
    return absl::InvalidArgumentError(absl::StrCat(
        "splitting ", num_examples, " examples: validation_fraction ",
        options.validation_fraction, " takes ", num_validation,
        " for validation, expected at least one there and one to train on"));
  }
  std::vector<int64_t> order = rng.Permutation(num_examples);
  const auto middle = order.begin() + num_validation;
  Split split;
  split.validation.assign(order.begin(), middle);
  split.train.assign(middle, order.end());
  if (options.train_examples > 0 &&
      options.train_examples < num_examples - num_validation) {
    split.train.resize(static_cast<size_t>(options.train_examples));
  }
  // In the order of the file, so that going through them is kind to the memory.
  std::sort(split.train.begin(), split.train.end());
  std::sort(split.validation.begin(), split.validation.end());
  return split;
}

}  // namespace attune::nn

#include "worker/data/split.h"

#include <algorithm>
#include <cmath>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "core/status_macros.h"

namespace attune::nn {
namespace {

// Class after class, each in a random order. What takes every k-th of these has
// its share of every class.
std::vector<int64_t> OrderByClass(const Dataset& dataset, Rng rng) {
  std::vector<int64_t> order = rng.Permutation(dataset.num_examples());
  std::stable_sort(order.begin(), order.end(), [&](int64_t a, int64_t b) {
    return !dataset.is_regression() &&
           dataset.labels[static_cast<size_t>(a)] <
               dataset.labels[static_cast<size_t>(b)];
  });
  return order;
}

// Of `whole` places `count` are taken, evenly spread.
bool IsTaken(int64_t place, int64_t count, int64_t whole) {
  return (place + 1) * count / whole > place * count / whole;
}

absl::StatusOr<int64_t> CountValidation(int64_t num_examples,
                                        const SplitOptions& options) {
  const int64_t count = std::llround(options.validation_fraction *
                                     static_cast<double>(num_examples));
  if (count < 1 || count >= num_examples) {
    return absl::InvalidArgumentError(absl::StrCat(
        "splitting ", num_examples, " examples: validation_fraction ",
        options.validation_fraction, " takes ", count,
        " for validation, expected at least one there and one to train on"));
  }
  return count;
}

absl::Status CheckFolds(int64_t num_examples, const SplitOptions& options) {
  if (options.folds < 2 || options.folds > num_examples) {
    return absl::InvalidArgumentError(absl::StrCat(
        "splitting ", num_examples, " examples into ", options.folds,
        " folds: expected at least 2, and an example for each"));
  }
  if (options.fold < 0 || options.fold >= options.folds) {
    return absl::InvalidArgumentError(absl::StrCat(
        "splitting into ", options.folds, " folds: found the fold ",
        options.fold, ", expected one from 0 to ", options.folds - 1));
  }
  return absl::OkStatus();
}

absl::Status Reduce(int64_t count, std::vector<int64_t>& examples) {
  const auto whole = static_cast<int64_t>(examples.size());
  if (count > whole) {
    return absl::InvalidArgumentError(
        absl::StrCat("choosing the examples to train on: found train_examples ",
                     count, ", expected at most ", whole,
                     ", which are left when those to validate on are taken"));
  }
  if (count == 0) return absl::OkStatus();
  std::vector<int64_t> kept;
  for (int64_t i = 0; i < whole; ++i) {
    if (IsTaken(i, count, whole)) {
      kept.push_back(examples[static_cast<size_t>(i)]);
    }
  }
  examples = std::move(kept);
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<Split> SplitExamples(const Dataset& dataset,
                                    const SplitOptions& options, Rng rng) {
  const int64_t whole = dataset.num_examples();
  int64_t count = 0;
  if (options.folds == 0) {
    ATTUNE_ASSIGN_OR_RETURN(count, CountValidation(whole, options));
  } else {
    ATTUNE_RETURN_IF_ERROR(CheckFolds(whole, options));
  }
  const std::vector<int64_t> order = OrderByClass(dataset, rng);
  Split split;
  for (int64_t i = 0; i < whole; ++i) {
    const bool validates = options.folds == 0
                               ? IsTaken(i, count, whole)
                               : i % options.folds == options.fold;
    (validates ? split.validation : split.train)
        .push_back(order[static_cast<size_t>(i)]);
  }
  ATTUNE_RETURN_IF_ERROR(Reduce(options.train_examples, split.train));
  // In the order of the file, so that going through them is kind to the memory.
  std::sort(split.train.begin(), split.train.end());
  std::sort(split.validation.begin(), split.validation.end());
  return split;
}

}  // namespace attune::nn

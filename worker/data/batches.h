#ifndef ATTUNE_WORKER_DATA_BATCHES_H_
#define ATTUNE_WORKER_DATA_BATCHES_H_

#include <cstdint>
#include <vector>

#include "absl/types/span.h"
#include "core/random.h"
#include "worker/data/dataset.h"
#include "worker/data/gather.h"
#include "worker/nn/types.h"

namespace attune::nn {

// Some examples of a dataset, cut into minibatches. The last one of a round is
// smaller if the size does not divide the number of examples. For one thread;
// allocates nothing after the first batch and Shuffle().
class Batches {
 public:
  struct Options {
    int64_t batch_size = 1;  // 0, or more than there are: all at once
    Augmentation augmentation;
  };
  // Either labels or targets; the other has no elements.
  struct Batch {
    ConstMatrixView inputs;
    absl::Span<const int32_t> labels;
    ConstMatrixView targets;  // (targets, batch)
  };

  // `dataset` must outlive it. REQUIRES: `examples` is not empty; the dataset
  // has images if there is an augmentation.
  Batches(const Dataset* dataset, const Scaling& scaling,
          std::vector<int64_t> examples, const Options& options);

  // An order that depends on `rng` alone, uniform over all.
  void Shuffle(Rng rng);

  int64_t num_examples() const {
    return static_cast<int64_t>(examples_.size());
  }
  int64_t size() const;  // the number of batches

  // Gathers, converts and scales batch 0 <= `index` < size(). Valid until the
  // next call.
  Batch Get(int64_t index);
  // The same, its images changed by chance as the options say. If they say
  // nothing, nothing is drawn from `rng`.
  Batch GetAugmented(int64_t index, Rng& rng);

 private:
  absl::Span<const int64_t> ExamplesOf(int64_t index) const;
  Batch Finish(absl::Span<const int64_t> examples);

  const Dataset* const dataset_;
  const Scaling scaling_;
  std::vector<int64_t> examples_;
  std::vector<int64_t> order_;  // of the minibatches: examples_, shuffled
  const int64_t batch_size_;
  const Augmentation augmentation_;
  Buffer inputs_;
  std::vector<int32_t> labels_;
  Buffer targets_;
};

}  // namespace attune::nn

#endif  // ATTUNE_WORKER_DATA_BATCHES_H_

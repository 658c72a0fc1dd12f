#include "worker/data/batches.h"

#include <algorithm>
#include <utility>

#include "core/check.h"

namespace attune::nn {

Batches::Batches(const Dataset* dataset, const Scaling& scaling,
                 std::vector<int64_t> examples, const Options& options)
    : dataset_(dataset),
      scaling_(scaling),
      examples_(std::move(examples)),
      order_(examples_),
      batch_size_(options.batch_size == 0
                      ? num_examples()
                      : std::min(options.batch_size, num_examples())),
      augmentation_(options.augmentation),
      labels_(static_cast<size_t>(batch_size_)) {
  ATTUNE_CHECK(!examples_.empty() && batch_size_ >= 1);
}

void Batches::Shuffle(Rng rng) {
  order_ = examples_;
  for (size_t i = order_.size(); i > 1; --i) {
    std::swap(order_[i - 1], order_[rng.Below(i)]);
  }
}

int64_t Batches::size() const {
  return (num_examples() + batch_size_ - 1) / batch_size_;
}

absl::Span<const int64_t> Batches::ExamplesOf(int64_t index) const {
  ATTUNE_CHECK(index >= 0 && index < size());
  return absl::MakeConstSpan(order_).subspan(
      static_cast<size_t>(index * batch_size_),
      static_cast<size_t>(batch_size_));
}

Batches::Batch Batches::Get(int64_t index) {
  const absl::Span<const int64_t> examples = ExamplesOf(index);
  GatherInputs(*dataset_, examples, scaling_,
               inputs_.Get(dataset_->num_features(),
                           static_cast<int64_t>(examples.size())));
  return Finish(examples);
}

Batches::Batch Batches::GetAugmented(int64_t index, Rng& rng) {
  if (!augmentation_.any()) return Get(index);
  const absl::Span<const int64_t> examples = ExamplesOf(index);
  GatherAugmented(*dataset_, examples, scaling_, augmentation_, rng,
                  inputs_.Get(dataset_->num_features(),
                              static_cast<int64_t>(examples.size())));
  return Finish(examples);
}

Batches::Batch Batches::Finish(absl::Span<const int64_t> examples) {
  const auto count = static_cast<int64_t>(examples.size());
  const bool regression = dataset_->is_regression();
  const int64_t num_targets = dataset_->targets.rows();
  MatrixView targets = targets_.Get(num_targets, count);
  for (size_t i = 0; i < examples.size(); ++i) {
    if (!regression) {
      labels_[i] = dataset_->labels[static_cast<size_t>(examples[i])];
      continue;
    }
    const auto from = dataset_->targets.col(examples[i]);
    auto to = targets.col(static_cast<int64_t>(i));
    if (scaling_.target_scale.size() == 0) {
      to = from.cast<Scalar>();
    } else {
      to = scaling_.target_scale.cwiseProduct(from - scaling_.target_mean)
               .cast<Scalar>();
    }
  }
  return {.inputs = inputs_.View(dataset_->num_features(), count),
          .labels = absl::MakeConstSpan(labels_).first(
              regression ? 0 : examples.size()),
          .targets = targets_.View(num_targets, count)};
}

}  // namespace attune::nn

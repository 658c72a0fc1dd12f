#include "worker/data/batches.h"

#include <algorithm>
#include <utility>

#include "core/check.h"

namespace attune::nn {
namespace {

void Gather(const Pixels& pixels, absl::Span<const int64_t> examples,
            const Scaling& scaling, MatrixView to) {
  const Scalar scale = scaling.scale[0];
  const Scalar offset = scaling.offset[0];
  const int64_t rows = pixels.rows();
  for (size_t i = 0; i < examples.size(); ++i) {
    const uint8_t* __restrict from = pixels.data() + examples[i] * rows;
    Scalar* __restrict column = to.data() + static_cast<int64_t>(i) * rows;
    for (int64_t row = 0; row < rows; ++row) {
      column[row] = scale * static_cast<Scalar>(from[row]) + offset;
    }
  }
}

void Gather(const Matrix& inputs, absl::Span<const int64_t> examples,
            const Scaling& scaling, MatrixView to) {
  for (size_t i = 0; i < examples.size(); ++i) {
    to.col(static_cast<int64_t>(i)) =
        scaling.scale.cwiseProduct(inputs.col(examples[i])) + scaling.offset;
  }
}

}  // namespace

Batches::Batches(const Dataset* dataset, const Scaling& scaling,
                 std::vector<int64_t> examples, const Options& options)
    : dataset_(dataset),
      scaling_(scaling),
      examples_(std::move(examples)),
      order_(examples_),
      batch_size_(options.batch_size == 0
                      ? num_examples()
                      : std::min(options.batch_size, num_examples())),
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

Batches::Batch Batches::Get(int64_t index) {
  ATTUNE_CHECK(index >= 0 && index < size());
  const auto examples = absl::MakeConstSpan(order_).subspan(
      static_cast<size_t>(index * batch_size_),
      static_cast<size_t>(batch_size_));
  const auto count = static_cast<int64_t>(examples.size());
  const int64_t rows = dataset_->num_features();
  std::visit(
      [&](const auto& inputs) {
        Gather(inputs, examples, scaling_, inputs_.Get(rows, count));
      },
      dataset_->inputs);
  const bool regression = dataset_->is_regression();
  MatrixView targets = targets_.Get(dataset_->targets.rows(), count);
  for (size_t i = 0; i < examples.size(); ++i) {
    if (regression) {
      targets.col(static_cast<int64_t>(i)) = dataset_->targets.col(examples[i]);
    } else {
      labels_[i] = dataset_->labels[static_cast<size_t>(examples[i])];
    }
  }
  return {.inputs = inputs_.View(rows, count),
          .labels = absl::MakeConstSpan(labels_).first(
              regression ? 0 : examples.size()),
          .targets = targets_.View(dataset_->targets.rows(), count)};
}

}  // namespace attune::nn

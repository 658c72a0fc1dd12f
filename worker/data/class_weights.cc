#include "worker/data/class_weights.h"

#include "core/check.h"

namespace attune::nn {

Vector BalancedClassWeights(const Dataset& dataset,
                            absl::Span<const int64_t> examples) {
  ATTUNE_CHECK(!dataset.is_regression() && !examples.empty());
  Eigen::ArrayXd count = Eigen::ArrayXd::Zero(dataset.num_classes());
  for (const int64_t example : examples) {
    count[dataset.labels[static_cast<size_t>(example)]] += 1.0;
  }
  const auto present = static_cast<double>((count > 0.0).count());
  const double share = static_cast<double>(examples.size()) / present;
  const Eigen::ArrayXd weights = (count > 0.0).select(share / count, 1.0);
  return weights.matrix().cast<Scalar>();
}

}  // namespace attune::nn

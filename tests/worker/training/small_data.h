#ifndef ATTUNE_TESTS_WORKER_TRAINING_SMALL_DATA_H_
#define ATTUNE_TESTS_WORKER_TRAINING_SMALL_DATA_H_

#include <cstdint>
#include <string>

#include "core/network_settings.h"
#include "core/random.h"
#include "worker/data/dataset.h"
#include "worker/training/training_data.h"

namespace attune {

// Examples of three classes around three centers, `features` numbers each.
inline nn::Dataset MakeBlobs(int64_t examples, int64_t features = 4) {
  nn::Dataset dataset;
  nn::Matrix inputs(features, examples);
  Rng rng(7);
  for (int64_t i = 0; i < examples; ++i) {
    const auto label = static_cast<int32_t>(i % 3);
    dataset.labels.push_back(label);
    for (int64_t row = 0; row < features; ++row) {
      const double center = row % 3 == label ? 2.0 : 0.0;
      inputs(row, i) = static_cast<nn::Scalar>(center + rng.Normal());
    }
  }
  dataset.inputs = inputs;
  dataset.classes = {"0", "1", "2"};
  return dataset;
}

// Examples of one input x, evenly spaced in [-1, 1], and the target 300 x + 50.
inline nn::Dataset MakeLine(int64_t examples) {
  nn::Dataset dataset;
  nn::Matrix inputs(1, examples);
  // Far apart from one example to the next, so that each part spans the range.
  for (int64_t i = 0; i < examples; ++i) {
    const auto place = static_cast<double>(i * 7 % examples);
    inputs(0, i) = static_cast<nn::Scalar>(
        2.0 * place / static_cast<double>(examples - 1) - 1.0);
  }
  dataset.inputs = inputs;
  dataset.targets = (inputs.array() * nn::Scalar{300} + nn::Scalar{50});
  return dataset;
}

// The first three quarters to train on, the rest to validate.
inline TrainingData MakeTrainingData(const nn::Dataset& dataset) {
  TrainingData data{.dataset = &dataset};
  const int64_t count = dataset.num_examples();
  for (int64_t i = 0; i < count; ++i) {
    (i < count * 3 / 4 ? data.split.train : data.split.validation).push_back(i);
  }
  data.scaling = nn::Standardize(dataset, data.split.train);
  return data;
}

// The table's defaults, overridden by `settings`.
inline NetworkConfig MakeConfig(const Parameters& settings) {
  return ResolveNetworkConfig(settings, {}).value();
}

}  // namespace attune

#endif  // ATTUNE_TESTS_WORKER_TRAINING_SMALL_DATA_H_

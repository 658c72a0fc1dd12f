#ifndef ATTUNE_WORKER_TRAINING_PREDICTION_H_
#define ATTUNE_WORKER_TRAINING_PREDICTION_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "core/network_settings.h"
#include "worker/nn/network.h"
#include "worker/training/model.h"

namespace attune {

// What a network says of one example: a class and how sure it is of it, or,
// for a regression, numbers in the units of what was learnt.
struct Prediction {
  std::string label;
  double confidence = 0.0;  // from 0 to 1: the probability of the class
  std::vector<double> targets;
  friend bool operator==(const Prediction&, const Prediction&) = default;
};

// NOT_FOUND or DATA_LOSS if there is no such file or it is no model.
absl::StatusOr<Model> ReadModel(const std::string& path);

// Examples in a file as the model learnt from them: a table for tables
// (ReadCsvInputs), images in the IDX format for images (ReadIdxImages). Errors
// as theirs; INVALID_ARGUMENT if the examples are of other sizes.
absl::StatusOr<nn::Dataset> ReadExamples(const Model& model,
                                         const std::string& path);

// The network that `model` was of, to be measured with. `config` are its
// settings. INVALID_ARGUMENT if the model was written by a version of Attune
// that builds other networks.
absl::StatusOr<nn::Network> RebuildNetwork(const Model& model,
                                           NetworkConfig config);

// One for each of `examples`, in order. Errors as
// RebuildNetwork().
absl::StatusOr<std::vector<Prediction>> Predict(const Model& model,
                                                const nn::Dataset& examples);

}  // namespace attune

#endif  // ATTUNE_WORKER_TRAINING_PREDICTION_H_

#ifndef ATTUNE_WORKER_TRAINING_MODEL_H_
#define ATTUNE_WORKER_TRAINING_MODEL_H_

#include <map>
#include <string>

#include "absl/status/statusor.h"
#include "core/search_space.h"
#include "worker/artifacts/tensor_file.h"
#include "worker/data/dataset.h"
#include "worker/nn/types.h"

namespace attune {

// A trained network with all that is needed to use it.
struct Model {
  Parameters settings;  // that differ from the table's defaults
  nn::Vector params;
  nn::Vector layer_state;  // Network::State()
  nn::Scaling scaling;
  // A dataset without examples that has the features, the classes and the
  // targets of the one that was learnt from.
  nn::Dataset shape;
  // For people, and for ranking: study, trial, epoch, objective.
  std::map<std::string, std::string> about;
};

// `dataset` without its examples.
nn::Dataset ShapeOf(const nn::Dataset& dataset);

TensorFile ToTensors(const Model& model);

// DATA_LOSS if it is no model, something is missing, or the sizes of its parts
// do not fit each other.
absl::StatusOr<Model> ModelFromTensors(const TensorFile& file);

}  // namespace attune

#endif  // ATTUNE_WORKER_TRAINING_MODEL_H_

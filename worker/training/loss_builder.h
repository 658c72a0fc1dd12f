#ifndef ATTUNE_WORKER_TRAINING_LOSS_BUILDER_H_
#define ATTUNE_WORKER_TRAINING_LOSS_BUILDER_H_

#include "absl/status/statusor.h"
#include "core/network_settings.h"
#include "worker/data/dataset.h"
#include "worker/nn/loss.h"

namespace attune {

// The loss that `config` describes, for what `dataset` has: classes or targets.
// `auto` is cross_entropy for classes and mse for targets. INVALID_ARGUMENT for
// a loss that does not fit the data: cross_entropy of targets,
// binary_cross_entropy of targets that are not from 0 to 1.
absl::StatusOr<nn::Loss> BuildLoss(const NetworkConfig& config,
                                   const nn::Dataset& dataset);

}  // namespace attune

#endif  // ATTUNE_WORKER_TRAINING_LOSS_BUILDER_H_

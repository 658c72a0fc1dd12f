#ifndef ATTUNE_WORKER_TRAINING_NETWORK_BUILDER_H_
#define ATTUNE_WORKER_TRAINING_NETWORK_BUILDER_H_

#include "absl/status/statusor.h"
#include "core/network_settings.h"
#include "core/random.h"
#include "worker/data/dataset.h"
#include "worker/nn/network.h"

namespace attune {

// The network that `config` describes, for the examples of `dataset`, with the
// initial parameters drawn from `rng`. INVALID_ARGUMENT for a network that does
// not fit the data, FAILED_PRECONDITION for a precision that this processor
// does not have.
absl::StatusOr<nn::Network> BuildNetwork(const NetworkConfig& config,
                                         const nn::Dataset& dataset,
                                         const Rng& rng);

}  // namespace attune

#endif  // ATTUNE_WORKER_TRAINING_NETWORK_BUILDER_H_

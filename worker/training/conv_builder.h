#ifndef ATTUNE_WORKER_TRAINING_CONV_BUILDER_H_
#define ATTUNE_WORKER_TRAINING_CONV_BUILDER_H_

#include <cstdint>
#include <vector>

#include "absl/status/statusor.h"
#include "core/layer_list.h"
#include "core/random.h"
#include "worker/nn/activation.h"
#include "worker/nn/initializer.h"
#include "worker/nn/network.h"

namespace attune {

struct ConvNetworkOptions {
  nn::ImageShape image;  // of the inputs; none if they are no images
  int64_t outputs = 1;
  nn::Activation activation = nn::Activation::kRelu;
  nn::Initialization initialization;
  double dropout = 0.0;  // behind every dense layer that `items` lists
};

// The network of `items` and a dense layer for the outputs, with the initial
// parameters drawn from `rng`. The activation follows each conv and dense
// layer, or the batch_norm directly behind it. INVALID_ARGUMENT if the inputs
// are no images, or if a kernel or a pool is larger than the image that it
// sees, or a layer than memory allows; the message names the layer.
absl::StatusOr<nn::Network> BuildConvNetwork(
    const std::vector<LayerItem>& items, const ConvNetworkOptions& options,
    const Rng& rng);

}  // namespace attune

#endif  // ATTUNE_WORKER_TRAINING_CONV_BUILDER_H_

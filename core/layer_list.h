#ifndef ATTUNE_CORE_LAYER_LIST_H_
#define ATTUNE_CORE_LAYER_LIST_H_

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "core/dataset_name.h"

namespace attune {

// The layers of a convolutional network, as the setting `layers` lists them:
// the items, with commas between them, are
//
//   conv 5x5x6 [stride 2] [same|valid]   height, width and number of kernels
//   pool 2 [stride 1]                    the largest of 2 x 2
//   avgpool 2 [stride 1]                 their mean
//   batch_norm
//   dropout 0.3
//   flatten
//   dense 120
//
// A stride is 1 if none is given, of pools their size. The layer that computes
// the classes follows and is not listed.

struct ConvLayer {
  int64_t height = 1;
  int64_t width = 1;
  int64_t channels = 1;
  int64_t stride = 1;
  bool same = false;  // zeros around the image; else `valid`, none
  friend bool operator==(const ConvLayer&, const ConvLayer&) = default;
};

struct PoolLayer {
  int64_t size = 1;  // height and width
  int64_t stride = 1;
  bool average = false;
  friend bool operator==(const PoolLayer&, const PoolLayer&) = default;
};

struct BatchNormLayer {
  friend bool operator==(const BatchNormLayer&,
                         const BatchNormLayer&) = default;
};

struct DropoutLayer {
  double rate = 0.0;
  friend bool operator==(const DropoutLayer&, const DropoutLayer&) = default;
};

struct FlattenLayer {
  friend bool operator==(const FlattenLayer&, const FlattenLayer&) = default;
};

struct DenseLayer {
  int64_t width = 1;
  friend bool operator==(const DenseLayer&, const DenseLayer&) = default;
};

using LayerItem = std::variant<ConvLayer, PoolLayer, BatchNormLayer,
                               DropoutLayer, FlattenLayer, DenseLayer>;

// INVALID_ARGUMENT with a violation for each item that is wrong, whose field is
// the item's index, `[2]`, or empty where it is about the list.
absl::StatusOr<std::vector<LayerItem>> ParseLayerList(absl::string_view text);

// What a conv or a pool leaves of an image; other layers leave all. REQUIRES:
// it fits.
ImageSize SizeAfter(const LayerItem& layer, const ImageSize& image);

// Why a conv or a pool does not fit into an image: `found an image of 4x4
// pixels, expected at least 5x5`; nullopt if it does.
std::optional<std::string> Misfit(const LayerItem& layer,
                                  const ImageSize& image);

// As it is written: `conv 5x5x6 stride 2 same`.
std::string ToString(const LayerItem& item);

// LeNet-5 as it is taught today (after LeCun et al. 1998, "Gradient-Based
// Learning Applied to Document Recognition"): with the largest of four pixels
// in place of a weighted mean, and all channels connected.
inline constexpr absl::string_view kLenetLayers =
    "conv 5x5x6, pool 2, conv 5x5x16, pool 2, dense 120, dense 84";

}  // namespace attune

#endif  // ATTUNE_CORE_LAYER_LIST_H_

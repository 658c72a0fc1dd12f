#include "worker/training/conv_builder.h"

#include <algorithm>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <variant>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "core/status_macros.h"
#include "worker/nn/batch_norm.h"
#include "worker/nn/block_batch_norm.h"
#include "worker/nn/block_sequence.h"
#include "worker/nn/conv.h"
#include "worker/nn/dense.h"
#include "worker/nn/dropout.h"
#include "worker/nn/lanes.h"
#include "worker/nn/pool.h"

namespace attune {
namespace {

// Far above what makes sense, and below what memory and 32 bits hold.
constexpr int64_t kMostWeights = int64_t{1} << 26;  // of a layer
constexpr int64_t kMostValues = int64_t{1} << 22;   // of a layer and a sample

// Puts one layer after the other and keeps track of what the next one sees: an
// image, as long as layers are put into blocks, then features.
class ConvBuilder {
 public:
  ConvBuilder(const std::vector<LayerItem>& items,
              const ConvNetworkOptions& options)
      : items_(items),
        options_(options),
        image_(options.image),
        features_(options.image.size()),
        batch_(std::make_unique<int64_t>(0)) {}

  absl::StatusOr<std::vector<std::unique_ptr<nn::Layer>>> Build() {
    for (; at_ < items_.size(); ++at_) {
      ATTUNE_RETURN_IF_ERROR(std::visit(
          [this](const auto& item) { return Add(item); }, items_[at_]));
    }
    EndBlocks();
    layers_.push_back(std::make_unique<nn::Dense>(
        nn::DenseOptions{.inputs = features_,
                         .outputs = options_.outputs,
                         .initialization = options_.initialization}));
    return std::move(layers_);
  }

 private:
  template <typename Item>
  bool NextIs() const {
    return at_ + 1 < items_.size() &&
           std::holds_alternative<Item>(items_[at_ + 1]);
  }
  template <typename Item>
  bool PreviousIs() const {
    return at_ > 0 && std::holds_alternative<Item>(items_[at_ - 1]);
  }

  absl::Status Wrong(absl::string_view problem) const {
    return absl::InvalidArgumentError(absl::StrCat(
        "building the network: layer ", at_ + 1, " of ", items_.size(), ", `",
        ToString(items_[at_]), "`: ", problem));
  }

  absl::Status CheckFit() const {
    const std::optional<std::string> problem =
        Misfit(items_[at_], {.height = image_.height, .width = image_.width});
    return problem.has_value() ? Wrong(*problem) : absl::OkStatus();
  }

  absl::Status CheckSize(absl::string_view what, int64_t size,
                         int64_t most) const {
    if (size <= most) return absl::OkStatus();
    return Wrong(
        absl::StrCat("found ", size, " ", what, ", expected at most ", most));
  }

  // What follows a layer's sums, unless a batch_norm comes first.
  nn::Activation ActivationHere() const {
    return NextIs<BatchNormLayer>() ? nn::Activation::kIdentity
                                    : options_.activation;
  }

  absl::Status Add(const ConvLayer& conv) {
    nn::ConvOptions options = {
        .input = image_,
        .window = {.height = conv.height,
                   .width = conv.width,
                   .stride = conv.stride,
                   .padding =
                       conv.same ? nn::Padding::kSame : nn::Padding::kValid},
        .outputs = conv.channels,
        .activation = ActivationHere(),
        .initialization = options_.initialization};
    ATTUNE_RETURN_IF_ERROR(CheckFit());
    ATTUNE_RETURN_IF_ERROR(CheckSize(
        "weights", conv.height * conv.width * conv.channels * image_.channels,
        kMostWeights));
    const nn::ConvGeometry geometry(image_, options.window, conv.channels,
                                    /*pool=*/false);
    const auto pixels = [](const nn::ConvGeometry::Frame& frame) {
      return frame.height * frame.width;
    };
    ATTUNE_RETURN_IF_ERROR(
        CheckSize("values with the zeros around them",
                  std::max(image_.channels * pixels(geometry.input_frame()),
                           conv.channels * pixels(geometry.grad_frame())),
                  kMostValues));
    nn::ImageShape output = geometry.output();
    if (TakesNextPool(output, options.activation)) {
      options.pool = true;
      output.height /= 2;
      output.width /= 2;
      ++at_;
    }
    blocks_.push_back(std::make_unique<nn::Conv>(options));
    SetImage(output);
    return absl::OkStatus();
  }

  // Whether a convolution does the pool behind it on its way.
  bool TakesNextPool(const nn::ImageShape& output,
                     nn::Activation activation) const {
    return NextIs<PoolLayer>() &&
           std::get<PoolLayer>(items_[at_ + 1]) ==
               PoolLayer{.size = 2, .stride = 2} &&
           output.height >= 2 && output.width >= 2 &&
           !nn::DerivativeNeedsInput(activation);
  }

  absl::Status Add(const PoolLayer& pool) {
    const nn::PoolOptions options = {
        .input = image_,
        .window = {.height = pool.size,
                   .width = pool.size,
                   .stride = pool.stride},
        .kind = pool.average ? nn::PoolKind::kAverage : nn::PoolKind::kMax};
    ATTUNE_RETURN_IF_ERROR(CheckFit());
    blocks_.push_back(std::make_unique<nn::Pool>(options));
    SetImage(nn::OutputShape(image_, options.window));
    return absl::OkStatus();
  }

  absl::Status Add(const BatchNormLayer&) {
    const bool closes = PreviousIs<ConvLayer>() || PreviousIs<DenseLayer>();
    const nn::BatchNormOptions options = {
        .channels = in_blocks_ ? image_.channels : features_,
        .activation = closes ? options_.activation : nn::Activation::kIdentity};
    if (in_blocks_) {
      blocks_.push_back(std::make_unique<nn::BlockBatchNorm>(
          options, image_.height * image_.width, batch_.get()));
    } else {
      layers_.push_back(std::make_unique<nn::BatchNorm>(options));
    }
    if (PreviousIs<DenseLayer>()) AddDropout(options_.dropout);
    return absl::OkStatus();
  }

  absl::Status Add(const DropoutLayer& dropout) {
    AddDropout(dropout.rate);
    return absl::OkStatus();
  }

  absl::Status Add(const FlattenLayer&) {
    EndBlocks();
    return absl::OkStatus();
  }

  absl::Status Add(const DenseLayer& dense) {
    ATTUNE_RETURN_IF_ERROR(
        CheckSize("weights", features_ * dense.width, kMostWeights));
    EndBlocks();
    layers_.push_back(std::make_unique<nn::Dense>(
        nn::DenseOptions{.inputs = features_,
                         .outputs = dense.width,
                         .activation = ActivationHere(),
                         .initialization = options_.initialization}));
    features_ = dense.width;
    if (!NextIs<BatchNormLayer>()) AddDropout(options_.dropout);
    return absl::OkStatus();
  }

  void AddDropout(double rate) {
    if (rate == 0.0) return;
    if (in_blocks_) {
      blocks_.push_back(
          std::make_unique<nn::Dropout>(features_ * nn::kBlock, rate));
    } else {
      layers_.push_back(std::make_unique<nn::Dropout>(features_, rate));
    }
  }

  void SetImage(const nn::ImageShape& image) {
    image_ = image;
    features_ = image.size();
  }

  // From here on there are features.
  void EndBlocks() {
    if (!in_blocks_) return;
    in_blocks_ = false;
    if (blocks_.empty()) return;
    layers_.push_back(std::make_unique<nn::BlockSequence>(std::move(batch_),
                                                          std::move(blocks_)));
  }

  const std::vector<LayerItem>& items_;
  const ConvNetworkOptions& options_;
  size_t at_ = 0;  // the item that is added
  nn::ImageShape image_;
  int64_t features_;
  bool in_blocks_ = true;
  std::unique_ptr<int64_t> batch_;
  std::vector<std::unique_ptr<nn::Layer>> blocks_;
  std::vector<std::unique_ptr<nn::Layer>> layers_;
};

}  // namespace

absl::StatusOr<nn::Network> BuildConvNetwork(
    const std::vector<LayerItem>& items, const ConvNetworkOptions& options,
    const Rng& rng) {
  if (!options.image.is_image()) {
    return absl::InvalidArgumentError(
        "building a network of convolutions: found a dataset whose examples "
        "are no images, expected images, or `network: mlp`");
  }
  ATTUNE_ASSIGN_OR_RETURN(auto layers, ConvBuilder(items, options).Build());
  return nn::Network(std::move(layers), rng);
}

}  // namespace attune

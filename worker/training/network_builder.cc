#include "worker/training/network_builder.h"

#include "absl/strings/string_view.h"
#include "core/check.h"

namespace attune {
namespace {

nn::Activation ActivationOf(absl::string_view word) {
  if (word == "relu") return nn::Activation::kRelu;
  if (word == "tanh") return nn::Activation::kTanh;
  ATTUNE_CHECK(word == "sigmoid");
  return nn::Activation::kSigmoid;
}

nn::Initializer InitializerOf(absl::string_view word) {
  if (word == "xavier_uniform") return nn::Initializer::kXavierUniform;
  if (word == "xavier_normal") return nn::Initializer::kXavierNormal;
  if (word == "he_uniform") return nn::Initializer::kHeUniform;
  ATTUNE_CHECK(word == "he_normal");
  return nn::Initializer::kHeNormal;
}

}  // namespace

absl::StatusOr<nn::Network> BuildNetwork(const NetworkConfig& config,
                                         const nn::Dataset& dataset,
                                         const Rng& rng) {
  return nn::MakeMlp(
      {.inputs = dataset.num_features(),
       .hidden = config.hidden_layers,
       .outputs = dataset.num_classes(),
       .activation = ActivationOf(config.activation),
       .initialization = {.initializer = InitializerOf(config.initialization)},
       .dropout = config.dropout},
      rng);
}

}  // namespace attune

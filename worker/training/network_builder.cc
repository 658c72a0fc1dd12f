#include "worker/training/network_builder.h"

#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "core/check.h"
#include "core/status_macros.h"
#include "worker/training/conv_builder.h"

namespace attune {
namespace {

nn::Activation ActivationOf(absl::string_view word) {
  if (word == "relu") return nn::Activation::kRelu;
  if (word == "leaky_relu") return nn::Activation::kLeakyRelu;
  if (word == "elu") return nn::Activation::kElu;
  if (word == "gelu") return nn::Activation::kGelu;
  if (word == "swish") return nn::Activation::kSwish;
  if (word == "tanh") return nn::Activation::kTanh;
  if (word == "sigmoid") return nn::Activation::kSigmoid;
  ATTUNE_CHECK(word == "softplus");
  return nn::Activation::kSoftplus;
}

nn::Initializer InitializerOf(absl::string_view word) {
  if (word == "xavier_uniform") return nn::Initializer::kXavierUniform;
  if (word == "xavier_normal") return nn::Initializer::kXavierNormal;
  if (word == "he_uniform") return nn::Initializer::kHeUniform;
  if (word == "he_normal") return nn::Initializer::kHeNormal;
  if (word == "lecun_uniform") return nn::Initializer::kLecunUniform;
  if (word == "lecun_normal") return nn::Initializer::kLecunNormal;
  if (word == "orthogonal") return nn::Initializer::kOrthogonal;
  if (word == "truncated_normal") return nn::Initializer::kTruncatedNormal;
  ATTUNE_CHECK(word == "constant");
  return nn::Initializer::kConstant;
}

nn::FanMode FanModeOf(absl::string_view word) {
  if (word == "in") return nn::FanMode::kInputs;
  if (word == "out") return nn::FanMode::kOutputs;
  ATTUNE_CHECK(word == "avg");
  return nn::FanMode::kAverage;
}

absl::StatusOr<nn::Precision> PrecisionOf(absl::string_view word) {
  if (word == "float") return nn::Precision::kScalar;
  ATTUNE_CHECK(word == "bf16");
  if (nn::HasBf16()) return nn::Precision::kBf16;
  return absl::FailedPreconditionError(
      "train.precision: found `bf16` on a processor without AVX512-BF16, "
      "expected `float`");
}

// A gigabyte of weights; with their gradients and an optimizer's memory four.
constexpr int64_t kMostWeights = int64_t{1} << 28;

absl::Status CheckMlpSize(int64_t inputs, std::vector<int64_t> widths,
                          int64_t outputs) {
  widths.push_back(outputs);
  int64_t weights = 0;
  for (const int64_t width : widths) {
    weights += (inputs + 1) * width;
    inputs = width;
  }
  if (weights <= kMostWeights) return absl::OkStatus();
  return absl::InvalidArgumentError(
      absl::StrCat("train.hidden_layers: found a network of ", weights,
                   " weights, expected at most ", kMostWeights));
}

}  // namespace

absl::StatusOr<nn::Network> BuildNetwork(const NetworkConfig& config,
                                         const nn::Dataset& dataset,
                                         const Rng& rng) {
  const int64_t outputs =
      dataset.is_regression() ? dataset.targets.rows() : dataset.num_classes();
  const nn::Activation activation = ActivationOf(config.activation);
  const nn::Initialization initialization = {
      .initializer = InitializerOf(config.initialization),
      .fan_mode = FanModeOf(config.fan_mode),
      .value = config.init_value};
  if (config.network != "mlp") {
    return BuildConvNetwork(config.layers,
                            {.image = dataset.image,
                             .outputs = outputs,
                             .activation = activation,
                             .initialization = initialization,
                             .dropout = config.dropout},
                            rng);
  }
  ATTUNE_RETURN_IF_ERROR(
      CheckMlpSize(dataset.num_features(), config.hidden_layers, outputs));
  ATTUNE_ASSIGN_OR_RETURN(const nn::Precision precision,
                          PrecisionOf(config.precision));
  return nn::MakeMlp({.inputs = dataset.num_features(),
                      .hidden = config.hidden_layers,
                      .outputs = outputs,
                      .activation = activation,
                      .initialization = initialization,
                      .dropout = config.dropout,
                      .batch_norm = config.batch_norm,
                      .residual = config.residual,
                      .precision = precision},
                     rng);
}

}  // namespace attune

#include "worker/training/loss_builder.h"

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "core/check.h"

namespace attune {
namespace {

nn::LossFunction FunctionOf(absl::string_view word, bool is_regression) {
  if (word == "auto") {
    return is_regression ? nn::LossFunction::kMse
                         : nn::LossFunction::kCrossEntropy;
  }
  if (word == "cross_entropy") return nn::LossFunction::kCrossEntropy;
  if (word == "mse") return nn::LossFunction::kMse;
  if (word == "mae") return nn::LossFunction::kMae;
  if (word == "huber") return nn::LossFunction::kHuber;
  ATTUNE_CHECK(word == "binary_cross_entropy");
  return nn::LossFunction::kBinaryCrossEntropy;
}

absl::Status CheckFits(nn::LossFunction function, const nn::Table& targets) {
  if (function == nn::LossFunction::kCrossEntropy) {
    return absl::InvalidArgumentError(
        "train.loss: found cross_entropy where the data have a number to "
        "predict, expected mse, mae, huber or binary_cross_entropy");
  }
  if (function != nn::LossFunction::kBinaryCrossEntropy) {
    return absl::OkStatus();
  }
  for (const double target : targets.reshaped()) {
    if (target >= 0 && target <= 1) continue;
    return absl::InvalidArgumentError(absl::StrCat(
        "train.loss: found binary_cross_entropy where a number to predict is ",
        target, ", expected all of them from 0 to 1"));
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<nn::Loss> BuildLoss(const NetworkConfig& config,
                                   const nn::Dataset& dataset) {
  nn::Loss loss{.function = FunctionOf(config.loss, dataset.is_regression()),
                .label_smoothing = config.label_smoothing,
                .huber_delta = config.huber_delta};
  if (dataset.is_regression()) {
    const absl::Status status = CheckFits(loss.function, dataset.targets);
    if (!status.ok()) return status;
  }
  return loss;
}

}  // namespace attune

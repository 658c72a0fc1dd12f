#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "core/check.h"
#include "core/network_settings.h"
#include "tests/fuzz/fuzz_targets.h"
#include "tests/fuzz/refusal.h"
#include "worker/artifacts/tensor_file.h"
#include "worker/data/csv_inputs.h"
#include "worker/training/checkpoint.h"
#include "worker/training/model.h"
#include "worker/training/onnx_export.h"
#include "worker/training/prediction.h"

namespace attune {
namespace {

// The tensors in `bytes`. A checksum that is wrong is made right, as somebody
// would who means to be believed: else nothing got past it.
std::optional<TensorFile> ReadTensors(absl::string_view bytes) {
  auto file = DecodeTensors(bytes, "fuzz");
  if (file.ok()) return *std::move(file);
  CheckRefusal(file.status());
  absl::string_view message = file.status().message();
  if (!absl::ConsumePrefix(&message, "reading fuzz: found the checksum ")) {
    return std::nullopt;
  }
  constexpr absl::string_view kExpected = ", expected ";
  const size_t end = message.find(kExpected);
  ATTUNE_CHECK(end != absl::string_view::npos);
  const absl::string_view found = message.substr(0, end);
  const absl::string_view right = message.substr(end + kExpected.size(), 8);
  const size_t place = bytes.find(found);
  if (found.size() != right.size() || place == absl::string_view::npos) {
    return std::nullopt;
  }
  const std::string repaired = absl::StrCat(bytes.substr(0, place), right,
                                            bytes.substr(place + right.size()));
  file = DecodeTensors(repaired, "fuzz");
  return file.ok() ? std::optional(*std::move(file)) : std::nullopt;
}

// Whether the network takes no more than a moment to build.
bool IsSmall(const NetworkConfig& config, const nn::Dataset& shape) {
  constexpr int64_t kMost = 64;
  const auto wide = [](const LayerItem& layer) {
    const auto* conv = std::get_if<ConvLayer>(&layer);
    const auto* dense = std::get_if<DenseLayer>(&layer);
    return (conv != nullptr && conv->channels > kMost) ||
           (dense != nullptr && dense->width > kMost);
  };
  return shape.num_features() <= kMost * kMost &&
         std::ssize(config.hidden_layers) <= 4 && config.layers.size() <= 8 &&
         std::none_of(config.layers.begin(), config.layers.end(), wide) &&
         std::none_of(config.hidden_layers.begin(), config.hidden_layers.end(),
                      [](int64_t width) { return width > kMost; });
}

// Two examples, of which one has nothing that may be missing.
nn::Dataset MakeExamples(const nn::Dataset& shape) {
  nn::Dataset examples = shape;
  const int64_t features = shape.num_features();
  if (shape.image.is_image()) {
    examples.inputs = nn::Pixels(nn::Pixels::Constant(features, 2, 7));
    return examples;
  }
  nn::Table table = nn::Table::Ones(features, 2);
  if (shape.has_missing) {
    table.col(1).setConstant(std::numeric_limits<double>::quiet_NaN());
  }
  examples.inputs = std::move(table);
  return examples;
}

}  // namespace

void FuzzModel(absl::string_view bytes) {
  const std::optional<TensorFile> file = ReadTensors(bytes);
  if (!file.has_value()) return;
  const auto model = ModelFromTensors(*file);
  if (!model.ok()) return CheckRefusal(model.status());
  const auto config = ResolveNetworkConfig(model->settings, {});
  if (!config.ok()) return CheckRefusal(config.status());
  if (!IsSmall(*config, model->shape)) return;
  if (!model->shape.image.is_image()) {
    const auto inputs = nn::ParseCsvInputs("x,colour\n1,red\n2,blue\n",
                                           model->shape, "fuzz.csv");
    if (!inputs.ok()) CheckRefusal(inputs.status());
  }
  const auto predictions = Predict(*model, MakeExamples(model->shape));
  if (!predictions.ok()) return CheckRefusal(predictions.status());
  ATTUNE_CHECK(predictions->size() == 2);
  ATTUNE_CHECK(ToOnnx(*model).ok());
}

void FuzzCheckpoint(absl::string_view bytes) {
  const std::optional<TensorFile> file = ReadTensors(bytes);
  if (!file.has_value()) return;
  const auto identity = file->metadata.find("identity");
  const std::string name =
      identity == file->metadata.end() ? "" : identity->second;
  const auto state = StateFromTensors(*file, name);
  if (!state.ok()) return CheckRefusal(state.status());
  StateShape shape = {.epochs = 3,
                      .steps_per_epoch = 7,
                      .params = 5,
                      .layer_state = 2,
                      .slots = {5, 5},
                      .slots_may_be_empty = true,
                      .has_best = state->best.has_value()};
  for (shape.report_every_steps = 0; shape.report_every_steps < 4;
       ++shape.report_every_steps) {
    const absl::Status fits = CheckFits(*state, shape);
    if (!fits.ok()) CheckRefusal(fits);
  }
  // What was read is what is written.
  const auto again = StateFromTensors(ToTensors(*state, name), name);
  ATTUNE_CHECK(again.ok() && again->measurements == state->measurements);
  ATTUNE_CHECK(again->epoch == state->epoch && again->step == state->step);
}

}  // namespace attune

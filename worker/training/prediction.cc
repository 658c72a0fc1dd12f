#include "worker/training/prediction.h"

#include <algorithm>
#include <cstdint>
#include <numeric>
#include <utility>
#include <variant>

#include "absl/strings/str_cat.h"
#include "absl/types/span.h"
#include "core/random.h"
#include "core/status_macros.h"
#include "worker/artifacts/durable_file.h"
#include "worker/data/csv_inputs.h"
#include "worker/data/gather.h"
#include "worker/data/idx.h"
#include "worker/nn/loss.h"
#include "worker/training/flush_tiny_numbers.h"
#include "worker/training/loss_builder.h"
#include "worker/training/network_builder.h"

namespace attune {
namespace {

constexpr int64_t kBatch = 256;

std::string ImageText(const nn::ImageShape& image) {
  return absl::StrCat("images of ", image.channels, " x ", image.height, " x ",
                      image.width, " pixels");
}

Prediction ClassOf(const nn::Dataset& shape,
                   const Eigen::Ref<const nn::Vector>& outputs) {
  Eigen::Index best = 0;
  const auto confidence = static_cast<double>(outputs.maxCoeff(&best));
  return {.label = shape.classes[static_cast<size_t>(best)],
          .confidence = confidence};
}

// Undoes what nn::Scaling did to the targets.
Prediction TargetsOf(const nn::Scaling& scaling,
                     const Eigen::Ref<const nn::Vector>& outputs) {
  Prediction prediction;
  for (Eigen::Index i = 0; i < outputs.size(); ++i) {
    const auto output = static_cast<double>(outputs[i]);
    prediction.targets.push_back(output / scaling.target_scale[i] +
                                 scaling.target_mean[i]);
  }
  return prediction;
}

}  // namespace

absl::StatusOr<Model> ReadModel(const std::string& path) {
  ATTUNE_ASSIGN_OR_RETURN(const std::string bytes, ReadWholeFile(path));
  // After eight bytes that are a length, such a file goes on with JSON.
  constexpr size_t kLengthBytes = 8;
  if (bytes.size() <= kLengthBytes || bytes[kLengthBytes] != '{') {
    return absl::DataLossError(
        absl::StrCat("reading ", path,
                     ": found no model, expected a file in the safetensors "
                     "format, as a trial's model.safetensors"));
  }
  ATTUNE_ASSIGN_OR_RETURN(const TensorFile file, DecodeTensors(bytes, path));
  absl::StatusOr<Model> model = ModelFromTensors(file);
  if (model.ok()) return model;
  return absl::Status(
      model.status().code(),
      absl::StrCat("reading ", path, ": ", model.status().message()));
}

absl::StatusOr<nn::Dataset> ReadExamples(const Model& model,
                                         const std::string& path) {
  nn::Dataset examples = model.shape;
  if (!model.shape.image.is_image()) {
    ATTUNE_ASSIGN_OR_RETURN(examples.inputs,
                            nn::ReadCsvInputs(path, model.shape));
    return examples;
  }
  ATTUNE_ASSIGN_OR_RETURN(nn::IdxImages images, nn::ReadIdxImages(path));
  if (images.shape != model.shape.image) {
    return absl::InvalidArgumentError(absl::StrCat(
        "reading ", path, ": found ", ImageText(images.shape), ", expected ",
        ImageText(model.shape.image), " as the model learnt from"));
  }
  examples.inputs = std::move(images.pixels);
  return examples;
}

absl::StatusOr<nn::Network> RebuildNetwork(const Model& model,
                                           NetworkConfig config) {
  // What training multiplied in bf16 is measured in float, on any processor.
  config.precision = "float";
  ATTUNE_ASSIGN_OR_RETURN(nn::Network network,
                          BuildNetwork(config, model.shape, Rng(0)));
  if (network.params().size() != model.params.size() ||
      network.State().size() != model.layer_state.size()) {
    return absl::InvalidArgumentError(absl::StrCat(
        "found a model of ", model.params.size(), " weights, expected ",
        network.params().size(),
        " as its settings say: another version of Attune wrote it"));
  }
  network.params() = model.params;
  network.SetState(model.layer_state);
  return network;
}

absl::StatusOr<std::vector<Prediction>> Predict(const Model& model,
                                                const nn::Dataset& examples) {
  const FlushTinyNumbers flush;
  ATTUNE_ASSIGN_OR_RETURN(const NetworkConfig config,
                          ResolveNetworkConfig(model.settings, {}));
  ATTUNE_ASSIGN_OR_RETURN(const nn::Loss loss, BuildLoss(config, model.shape));
  ATTUNE_ASSIGN_OR_RETURN(nn::Network network, RebuildNetwork(model, config));
  const int64_t count = std::visit(
      [](const auto& inputs) { return inputs.cols(); }, examples.inputs);
  std::vector<int64_t> order(static_cast<size_t>(count));
  std::iota(order.begin(), order.end(), 0);
  nn::Matrix inputs(examples.num_features(), std::min(kBatch, count));
  std::vector<Prediction> predictions;
  for (int64_t begin = 0; begin < count; begin += kBatch) {
    const auto batch = absl::MakeConstSpan(order).subspan(
        static_cast<size_t>(begin), static_cast<size_t>(kBatch));
    const nn::MatrixView view(inputs.data(), inputs.rows(), std::ssize(batch));
    nn::GatherInputs(examples, batch, model.scaling, view);
    nn::Matrix outputs = network.Forward(
        nn::ConstMatrixView(view.data(), view.rows(), view.cols()),
        nn::Mode::kEval);
    nn::OutputsToPredictions(
        loss.function,
        nn::MatrixView(outputs.data(), outputs.rows(), outputs.cols()));
    for (Eigen::Index i = 0; i < outputs.cols(); ++i) {
      predictions.push_back(model.shape.is_regression()
                                ? TargetsOf(model.scaling, outputs.col(i))
                                : ClassOf(model.shape, outputs.col(i)));
    }
  }
  return predictions;
}

}  // namespace attune

#include "worker/training/onnx_export.h"

#include <algorithm>
#include <cstdint>
#include <numbers>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "core/network_settings.h"
#include "core/status_macros.h"
#include "worker/artifacts/settings_json.h"
#include "worker/nn/activation.h"
#include "worker/nn/batch_norm.h"
#include "worker/nn/conv.h"
#include "worker/nn/dense.h"
#include "worker/nn/layer_visitor.h"
#include "worker/nn/loss.h"
#include "worker/nn/network.h"
#include "worker/nn/pool.h"
#include "worker/training/loss_builder.h"
#include "worker/training/prediction.h"

namespace attune {
namespace {

// As ONNX numbers the types of elements.
constexpr int64_t kFloatElements = 1;
constexpr int64_t kDoubleElements = 11;

template <typename Values>
std::vector<float> Floats(const Values& values) {
  std::vector<float> floats;
  floats.reserve(static_cast<size_t>(values.size()));
  for (Eigen::Index i = 0; i < values.size(); ++i) {
    floats.push_back(static_cast<float>(values[i]));
  }
  return floats;
}

std::vector<double> Doubles(const Eigen::VectorXd& values) {
  return {values.data(), values.data() + values.size()};
}

// Zeros before and after `length` pixels: of an odd number one more after.
std::pair<int64_t, int64_t> Zeros(int64_t length, int64_t outputs, int64_t size,
                                  const nn::Window& window) {
  if (window.padding == nn::Padding::kValid) return {0, 0};
  const int64_t all =
      std::max<int64_t>(0, (outputs - 1) * window.stride + size - length);
  return {all / 2, all - all / 2};
}

// Puts operators one after the other, each of the value that is there.
class GraphWriter : public nn::LayerVisitor {
 public:
  GraphWriter(OnnxGraph* graph, const nn::ImageShape& image)
      : graph_(graph), value_(graph->input.name), image_(image) {}

  void VisitDense(const nn::DenseOptions& options,
                  const nn::ConstVectorView& params) override {
    Flatten();
    const int64_t weights = options.inputs * options.outputs;
    const std::string weight =
        AddTensor("weight", {options.inputs, options.outputs},
                  Floats(nn::ConstVectorView(params.data(), weights)));
    const std::string bias = AddTensor("bias", {options.outputs},
                                       Floats(params.tail(options.outputs)));
    Apply("Gemm", {weight, bias});
    Activate(options.activation);
  }

  void VisitConv(const nn::ConvOptions& options,
                 const nn::ConstVectorView& params) override {
    const nn::Window& window = options.window;
    const nn::ImageShape positions = nn::OutputShape(options.input, window);
    const auto [top, bottom] =
        Zeros(options.input.height, positions.height, window.height, window);
    const auto [left, right] =
        Zeros(options.input.width, positions.width, window.width, window);
    const std::string weight = AddTensor(
        "weight",
        {options.outputs, options.input.channels, window.height, window.width},
        RowByRow(options, params));
    const std::string bias = AddTensor("bias", {options.outputs},
                                       Floats(params.tail(options.outputs)));
    Apply("Conv", {weight, bias},
          {{"kernel_shape", Pair(window.height, window.width)},
           {"strides", Pair(window.stride, window.stride)},
           {"pads", std::vector<int64_t>{top, left, bottom, right}}});
    image_ = positions;
    image_.channels = options.outputs;
    Activate(options.activation);
    if (!options.pool) return;
    VisitPool({.input = image_,
               .window = {.height = 2, .width = 2, .stride = 2},
               .kind = nn::PoolKind::kMax});
  }

  void VisitPool(const nn::PoolOptions& options) override {
    const nn::Window& window = options.window;
    const bool largest = options.kind == nn::PoolKind::kMax;
    Apply(largest ? "MaxPool" : "AveragePool", {},
          {{"kernel_shape", Pair(window.height, window.width)},
           {"strides", Pair(window.stride, window.stride)}});
    image_ = nn::OutputShape(options.input, window);
  }

  void VisitBatchNorm(const nn::BatchNormOptions& options,
                      const nn::ConstVectorView& params,
                      const nn::ConstVectorView& running) override {
    // Where it is no image's channels that it is about.
    if (options.channels != image_.channels) Flatten();
    const int64_t size = options.channels;
    const auto add = [&](absl::string_view name, const auto& values) {
      return AddTensor(name, {size}, Floats(values));
    };
    const std::string gamma = add("gamma", params.head(size));
    const std::string beta = add("beta", params.tail(size));
    const std::string mean = add("mean", running.head(size));
    const std::string variance = add("variance", running.tail(size));
    Apply("BatchNormalization", {gamma, beta, mean, variance},
          {{"epsilon", static_cast<float>(options.epsilon)}});
    Activate(options.activation);
  }

  void VisitResidual(const nn::Layer& inner,
                     const nn::ConstVectorView& params) override {
    Flatten();
    const std::string input = value_;
    inner.Accept(params, *this);
    Apply("Add", {input});
  }

  // What Predict() does before the network.
  void Standardize(const nn::Scaling& scaling) {
    if (image_.is_image()) {
      const int64_t channels = scaling.scale.size();
      Apply("Mul",
            {AddTensor("scale", {channels, 1, 1}, Floats(scaling.scale))});
      const Eigen::VectorXd offset = -scaling.mean.cwiseProduct(scaling.scale);
      Apply("Add", {AddTensor("offset", {channels, 1, 1}, Floats(offset))});
      return;
    }
    const int64_t features = scaling.scale.size();
    Apply("Sub", {AddTensor("mean", {features}, Doubles(scaling.mean))});
    Apply("Mul", {AddTensor("scale", {features}, Doubles(scaling.scale))});
    Apply("Cast", {}, {{"to", kFloatElements}});
    if (scaling.fill.size() == 0) return;
    const std::string fill =
        AddTensor("fill", {features}, Floats(scaling.fill));
    const std::string scaled = value_;
    Apply("IsNaN");
    Apply("Where", {fill, scaled});
  }

  // And after it.
  void TurnIntoPredictions(nn::LossFunction function) {
    if (function == nn::LossFunction::kCrossEntropy) {
      Apply("Softmax", {}, {{"axis", int64_t{1}}});
    }
    if (function == nn::LossFunction::kBinaryCrossEntropy) Apply("Sigmoid");
  }
  void TurnIntoTargets(const nn::Scaling& scaling) {
    const int64_t targets = scaling.target_scale.size();
    Apply("Cast", {}, {{"to", kDoubleElements}});
    Apply("Div", {AddTensor("target_scale", {targets},
                            Doubles(scaling.target_scale))});
    Apply("Add",
          {AddTensor("target_mean", {targets}, Doubles(scaling.target_mean))});
  }

  // Gives the last value the output's name.
  void Finish() { graph_->nodes.back().output = graph_->output.name; }

 private:
  static std::vector<int64_t> Pair(int64_t first, int64_t second) {
    return {first, second};
  }

  // The kernels, of which the engine has each weight's outputs side by side.
  static std::vector<float> RowByRow(const nn::ConvOptions& options,
                                     const nn::ConstVectorView& params) {
    const int64_t inputs =
        options.input.channels * options.window.height * options.window.width;
    std::vector<float> weights;
    weights.reserve(static_cast<size_t>(inputs * options.outputs));
    for (int64_t output = 0; output < options.outputs; ++output) {
      for (int64_t input = 0; input < inputs; ++input) {
        weights.push_back(
            static_cast<float>(params[input * options.outputs + output]));
      }
    }
    return weights;
  }

  // A tensor for the operator that comes next.
  template <typename Value>
  std::string AddTensor(absl::string_view name, std::vector<int64_t> dims,
                        std::vector<Value> values) {
    OnnxTensor& tensor = graph_->tensors.emplace_back();
    tensor.name = absl::StrCat("layer", graph_->nodes.size(), ".", name);
    tensor.dims = std::move(dims);
    tensor.values = std::move(values);
    return tensor.name;
  }

  // Applies an operator to the value that is there and `others`.
  void Apply(absl::string_view op, const std::vector<std::string>& others = {},
             std::map<std::string, OnnxAttribute> attributes = {}) {
    OnnxNode node = {.op = std::string(op),
                     .inputs = {value_},
                     .output = absl::StrCat("layer", graph_->nodes.size()),
                     .attributes = std::move(attributes)};
    node.inputs.insert(node.inputs.end(), others.begin(), others.end());
    value_ = node.output;
    graph_->nodes.push_back(std::move(node));
  }

  // From here on there are features.
  void Flatten() {
    if (!image_.is_image()) return;
    Apply("Flatten", {}, {{"axis", int64_t{1}}});
    image_ = {};
  }

  void Activate(nn::Activation activation) {
    const std::string z = value_;
    switch (activation) {
      case nn::Activation::kIdentity:
        return;
      case nn::Activation::kRelu:
        return Apply("Relu");
      case nn::Activation::kLeakyRelu:
        return Apply("LeakyRelu", {}, {{"alpha", 0.01F}});
      case nn::Activation::kElu:
        return Apply("Elu", {}, {{"alpha", 1.0F}});
      case nn::Activation::kGelu:
        return ApplyGelu();
      case nn::Activation::kSwish:
        Apply("Sigmoid");
        return Apply("Mul", {z});
      case nn::Activation::kTanh:
        return Apply("Tanh");
      case nn::Activation::kSigmoid:
        return Apply("Sigmoid");
      case nn::Activation::kSoftplus:
        return Apply("Softplus");
    }
  }

  // z (1/2 + 1/2 erf(z / sqrt 2)), which these opsets have no operator for.
  void ApplyGelu() {
    const std::string z = value_;
    const auto constant = [this](absl::string_view name, float value) {
      return AddTensor(name, {}, std::vector<float>{value});
    };
    Apply("Mul", {constant("half_root", std::numbers::sqrt2_v<float> / 2)});
    Apply("Erf");
    const std::string half = constant("half", 0.5F);
    Apply("Mul", {half});
    Apply("Add", {half});
    Apply("Mul", {z});
  }

  OnnxGraph* const graph_;
  std::string value_;     // the last one's name
  nn::ImageShape image_;  // what it is; none: features
};

// What the features of a table stand for: `x`, or `colour=red`.
std::vector<std::string> FeatureNames(const nn::Dataset& shape) {
  std::vector<std::string> names;
  for (const nn::InputColumn& column : shape.columns) {
    if (column.categories.empty()) names.push_back(column.name);
    for (const std::string& category : column.categories) {
      names.push_back(absl::StrCat(column.name, "=", category));
    }
  }
  return names;
}

OnnxGraph EmptyGraph(const Model& model) {
  OnnxGraph graph;
  const nn::Dataset& shape = model.shape;
  if (shape.image.is_image()) {
    graph.input = {
        .name = "images",
        .dims = {shape.image.channels, shape.image.height, shape.image.width}};
  } else {
    graph.input = {.name = "features",
                   .type = OnnxType::kDouble,
                   .dims = {shape.num_features()}};
  }
  if (shape.is_regression()) {
    graph.output = {.name = "prediction",
                    .type = OnnxType::kDouble,
                    .dims = {shape.targets.rows()}};
  } else {
    graph.output = {.name = "confidence", .dims = {shape.num_classes()}};
    graph.metadata["classes"] = NamesToJson(shape.classes);
  }
  if (!shape.columns.empty()) {
    graph.metadata["features"] = NamesToJson(FeatureNames(shape));
  }
  for (const char* what : {"study", "trial"}) {
    const auto found = model.about.find(what);
    if (found != model.about.end()) graph.metadata[what] = found->second;
  }
  return graph;
}

}  // namespace

absl::StatusOr<OnnxGraph> ToOnnx(const Model& model) {
  ATTUNE_ASSIGN_OR_RETURN(const NetworkConfig config,
                          ResolveNetworkConfig(model.settings, {}));
  ATTUNE_ASSIGN_OR_RETURN(const nn::Loss loss, BuildLoss(config, model.shape));
  ATTUNE_ASSIGN_OR_RETURN(const nn::Network network,
                          RebuildNetwork(model, config));
  OnnxGraph graph = EmptyGraph(model);
  GraphWriter writer(&graph, model.shape.image);
  writer.Standardize(model.scaling);
  network.Accept(writer);
  writer.TurnIntoPredictions(loss.function);
  if (model.shape.is_regression()) writer.TurnIntoTargets(model.scaling);
  writer.Finish();
  return graph;
}

}  // namespace attune

#include "worker/training/onnx_export.h"

#include <algorithm>
#include <cstdint>
#include <limits>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/testing/status_matchers.h"
#include "tests/worker/training/small_data.h"
#include "worker/training/network_builder.h"

namespace attune {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Pair;
using testing::UnorderedElementsAre;

// Of a network whose parameters count 0, 1, 2..., as does what it keeps.
Model CountingModel(const nn::Dataset& dataset, const Parameters& settings) {
  Model model = {.settings = settings,
                 .shape = ShapeOf(dataset),
                 .about = {{"study", "s"}, {"trial", "3"}, {"epoch", "9"}}};
  nn::Network network =
      BuildNetwork(MakeConfig(settings), dataset, Rng(0)).value();
  const auto count = [](Eigen::Index i) { return static_cast<double>(i); };
  model.params = nn::Vector::NullaryExpr(network.params().size(), count);
  model.layer_state = nn::Vector::NullaryExpr(network.State().size(), count);
  model.scaling = nn::Standardize(dataset, {0, 1, 2});
  return model;
}

OnnxGraph Export(const nn::Dataset& dataset, const Parameters& settings) {
  return ToOnnx(CountingModel(dataset, settings)).value();
}

std::vector<std::string> Ops(const OnnxGraph& graph) {
  std::vector<std::string> ops;
  for (const OnnxNode& node : graph.nodes) ops.push_back(node.op);
  return ops;
}

const OnnxNode& Find(const OnnxGraph& graph, const std::string& op) {
  return *std::find_if(graph.nodes.begin(), graph.nodes.end(),
                       [&](const OnnxNode& node) { return node.op == op; });
}

// The values of an operator's input, which is a tensor.
std::vector<float> Tensor(const OnnxGraph& graph, const std::string& name) {
  for (const OnnxTensor& tensor : graph.tensors) {
    if (tensor.name == name) {
      return std::get<std::vector<float>>(tensor.values);
    }
  }
  return {};
}

// Three images of 5 x 4 pixels and two channels.
nn::Dataset Images() {
  nn::Dataset dataset;
  dataset.image = {.channels = 2, .height = 5, .width = 4};
  dataset.inputs = nn::Pixels(
      nn::Pixels::NullaryExpr(40, 3, [](Eigen::Index row, Eigen::Index column) {
        return static_cast<uint8_t>(row * 5 + column);
      }));
  dataset.labels = {0, 1, 0};
  dataset.classes = {"a", "b"};
  return dataset;
}

TEST(OnnxExportTest, SaysWhatGoesInAndOut) {
  nn::Dataset dataset = MakeBlobs(3);
  dataset.columns = {{.name = "x"}, {.name = "c", .categories = {"r", "g"}}};
  dataset.columns.push_back({.name = "y"});
  const OnnxGraph graph = Export(dataset, {});
  EXPECT_EQ(graph.input.name, "features");
  EXPECT_EQ(graph.input.type, OnnxType::kDouble);
  EXPECT_THAT(graph.input.dims, ElementsAre(4));
  EXPECT_EQ(graph.output.name, "confidence");
  EXPECT_THAT(graph.output.dims, ElementsAre(3));
  EXPECT_THAT(graph.metadata,
              UnorderedElementsAre(Pair("classes", R"(["0","1","2"])"),
                                   Pair("features", R"(["x","c=r","c=g","y"])"),
                                   Pair("study", "s"), Pair("trial", "3")));
  EXPECT_EQ(graph.nodes.front().inputs.front(), "features");
  EXPECT_EQ(graph.nodes.back().output, "confidence");
}

TEST(OnnxExportTest, StandardizesFillsAndNormalizesAroundThePerceptron) {
  nn::Dataset dataset = MakeBlobs(3);
  dataset.has_missing = true;
  std::get<nn::Table>(dataset.inputs)(0, 0) =
      std::numeric_limits<double>::quiet_NaN();
  const OnnxGraph graph =
      Export(dataset, {{"hidden_layers", std::string("5,5")},
                       {"batch_norm", true},
                       {"residual", true},
                       {"activation", std::string("tanh")}});
  EXPECT_THAT(Ops(graph), ElementsAre("Sub", "Mul", "Cast", "IsNaN", "Where",
                                      "Gemm", "BatchNormalization", "Tanh",
                                      "Gemm", "BatchNormalization", "Tanh",
                                      "Add", "Gemm", "Softmax"));
  // Each takes the value before it; the residual one also that before its own.
  EXPECT_EQ(graph.nodes[11].inputs[1], graph.nodes[7].output);
  const OnnxNode& norm = Find(graph, "BatchNormalization");
  EXPECT_THAT(Tensor(graph, norm.inputs[1]), ElementsAre(25, 26, 27, 28, 29));
  EXPECT_THAT(Tensor(graph, norm.inputs[4]), ElementsAre(5, 6, 7, 8, 9));
  EXPECT_EQ(std::get<float>(norm.attributes.at("epsilon")), 1e-5F);
}

TEST(OnnxExportTest, TakesTargetsBackToTheirUnits) {
  const OnnxGraph graph =
      Export(MakeLine(3), {{"hidden_layers", std::string()}});
  EXPECT_THAT(Ops(graph),
              ElementsAre("Sub", "Mul", "Cast", "Gemm", "Cast", "Div", "Add"));
  EXPECT_EQ(graph.output.name, "prediction");
  EXPECT_EQ(graph.output.type, OnnxType::kDouble);
  EXPECT_EQ(std::get<int64_t>(graph.nodes[2].attributes.at("to")), 1);
  EXPECT_EQ(std::get<int64_t>(graph.nodes[4].attributes.at("to")), 11);
}

TEST(OnnxExportTest, TurnsKernelsToRowsAndPadsAsTheEngineDoes) {
  const OnnxGraph graph = Export(
      Images(),
      {{"network", std::string("cnn")},
       {"layers",
        std::string("conv 2x1x3 stride 2 same, batch_norm, pool 2, "
                    "avgpool 1 stride 1, flatten, dense 4, batch_norm")}});
  EXPECT_THAT(Ops(graph),
              ElementsAre("Mul", "Add", "Conv", "BatchNormalization", "Relu",
                          "MaxPool", "AveragePool", "Flatten", "Gemm",
                          "BatchNormalization", "Relu", "Gemm", "Softmax"));
  EXPECT_EQ(graph.input.name, "images");
  EXPECT_EQ(graph.input.type, OnnxType::kFloat);
  EXPECT_THAT(graph.input.dims, ElementsAre(2, 5, 4));
  const OnnxNode& conv = Find(graph, "Conv");
  // Of 5 rows and a stride of 2 the last kernel needs one more row below.
  EXPECT_THAT(std::get<std::vector<int64_t>>(conv.attributes.at("pads")),
              ElementsAre(0, 0, 1, 0));
  EXPECT_THAT(std::get<std::vector<int64_t>>(conv.attributes.at("strides")),
              ElementsAre(2, 2));
  EXPECT_THAT(Tensor(graph, conv.inputs[1]),
              ElementsAre(0, 3, 6, 9, 1, 4, 7, 10, 2, 5, 8, 11));
  EXPECT_THAT(Tensor(graph, conv.inputs[2]), ElementsAre(12, 13, 14));
}

TEST(OnnxExportTest, APoolThatTheConvolutionDoesOnItsWayIsOneOfItsOwn) {
  const OnnxGraph graph =
      Export(Images(), {{"network", std::string("cnn")},
                        {"layers", std::string("conv 1x1x2, pool 2")}});
  EXPECT_THAT(Ops(graph), ElementsAre("Mul", "Add", "Conv", "Relu", "MaxPool",
                                      "Flatten", "Gemm", "Softmax"));
  EXPECT_THAT(std::get<std::vector<int64_t>>(
                  Find(graph, "MaxPool").attributes.at("kernel_shape")),
              ElementsAre(2, 2));
}

struct ActivationCase {
  std::string name;
  std::vector<std::string> ops;
};

class OnnxActivationTest : public testing::TestWithParam<ActivationCase> {};

TEST_P(OnnxActivationTest, IsOneOfTheOperatorsOrMadeOfThem) {
  const OnnxGraph graph =
      Export(MakeLine(3),
             {{"hidden_layers", int64_t{2}}, {"activation", GetParam().name}});
  std::vector<std::string> ops = Ops(graph);
  // Between the first and the second product.
  ops.erase(ops.begin(), ops.begin() + 4);
  ops.resize(ops.size() - 4);
  EXPECT_EQ(ops, GetParam().ops);
}

INSTANTIATE_TEST_SUITE_P(
    All, OnnxActivationTest,
    testing::Values(ActivationCase{"relu", {"Relu"}},
                    ActivationCase{"leaky_relu", {"LeakyRelu"}},
                    ActivationCase{"elu", {"Elu"}},
                    ActivationCase{"gelu", {"Mul", "Erf", "Mul", "Add", "Mul"}},
                    ActivationCase{"swish", {"Sigmoid", "Mul"}},
                    ActivationCase{"tanh", {"Tanh"}},
                    ActivationCase{"sigmoid", {"Sigmoid"}},
                    ActivationCase{"softplus", {"Softplus"}}),
    [](const auto& test) { return test.param.name; });

TEST(OnnxExportTest, TurnsOutputsIntoWhatTheLossTakesThemFor) {
  EXPECT_EQ(
      Ops(Export(MakeBlobs(3), {{"loss", std::string("binary_cross_entropy")}}))
          .back(),
      "Sigmoid");
  EXPECT_EQ(Ops(Export(MakeBlobs(3), {{"loss", std::string("mse")}})).back(),
            "Gemm");
}

TEST(OnnxExportTest, RefusesWeightsThatDoNotFitTheSettings) {
  Model model = CountingModel(MakeBlobs(3), {});
  model.params.conservativeResize(5);
  EXPECT_THAT(ToOnnx(model), StatusIs(absl::StatusCode::kInvalidArgument,
                                      HasSubstr("another version")));
}

}  // namespace
}  // namespace attune

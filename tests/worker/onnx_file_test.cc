#include "worker/onnx_file.h"

#include <cstring>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "proto/onnx.pb.h"
#include "tests/testing/status_matchers.h"
#include "tests/testing/temporary_directory.h"
#include "worker/artifacts/durable_file.h"

namespace attune {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

OnnxGraph SmallGraph() {
  return {.input = {.name = "x", .type = OnnxType::kDouble, .dims = {2}},
          .output = {.name = "y", .dims = {3, 4}},
          .tensors = {{.name = "w",
                       .dims = {1, 2},
                       .values = std::vector<float>{0.5F, -1.0F}},
                      {.name = "v", .values = std::vector<double>{0.25}}},
          .nodes = {{.op = "Conv",
                     .inputs = {"x", "w"},
                     .output = "y",
                     .attributes = {{"alpha", 0.0F},
                                    {"axis", int64_t{0}},
                                    {"pads", std::vector<int64_t>{1, 2}}}}},
          .metadata = {{"classes", "[]"}}};
}

onnx::Model Written(const OnnxGraph& graph) {
  onnx::Model model;
  EXPECT_TRUE(model.ParseFromString(EncodeOnnx(graph).value()));
  return model;
}

TEST(OnnxFileTest, SaysWhichFormatAndOperatorsItIsOf) {
  const onnx::Model model = Written(SmallGraph());
  EXPECT_EQ(model.ir_version(), 8);
  EXPECT_EQ(model.producer_name(), "attune");
  ASSERT_EQ(model.opset_import_size(), 1);
  EXPECT_EQ(model.opset_import(0).version(), 15);
  ASSERT_EQ(model.metadata_props_size(), 1);
  EXPECT_EQ(model.metadata_props(0).key(), "classes");
}

TEST(OnnxFileTest, InputsAndOutputsAreBatchesOfAnySize) {
  const onnx::Graph graph = Written(SmallGraph()).graph();
  const auto& input = graph.input(0).type().tensor_type();
  EXPECT_EQ(input.elem_type(), 11);
  ASSERT_EQ(input.shape().dim_size(), 2);
  EXPECT_EQ(input.shape().dim(0).dim_param(), "N");
  EXPECT_EQ(input.shape().dim(1).dim_value(), 2);
  const auto& output = graph.output(0).type().tensor_type();
  EXPECT_EQ(output.elem_type(), 1);
  EXPECT_EQ(output.shape().dim_size(), 3);
}

TEST(OnnxFileTest, TensorsHaveTheirBytes) {
  const onnx::Graph graph = Written(SmallGraph()).graph();
  ASSERT_EQ(graph.initializer_size(), 2);
  EXPECT_THAT(graph.initializer(0).dims(), ElementsAre(1, 2));
  EXPECT_EQ(graph.initializer(0).data_type(), 1);
  float second = 0;
  ASSERT_EQ(graph.initializer(0).raw_data().size(), 2 * sizeof(second));
  std::memcpy(&second, graph.initializer(0).raw_data().data() + sizeof(second),
              sizeof(second));
  EXPECT_EQ(second, -1.0F);
  EXPECT_EQ(graph.initializer(1).data_type(), 11);
  EXPECT_EQ(graph.initializer(1).dims_size(), 0);
}

// A zero is there as well: the format tells it from nothing.
TEST(OnnxFileTest, AttributesSayTheirType) {
  const onnx::Graph graph = Written(SmallGraph()).graph();
  const onnx::Node& node = graph.node(0);
  EXPECT_EQ(node.op_type(), "Conv");
  EXPECT_THAT(node.input(), ElementsAre("x", "w"));
  EXPECT_THAT(node.output(), ElementsAre("y"));
  ASSERT_EQ(node.attribute_size(), 3);
  EXPECT_EQ(node.attribute(0).type(), 1);
  EXPECT_TRUE(node.attribute(0).has_f());
  EXPECT_EQ(node.attribute(1).type(), 2);
  EXPECT_TRUE(node.attribute(1).has_i());
  EXPECT_EQ(node.attribute(2).type(), 7);
  EXPECT_THAT(node.attribute(2).ints(), ElementsAre(1, 2));
}

// The numbers are the public format's: 7 the graph, in it 1 a node.
TEST(OnnxFileTest, HasTheFieldNumbersOfTheFormat) {
  OnnxGraph graph;
  graph.nodes = {{.op = "Relu", .inputs = {"a"}, .output = "b"}};
  const std::string bytes = EncodeOnnx(graph).value();
  EXPECT_EQ(bytes.substr(0, 2), std::string("\x08\x08"));
  EXPECT_THAT(bytes, HasSubstr("\x12\x06"
                               "attune"));
  EXPECT_THAT(bytes, HasSubstr("\x0a\x01"
                               "a\x12\x01"
                               "b\x1a\x06"
                               "b Relu\"\x04Relu"));
}

TEST(OnnxFileTest, ReplacesAFileAndLeavesNothingBesideIt) {
  const TemporaryDirectory folder;
  const std::string path = folder.File("model.onnx");
  std::ofstream(path) << "something else";
  ATTUNE_ASSERT_OK(WriteOnnx(SmallGraph(), path));
  EXPECT_THAT(ReadWholeFile(path),
              IsOkAndHolds(EncodeOnnx(SmallGraph()).value()));
  const std::filesystem::directory_iterator files(folder.path());
  EXPECT_EQ(std::distance(begin(files), end(files)), 1);
}

TEST(OnnxFileTest, NamesTheFileThatCannotBeWritten) {
  const TemporaryDirectory folder;
  const std::string path = folder.File("file/model.onnx");
  std::ofstream(folder.File("file")) << "no folder";
  EXPECT_THAT(WriteOnnx(SmallGraph(), path).message(), HasSubstr("/file"));
}

TEST(OnnxFileTest, SaysForPeopleWhatGoesInAndOut) {
  EXPECT_EQ(DescribeOnnx(SmallGraph()),
            R"([{"value":"input","name":"x","type":"double","shape":"N x 2"},)"
            "\n"
            R"({"value":"output","name":"y","type":"float",)"
            R"("shape":"N x 3 x 4"}])"
            "\n");
}

}  // namespace
}  // namespace attune

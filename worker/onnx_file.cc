#include "worker/onnx_file.h"

#include <unistd.h>

#include <bit>
#include <cstdint>
#include <limits>
#include <type_traits>
#include <variant>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "core/status_macros.h"
#include "core/version.h"
#include "proto/onnx.pb.h"
#include "worker/artifacts/durable_file.h"

namespace attune {
namespace {

constexpr int64_t kFormat = 8;
constexpr int64_t kOperators = 15;

// Elements are written as they lie in memory.
static_assert(std::endian::native == std::endian::little);

onnx::ElementType ElementTypeOf(OnnxType type) {
  return type == OnnxType::kDouble ? onnx::DOUBLE_ELEMENTS
                                   : onnx::FLOAT_ELEMENTS;
}

void Encode(const OnnxValue& value, onnx::Value* to) {
  to->set_name(value.name);
  auto* tensor = to->mutable_type()->mutable_tensor_type();
  tensor->set_elem_type(ElementTypeOf(value.type));
  onnx::Shape* shape = tensor->mutable_shape();
  shape->add_dim()->set_dim_param("N");
  for (const int64_t dim : value.dims) shape->add_dim()->set_dim_value(dim);
}

void Encode(const OnnxTensor& tensor, onnx::Tensor* to) {
  to->set_name(tensor.name);
  for (const int64_t dim : tensor.dims) to->add_dims(dim);
  std::visit(
      [to](const auto& values) {
        using Element = typename std::decay_t<decltype(values)>::value_type;
        to->set_data_type(ElementTypeOf(std::is_same_v<Element, double>
                                            ? OnnxType::kDouble
                                            : OnnxType::kFloat));
        to->set_raw_data(values.data(), values.size() * sizeof(Element));
      },
      tensor.values);
}

void Encode(const std::string& name, const OnnxAttribute& attribute,
            onnx::Attribute* to) {
  to->set_name(name);
  if (const auto* number = std::get_if<int64_t>(&attribute)) {
    to->set_type(onnx::Attribute::INT);
    to->set_i(*number);
  } else if (const auto* real = std::get_if<float>(&attribute)) {
    to->set_type(onnx::Attribute::FLOAT);
    to->set_f(*real);
  } else {
    to->set_type(onnx::Attribute::INTS);
    for (const int64_t each : std::get<std::vector<int64_t>>(attribute)) {
      to->add_ints(each);
    }
  }
}

void Encode(const OnnxNode& node, onnx::Node* to) {
  to->set_name(absl::StrCat(node.output, " ", node.op));
  to->set_op_type(node.op);
  for (const std::string& input : node.inputs) to->add_input(input);
  to->add_output(node.output);
  for (const auto& [name, attribute] : node.attributes) {
    Encode(name, attribute, to->add_attribute());
  }
}

std::string DescribeValue(absl::string_view what, const OnnxValue& value) {
  std::string shape = "N";
  for (const int64_t dim : value.dims) absl::StrAppend(&shape, " x ", dim);
  return absl::StrCat(R"({"value":")", what, R"(","name":")", value.name,
                      R"(","type":")",
                      value.type == OnnxType::kDouble ? "double" : "float",
                      R"(","shape":")", shape, R"("})");
}

}  // namespace

absl::StatusOr<std::string> EncodeOnnx(const OnnxGraph& graph) {
  onnx::Model model;
  model.set_ir_version(kFormat);
  model.set_producer_name("attune");
  model.set_producer_version(std::string(Version()));
  onnx::OperatorSet* operators = model.add_opset_import();
  operators->set_domain("");
  operators->set_version(kOperators);
  for (const auto& [key, value] : graph.metadata) {
    onnx::Entry* entry = model.add_metadata_props();
    entry->set_key(key);
    entry->set_value(value);
  }
  onnx::Graph* to = model.mutable_graph();
  to->set_name("attune");
  Encode(graph.input, to->add_input());
  Encode(graph.output, to->add_output());
  for (const OnnxTensor& tensor : graph.tensors) {
    Encode(tensor, to->add_initializer());
  }
  for (const OnnxNode& node : graph.nodes) Encode(node, to->add_node());
  if (model.ByteSizeLong() > std::numeric_limits<int32_t>::max()) {
    return absl::InvalidArgumentError(
        absl::StrCat("found a model of ", model.ByteSizeLong(),
                     " bytes, expected at most the 2 GB of an ONNX file"));
  }
  return model.SerializeAsString();
}

absl::Status WriteOnnx(const OnnxGraph& graph, const std::string& path) {
  ATTUNE_ASSIGN_OR_RETURN(const std::string bytes, EncodeOnnx(graph));
  // A name alone is one in this folder.
  const std::string place = absl::StrContains(path, '/') ? path : "./" + path;
  return WriteFileDurably(place, absl::StrCat(place, ".", getpid(), ".part"),
                          bytes);
}

std::string DescribeOnnx(const OnnxGraph& graph) {
  return absl::StrCat("[", DescribeValue("input", graph.input), ",\n",
                      DescribeValue("output", graph.output), "]\n");
}

}  // namespace attune

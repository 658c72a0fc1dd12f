#ifndef ATTUNE_WORKER_ONNX_GRAPH_H_
#define ATTUNE_WORKER_ONNX_GRAPH_H_

#include <cstdint>
#include <map>
#include <string>
#include <variant>
#include <vector>

// What an ONNX file says, in plain values: the engine makes it and knows no
// protobuf, worker/onnx_file writes it and knows no networks.
namespace attune {

// Elements row by row: the last dimension's lie side by side.
struct OnnxTensor {
  std::string name;
  std::vector<int64_t> dims;
  std::variant<std::vector<float>, std::vector<double>> values;
};

using OnnxAttribute = std::variant<int64_t, float, std::vector<int64_t>>;

// An operator of ONNX, applied to the values of these names.
struct OnnxNode {
  std::string op;
  std::vector<std::string> inputs;
  std::string output;
  std::map<std::string, OnnxAttribute> attributes;
};

enum class OnnxType { kFloat, kDouble };

// What goes in or comes out: of a batch of any size, of these `dims` for each
// example.
struct OnnxValue {
  std::string name;
  OnnxType type = OnnxType::kFloat;
  std::vector<int64_t> dims;
};

struct OnnxGraph {
  OnnxValue input;
  OnnxValue output;
  std::vector<OnnxTensor> tensors;
  std::vector<OnnxNode> nodes;  // each after those whose outputs it takes
  std::map<std::string, std::string> metadata;
};

}  // namespace attune

#endif  // ATTUNE_WORKER_ONNX_GRAPH_H_

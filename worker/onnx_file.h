#ifndef ATTUNE_WORKER_ONNX_FILE_H_
#define ATTUNE_WORKER_ONNX_FILE_H_

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "worker/onnx_graph.h"

namespace attune {

// The bytes of an ONNX file with `graph`: opset 15, in the 8th version of the
// format. INVALID_ARGUMENT for more than the 2 GB that a file can hold.
absl::StatusOr<std::string> EncodeOnnx(const OnnxGraph& graph);

// Puts them into the file at `path`, whole or not at all, as WriteFileDurably()
// does; a file that is there is replaced.
absl::Status WriteOnnx(const OnnxGraph& graph, const std::string& path);

// What goes in and out, for people, in JSON: an array of `{"value": "input",
// "name": "features", "type": "double", "shape": "N x 4"}`.
std::string DescribeOnnx(const OnnxGraph& graph);

}  // namespace attune

#endif  // ATTUNE_WORKER_ONNX_FILE_H_

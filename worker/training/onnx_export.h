#ifndef ATTUNE_WORKER_TRAINING_ONNX_EXPORT_H_
#define ATTUNE_WORKER_TRAINING_ONNX_EXPORT_H_

#include "absl/status/statusor.h"
#include "worker/onnx_graph.h"
#include "worker/training/model.h"

namespace attune {

// What Predict() computes of examples as they were read, as operators of ONNX
// (opset 15). INVALID_ARGUMENT as Predict().
//
// The input is `features`, doubles (batch, features) with a category's features
// 1 or 0, NaN where a value is missing; or `images`, floats (batch, channels,
// height, width) from 0 to 255. The output is `confidence`, floats (batch,
// classes); or `prediction`, doubles (batch, targets), in the units that were
// learnt.
//
// The metadata name what these stand for, `classes` and `features` as arrays in
// JSON, and the `study` and the `trial`.
absl::StatusOr<OnnxGraph> ToOnnx(const Model& model);

}  // namespace attune

#endif  // ATTUNE_WORKER_TRAINING_ONNX_EXPORT_H_

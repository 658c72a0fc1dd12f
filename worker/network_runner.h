#ifndef ATTUNE_WORKER_NETWORK_RUNNER_H_
#define ATTUNE_WORKER_NETWORK_RUNNER_H_

#include <functional>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "core/clock.h"
#include "worker/onnx_graph.h"
#include "worker/trial_runner.h"

// The training engine is a shared library of its own, built once for every
// instruction set (docs/training-engine.md). All that it exports is declared
// here, and no header of Eigen is seen from outside: its types may be laid out
// otherwise there.
#define ATTUNE_ENGINE_EXPORT __attribute__((visibility("default")))

namespace attune {

struct NetworkRunnerOptions {
  // Where datasets are looked for first; then in the folder that the
  // environment's ATTUNE_DATA_DIR names, then in /usr/share/datasets. Empty:
  // not given.
  std::string data_dir;
  // Where checkpoints and models are kept; empty: nowhere.
  std::string artifact_dir;
  // The least time from one checkpoint of a trial to the next.
  absl::Duration checkpoint_interval = absl::Seconds(10);
  // Told of what could not be kept. Called from any thread that runs a trial.
  std::function<void(const absl::Status&)> warn = [](const absl::Status&) {};
};

// Trains networks: runs the trials of a NetworkTask and reports the metrics of
// NetworkMetrics() after every epoch, and some of them in between if the study
// says so. `clock`, which tells how long an epoch
// took, must outlive it.
ATTUNE_ENGINE_EXPORT std::unique_ptr<TrialRunner> NewNetworkRunner(
    const NetworkRunnerOptions& options, const Clock* clock);

struct PredictOptions {
  std::string model_path;  // as a trial has kept it
  // Examples: a table with the columns, or images in the IDX format of the
  // size, that the model has learnt from.
  std::string input_path;
};

// What the model says of each example, in JSON: `columns` are the names of what
// it says, `rows` one object a line, `{"row": 1, "class": "7", "confidence":
// 0.98}`, or for a regression `{"row": 1, "prediction": 3.25}`. NOT_FOUND,
// DATA_LOSS or INVALID_ARGUMENT, naming the file, if one of them is not what it
// should be.
ATTUNE_ENGINE_EXPORT absl::StatusOr<std::string> PredictFile(
    const PredictOptions& options);

// What the model at `path`, as a trial has kept it, computes, as operators of
// ONNX: see ToOnnx() of worker/training. Errors as PredictFile().
ATTUNE_ENGINE_EXPORT absl::StatusOr<OnnxGraph> ExportModel(
    const std::string& path);

struct DescribeOptions {
  std::string settings;  // of a network study, in JSON
  std::string data_dir;  // as NetworkRunnerOptions has it
};

// Loads what such a study learns from, as its trials would, and says in one
// line what it is, as DescribeData() of worker/training does. NOT_FOUND,
// DATA_LOSS or INVALID_ARGUMENT, as a trial's error, if none could learn from
// it.
ATTUNE_ENGINE_EXPORT absl::StatusOr<std::string> DescribeDataset(
    const DescribeOptions& options);

// For people, which of its builds the loader has picked: `x86-64-v3`.
ATTUNE_ENGINE_EXPORT const char* EngineName();

}  // namespace attune

#endif  // ATTUNE_WORKER_NETWORK_RUNNER_H_

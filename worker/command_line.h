#ifndef ATTUNE_WORKER_COMMAND_LINE_H_
#define ATTUNE_WORKER_COMMAND_LINE_H_

#include <string>
#include <variant>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "core/log.h"
#include "worker/worker.h"

namespace attune {

struct WorkerCommand {
  std::string server;
  std::string data_dir;
  std::string artifact_dir;
  absl::Duration checkpoint_interval;
  LogLevel log_level = LogLevel::kInfo;
  WorkerOptions worker;
};

// Use a kept model on a file, and run no trial.
struct PredictCommand {
  std::string model_path;
  std::string input_path;
};

// Write a kept model in the ONNX format, and run no trial.
struct ExportCommand {
  std::string model_path;
  std::string onnx_path;
};

// Say what a study with these settings learns from, and run no trial.
struct DescribeCommand {
  std::string settings;  // in JSON
  std::string data_dir;
};

// What the command line of attune-worker asks for; or, after printing help, the
// version or what is wrong, the code to exit with (core/exit_code.h). `version`
// is what --version prints.
std::variant<WorkerCommand, PredictCommand, ExportCommand, DescribeCommand, int>
ParseCommandLine(int argc, const char* const* argv, absl::string_view version);

// `host:pid.start`, which no other process has or will have: `start` is when
// this was called. Characters of `host` that a name cannot have become '-'.
std::string ProcessName(absl::string_view host);

}  // namespace attune

#endif  // ATTUNE_WORKER_COMMAND_LINE_H_

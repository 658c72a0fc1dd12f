#include <cstdio>
#include <memory>
#include <string>
#include <variant>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "core/clock.h"
#include "core/exit_code.h"
#include "core/log.h"
#include "core/status_macros.h"
#include "core/version.h"
#include "worker/command_line.h"
#include "worker/engine_choice.h"
#include "worker/function_runner.h"
#include "worker/grpc_coordinator.h"
#include "worker/network_runner.h"
#include "worker/onnx_file.h"
#include "worker/runner_dispatch.h"
#include "worker/signals.h"
#include "worker/within_memory.h"
#include "worker/worker.h"

namespace attune {
namespace {

// In a call that is answered so late the process would outlive the patience
// with which it hands its trials back.
constexpr absl::Duration kHurriedCall = absl::Seconds(2);

int RunWorker(const WorkerCommand& command) {
  InitLog("attune-worker", command.log_level);
  Signals signals;  // before any thread
  GrpcCoordinator coordinator({.address = command.server});
  FunctionRunner function;
  SteadyClock clock;
  const std::unique_ptr<TrialRunner> network =
      NewNetworkRunner({.data_dir = command.data_dir,
                        .artifact_dir = command.artifact_dir,
                        .checkpoint_interval = command.checkpoint_interval,
                        .warn =
                            [](const absl::Status& status) {
                              Log(LogLevel::kWarning, "not_kept",
                                  {{"error", status.ToString()}});
                            }},
                       &clock);
  RunnerDispatch runner(network.get(), &function);
  Worker worker(command.worker, &coordinator, &runner, &clock);
  signals.Deliver([&](int count) {
    Log(LogLevel::kInfo, count == 1 ? "draining" : "handing_back");
    count == 1 ? worker.Drain() : worker.HandBack();
    count == 1 ? coordinator.CancelWaiting() : coordinator.Hurry(kHurriedCall);
  });
  Log(LogLevel::kInfo, "ready",
      {{"worker", command.worker.process},
       {"server", command.server},
       {"slots", std::to_string(command.worker.slots)}});
  const absl::Status status = worker.Run();
  signals.Stop();  // before what it calls goes
  if (!status.ok()) {
    Log(LogLevel::kError, "failed", {{"error", status.ToString()}});
    return exit_code::kFailed;
  }
  Log(LogLevel::kInfo, "done");
  return exit_code::kDone;
}

int Answer(const absl::StatusOr<std::string>& text) {
  if (!text.ok()) {
    std::fprintf(stderr, "attune-worker: %s\n",
                 std::string(text.status().message()).c_str());
    return exit_code::kFailed;
  }
  const bool written =
      std::fwrite(text->data(), 1, text->size(), stdout) == text->size() &&
      std::fflush(stdout) == 0;
  return written ? exit_code::kDone : exit_code::kFailed;
}

int PrintPredictions(const PredictCommand& command) {
  return Answer(WithinMemory(command.input_path, [&command] {
    return PredictFile(
        {.model_path = command.model_path, .input_path = command.input_path});
  }));
}

int ExportToOnnx(const ExportCommand& command) {
  return Answer(WithinMemory(
      command.model_path, [&command]() -> absl::StatusOr<std::string> {
        ATTUNE_ASSIGN_OR_RETURN(const OnnxGraph graph,
                                ExportModel(command.model_path));
        ATTUNE_RETURN_IF_ERROR(WriteOnnx(graph, command.onnx_path));
        return DescribeOnnx(graph);
      }));
}

int PrintDescription(const DescribeCommand& command) {
  return Answer(
      WithinMemory("the dataset", [&command]() -> absl::StatusOr<std::string> {
        ATTUNE_ASSIGN_OR_RETURN(
            const std::string text,
            DescribeDataset(
                {.settings = command.settings, .data_dir = command.data_dir}));
        return absl::StrCat(text, "\n");
      }));
}

}  // namespace
}  // namespace attune

int main(int argc, char** argv) {
  const absl::Status engine =
      attune::UseChosenEngine(attune::EngineName(), argv);
  if (!engine.ok()) {
    std::fprintf(stderr, "attune-worker: %s\n",
                 std::string(engine.message()).c_str());
    return 2;
  }
  const auto command = attune::ParseCommandLine(
      argc, argv,
      absl::StrCat("attune-worker ", attune::Version(),
                   " (training engine: ", attune::EngineName(), ")"));
  if (const int* exit_code = std::get_if<int>(&command)) return *exit_code;
  if (const auto* predict = std::get_if<attune::PredictCommand>(&command)) {
    return attune::PrintPredictions(*predict);
  }
  if (const auto* exporting = std::get_if<attune::ExportCommand>(&command)) {
    return attune::ExportToOnnx(*exporting);
  }
  if (const auto* describe = std::get_if<attune::DescribeCommand>(&command)) {
    return attune::PrintDescription(*describe);
  }
  return attune::RunWorker(std::get<attune::WorkerCommand>(command));
}

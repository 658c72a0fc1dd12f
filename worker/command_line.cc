#include "worker/command_line.h"

#include <unistd.h>

#include <CLI/CLI.hpp>
#include <array>
#include <cstdio>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "core/exit_code.h"
#include "core/server_address.h"
#include "core/usage.h"
#include "worker/cpus.h"

namespace attune {
namespace {

constexpr int kMaxSlots = 256;

constexpr char kExamples[] = R"(Examples:
  attune-worker
      a coordinator on this machine, a trial on each core
  attune-worker --server tuner:7070 --slots 4 --artifact-dir /shared/artifacts
      one elsewhere; checkpoints and models in a folder that all workers see
  attune-worker --server unix:/run/attune.sock --study mlp --exit-when-done
      one study, then exit

The first SIGTERM or SIGINT lets the trials that run end and starts no others;
the second stops them and hands them back. ATTUNE_ENGINE forces one build of
the training engine; --version names the one in use.

Exit codes: 0 all is done, or asked to leave; 1 something was not delivered, or
the study is not there; 2 wrong usage.)";

constexpr char kPredictExamples[] = R"(Examples:
  attune-worker predict mlp.20261124T165603.123456Z/7/model.safetensors new.csv

`attune predict` finds the model by its study and prints tables.

Exit codes: 0 done, 1 failed, 2 wrong usage.)";

constexpr char kExportExamples[] = R"(Examples:
  attune-worker export kept/model.safetensors model.onnx

`attune export` finds the model by its study.

Exit codes: 0 done, 1 failed, 2 wrong usage.)";

constexpr char kDescribeExamples[] = R"(Examples:
  attune-worker describe '{"dataset": "wine.csv"}' --data-dir /data

`attune run` and `attune preview` ask this before a study has trials.

Exit codes: 0 done, 1 no trial could learn from it, 2 wrong usage.)";

std::string HostName() {
  std::array<char, 256> name = {};
  if (gethostname(name.data(), name.size() - 1) != 0) return "unknown";
  return name.data();
}

std::string CheckInterval(const std::string& text) {
  absl::Duration interval;
  if (absl::ParseDuration(text, &interval) &&
      interval >= absl::ZeroDuration() && interval < absl::InfiniteDuration()) {
    return "";
  }
  return absl::StrCat("found '", text, "', expected a time such as 10s or 5m");
}

struct Flags {
  std::string server = "127.0.0.1:7070";
  int slots = UsableCores();
  std::string data_dir;
  std::string artifact_dir;
  std::string checkpoint_interval = "10s";
  std::string study;
  std::string name = HostName();
  std::string log_level = "info";
  bool exit_when_done = false;
};

void AddFlags(CLI::App& app, Flags& flags) {
  app.add_option("--server", flags.server,
                 "The coordinator: host:port or unix:PATH")
      ->type_name("ADDR")
      ->envname("ATTUNE_SERVER")
      ->check(CheckServerAddress)
      ->capture_default_str();
  app.add_option("--slots", flags.slots,
                 "Trials at the same time, each on one core, 1 to 256; by "
                 "default as many as the cores it may use")
      ->type_name("N")
      ->check(CLI::Range(1, kMaxSlots).description(""))
      ->capture_default_str();
  app.add_option("--data-dir", flags.data_dir,
                 "Where datasets are looked for first; then in "
                 "ATTUNE_DATA_DIR and /usr/share/datasets")
      ->type_name("DIR");
  app.add_option("--artifact-dir", flags.artifact_dir,
                 "Where checkpoints and the best trials' models are kept, "
                 "shared by all workers; without it they are not")
      ->type_name("DIR")
      ->envname("ATTUNE_ARTIFACT_DIR");
  app.add_option("--checkpoint-interval", flags.checkpoint_interval,
                 "The least time between two checkpoints of a trial")
      ->type_name("TIME")
      ->check(CheckInterval)
      ->capture_default_str();
  app.add_option("--study", flags.study,
                 "Run only trials of this study; by default of any that has a "
                 "task")
      ->type_name("NAME");
  app.add_flag("--exit-when-done", flags.exit_when_done,
               "Exit when the coordinator will have no more trials");
  app.add_option("--name", flags.name, "This machine's name in lists of trials")
      ->type_name("NAME")
      ->capture_default_str();
  app.add_option("--log-level", flags.log_level,
                 "The least level that is logged: debug, info, warning or "
                 "error")
      ->type_name("LEVEL")
      ->check(
          CLI::IsMember({"debug", "info", "warning", "error"}).description(""))
      ->capture_default_str();
}

CLI::App* AddPredict(CLI::App& app, PredictCommand& prediction) {
  CLI::App* const predict = app.add_subcommand(
      "predict",
      "Print what a kept model says of the examples in a file, in JSON");
  predict->footer(kPredictExamples);
  predict
      ->add_option("MODEL", prediction.model_path,
                   "A trial's model.safetensors")
      ->type_name("")
      ->required();
  predict
      ->add_option("INPUT", prediction.input_path,
                   "A table (.csv) or images (IDX)")
      ->type_name("")
      ->required();
  return predict;
}

CLI::App* AddExport(CLI::App& app, ExportCommand& command) {
  CLI::App* const exporting = app.add_subcommand(
      "export",
      "Write a kept model in the ONNX format and print, in JSON, what goes in "
      "and out");
  exporting->footer(kExportExamples);
  exporting
      ->add_option("MODEL", command.model_path, "A trial's model.safetensors")
      ->type_name("")
      ->required();
  exporting
      ->add_option("ONNX", command.onnx_path,
                   "The file to write; one that is there is replaced")
      ->type_name("")
      ->required();
  return exporting;
}

CLI::App* AddDescribe(CLI::App& app, DescribeCommand& description) {
  CLI::App* const describe = app.add_subcommand(
      "describe", "Load what a network study learns from and say what it is");
  describe->footer(kDescribeExamples);
  describe
      ->add_option("SETTINGS", description.settings,
                   "The study's `train:` settings, in JSON")
      ->type_name("")
      ->required();
  describe
      ->add_option("--data-dir", description.data_dir,
                   "Where datasets are looked for first")
      ->type_name("DIR");
  return describe;
}

}  // namespace

std::string ProcessName(absl::string_view host) {
  constexpr size_t kMaxLength = 100;
  std::string name(host.substr(0, kMaxLength));
  for (char& c : name) {
    if (!absl::ascii_isalnum(c) && c != '.' && c != '-' && c != '_') c = '-';
  }
  return absl::StrCat(name, ":", getpid(), ".",
                      absl::Hex(absl::ToUnixMillis(absl::Now())));
}

std::variant<WorkerCommand, PredictCommand, ExportCommand, DescribeCommand, int>
ParseCommandLine(int argc, const char* const* argv, absl::string_view version) {
  CLI::App app("Runs the trials of an Attune coordinator.", "attune-worker");
  app.option_defaults()->disable_flag_override();
  Flags flags;
  AddFlags(app, flags);
  PredictCommand prediction;
  const CLI::App* const predict = AddPredict(app, prediction);
  ExportCommand export_command;
  const CLI::App* const exporting = AddExport(app, export_command);
  DescribeCommand description;
  const CLI::App* const describe = AddDescribe(app, description);
  app.set_version_flag("--version", std::string(version));
  app.footer(kExamples);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    // Help and the version are errors for CLI11 too, with the code 0.
    if (error.get_exit_code() == 0) {
      app.exit(error);
      return exit_code::kDone;
    }
    std::fputs(ExplainUsage(app, error).c_str(), stderr);
    return exit_code::kWrongUsage;
  }
  if (predict->parsed()) return prediction;
  if (exporting->parsed()) return export_command;
  if (describe->parsed()) return description;
  WorkerCommand command{.server = flags.server,
                        .data_dir = flags.data_dir,
                        .artifact_dir = flags.artifact_dir};
  absl::ParseDuration(flags.checkpoint_interval, &command.checkpoint_interval);
  ParseLogLevel(flags.log_level, command.log_level);
  command.worker = {
      .process = ProcessName(flags.name),
      .slots = flags.slots,
      .slot = {.study = flags.study, .exit_when_done = flags.exit_when_done}};
  return command;
}

}  // namespace attune

#include "client/commands/ask_worker.h"

#include <filesystem>
#include <fstream>
#include <memory>
#include <nlohmann/json.hpp>
#include <sstream>
#include <variant>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "absl/time/time.h"
#include "client/child_process.h"
#include "client/format.h"
#include "client/scratch_directory.h"
#include "core/network_metrics.h"
#include "core/status_macros.h"

namespace attune {
namespace {

std::string ReadAll(const std::string& path) {
  std::stringstream text;
  text << std::ifstream(path, std::ios::binary).rdbuf();
  return text.str();
}

}  // namespace

absl::StatusOr<std::string> AskWorker(
    std::vector<std::string> arguments,
    const std::function<bool()>& interrupted) {
  ATTUNE_ASSIGN_OR_RETURN(std::string program, FindProgram("attune-worker"));
  arguments.insert(arguments.begin(), std::move(program));
  ATTUNE_ASSIGN_OR_RETURN(const std::unique_ptr<ScratchDirectory> directory,
                          ScratchDirectory::Create());
  const std::string output = directory->path() + "/output";
  const std::string errors = directory->path() + "/errors";
  ATTUNE_ASSIGN_OR_RETURN(const std::unique_ptr<ChildProcess> worker,
                          ChildProcess::Start(arguments, output, errors));
  while (!worker->WaitFor(absl::Milliseconds(100))) {
    if (interrupted && interrupted()) {
      return absl::CancelledError("stopped while attune-worker was asked");
    }
  }
  if (worker->Succeeded()) return ReadAll(output);
  const std::string text = ReadAll(errors);
  absl::string_view message = absl::StripAsciiWhitespace(text);
  if (message.empty() || worker->WasKilled()) {
    return absl::InternalError(
        absl::StrCat("attune-worker ", worker->HowItEnded(),
                     message.empty() ? "" : ": ", message));
  }
  absl::ConsumePrefix(&message, "attune-worker: ");
  return absl::InvalidArgumentError(message);
}

absl::StatusOr<std::string> DescribeData(
    const StudySpec& spec, const std::string& data_dir,
    const std::function<bool()>& interrupted) {
  Json settings = Json::object();
  const Parameters given = WithTaskByObjectives(
      std::get<NetworkTask>(spec.task).settings, spec.objectives);
  for (const auto& [name, value] : given) {
    settings[std::string(name)] = JsonValue(value);
  }
  const absl::StatusOr<std::string> text =
      AskWorker({"describe",
                 settings.dump(-1, ' ', false, Json::error_handler_t::replace),
                 "--data-dir", data_dir},
                interrupted);
  if (text.ok()) return std::string(absl::StripAsciiWhitespace(*text));
  if (absl::IsCancelled(text.status())) {
    return absl::CancelledError("stopped while the data was looked at");
  }
  return absl::Status(
      text.status().code(),
      absl::StrCat("no trial of `", spec.name,
                   "` can run here: ", text.status().message()));
}

std::string DataDir(const std::string& asked, const std::string& file) {
  if (!asked.empty()) return asked;
  const std::string folder = std::filesystem::path(file).parent_path().string();
  return folder.empty() ? "." : folder;
}

}  // namespace attune

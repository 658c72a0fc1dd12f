#include <algorithm>
#include <filesystem>
#include <string>
#include <system_error>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "client/commands/ask_worker.h"
#include "client/commands/commands.h"
#include "client/commands/common.h"
#include "client/format.h"
#include "client/report.h"
#include "core/status_macros.h"
#include "core/study.h"

namespace attune {
namespace {

namespace fs = std::filesystem;

// The trials below `folder` that have a model.
std::vector<int64_t> TrialsWithModels(const fs::path& folder,
                                      const std::string& model) {
  std::vector<int64_t> trials;
  std::error_code ignored;  // a folder that is not there has none
  for (const auto& entry : fs::directory_iterator(folder, ignored)) {
    int64_t trial = 0;
    if (absl::SimpleAtoi(entry.path().filename().string(), &trial) &&
        fs::exists(entry.path() / model, ignored)) {
      trials.push_back(trial);
    }
  }
  std::sort(trials.begin(), trials.end());
  return trials;
}

// By the first objective, if there are several.
absl::StatusOr<int64_t> BestTrial(const OpenStudy& open) {
  ATTUNE_ASSIGN_OR_RETURN(const std::vector<pb::Trial> best,
                          open.connection->client().ListBestTrials(
                              open.name, CountOfBest(HasFront(open.spec), 1)));
  const pb::Trial* first = BestByFirst(best, open.study.spec());
  if (first == nullptr) {
    return absl::NotFoundError(
        absl::StrCat("no trial of `", open.name, "` is completed yet"));
  }
  return first->number();
}

// As TrialFolder lays them out.
absl::StatusOr<std::string> FindModel(const Globals& globals,
                                      const PredictOptions& options) {
  const std::string root =
      ArtifactDir(globals.connection, options.artifact_dir);
  if (root.empty()) {
    return WrongUsage(
        "expected --artifact-dir: where the workers of that coordinator keep "
        "their models is not known here");
  }
  ATTUNE_ASSIGN_OR_RETURN(
      const OpenStudy open,
      Open(globals, options.study, Use::kRead, "say which with --study"));
  int64_t trial = options.trial;
  if (trial == 0) {
    ATTUNE_ASSIGN_OR_RETURN(trial, BestTrial(open));
  }
  constexpr char kModel[] = "model.safetensors";
  const fs::path folder = StudyFolder(root, open);
  const fs::path path = TrialFilePath(root, open, trial, kModel);
  std::error_code ignored;
  if (fs::exists(path, ignored)) return path.string();
  const std::vector<int64_t> others = TrialsWithModels(folder, kModel);
  return absl::NotFoundError(absl::StrCat(
      "found no model of trial ", trial, " of `", open.name, "`, expected ",
      path.string(), "; ",
      others.empty() ? "no other trial has one"
                     : absl::StrCat("there are those of the trials ",
                                    absl::StrJoin(others, ", "),
                                    "; say which with --trial")));
}

// As PredictFile() of worker/network_runner.h says it.
Listing ListPredictions(const Json& predictions) {
  Listing listing;
  listing.json = predictions["rows"];
  for (const Json& column : predictions["columns"]) {
    const auto name = column.get<std::string>();
    listing.csv.push_back({.title = name, .path = {name}});
    listing.table.columns.push_back(
        {.title = name, .is_number = name != "class"});
  }
  for (const Json& row : listing.json) {
    std::vector<Cell>& cells = listing.table.rows.emplace_back();
    for (const auto& [name, value] : row.items()) {
      cells.push_back({value.is_number_float()
                           ? ShortNumber(value.get<double>(), 4)
                       : value.is_string() ? value.get<std::string>()
                                           : value.dump()});
    }
  }
  return listing;
}

}  // namespace

absl::Status Predict(const Globals& globals, const PredictOptions& options) {
  std::string model = options.model;
  if (model.empty()) {
    ATTUNE_ASSIGN_OR_RETURN(model, FindModel(globals, options));
  }
  ATTUNE_ASSIGN_OR_RETURN(const std::string text,
                          AskWorker({"predict", model, options.input}));
  const Json predictions = Json::parse(text, nullptr, false);
  if (!predictions.contains("columns")) {
    return absl::InternalError(absl::StrCat(
        "attune-worker printed no predictions but: ", Cut(text, 200)));
  }
  return Print(ListPredictions(predictions), globals);
}

}  // namespace attune

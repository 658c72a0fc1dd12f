#include "client/commands/kept_model.h"

#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <system_error>
#include <variant>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "client/commands/common.h"
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

// A hint, with its end, where a study's settings keep no models.
std::string WhyNoModel(const StudySpec& spec) {
  const auto* task = std::get_if<NetworkTask>(&spec.task);
  if (task == nullptr) return "only trials that train a network have one; ";
  if (task->settings.Find("keep_weights") ==
      ParameterValue(std::string("none"))) {
    return "the study has `keep_weights: none`; ";
  }
  if (task->settings.contains("folds") && !task->settings.contains("fold") &&
      FindParameter(spec.space, "fold") == nullptr) {
    return "the study has `folds`, and of a trial that trains a network for "
           "each none is kept: a study without them, or with `fold` too, keeps "
           "its best; ";
  }
  return "those of the best trials are kept; ";
}

}  // namespace

// As TrialFolder lays them out.
absl::StatusOr<std::string> FindModel(const Globals& globals,
                                      const ModelOptions& options,
                                      absl::string_view how) {
  if (!options.file.empty()) return options.file;
  const std::string root =
      ArtifactDir(globals.connection, options.artifact_dir);
  if (root.empty()) {
    return WrongUsage(
        "expected --artifact-dir: where the workers of that coordinator keep "
        "their models is not known here");
  }
  ATTUNE_ASSIGN_OR_RETURN(const OpenStudy open,
                          Open(globals, options.study, Use::kRead, how));
  int64_t trial = options.trial;
  if (trial == 0) {
    ATTUNE_ASSIGN_OR_RETURN(trial, BestTrial(open));
  }
  constexpr char kModel[] = "model.safetensors";
  const fs::path folder = StudyFolder(root, open);
  const fs::path path = TrialFilePath(root, open, trial, kModel);
  std::error_code ignored;
  if (fs::exists(path, ignored)) return path.string();
  ATTUNE_RETURN_IF_ERROR(GetTrial(open, trial, globals).status());
  const std::vector<int64_t> others = TrialsWithModels(folder, kModel);
  return absl::NotFoundError(absl::StrCat(
      "found no model of trial ", trial, " of `", open.name, "`, expected ",
      path.string(), "; ", WhyNoModel(open.spec),
      others.empty() ? "no other trial has one"
                     : absl::StrCat("there are those of the trials ",
                                    absl::StrJoin(others, ", "),
                                    "; say which with --trial")));
}

}  // namespace attune

#include "worker/artifacts/trial_folder.h"

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <limits>
#include <system_error>
#include <utility>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "core/ranking.h"
#include "core/status_macros.h"
#include "worker/artifacts/durable_file.h"

namespace attune {
namespace {

namespace fs = std::filesystem;

constexpr char kCheckpoint[] = "checkpoint.safetensors";
constexpr char kRefused[] = "refused.safetensors";
constexpr char kModel[] = "model.safetensors";
constexpr char kConfusion[] = "confusion.csv";

struct KeptModel {
  int64_t trial = 0;
  double objective = std::numeric_limits<double>::quiet_NaN();
  std::string folder;
};

std::vector<KeptModel> FindModels(const std::string& study_path) {
  std::vector<KeptModel> models;
  std::error_code ignored;  // a folder that goes while it is read has no models
  for (const auto& entry : fs::directory_iterator(study_path, ignored)) {
    KeptModel model{.folder = entry.path().string()};
    if (!absl::SimpleAtoi(entry.path().filename().string(), &model.trial)) {
      continue;
    }
    const std::string path = (entry.path() / kModel).string();
    const absl::StatusOr<std::string> bytes = ReadWholeFile(path);
    if (!bytes.ok()) continue;
    if (const auto file = DecodeTensors(*bytes, path); file.ok()) {
      const auto objective = file->metadata.find(kObjectiveMetadata);
      if (objective != file->metadata.end() &&
          !absl::SimpleAtod(objective->second, &model.objective)) {
        model.objective = std::numeric_limits<double>::quiet_NaN();
      }
    }
    models.push_back(std::move(model));
  }
  return models;
}

absl::Status Remove(const std::string& path) {
  std::error_code error;
  fs::remove_all(path, error);
  if (!error) return absl::OkStatus();
  return absl::ErrnoToStatus(error.value(), absl::StrCat("removing ", path));
}

void RemoveIfEmpty(const fs::path& folder) {
  std::error_code ignored;
  fs::remove(folder, ignored);
}

// The files in `folder` whose name `is_meant`; those of a folder that is not
// there are none.
absl::Status RemoveIf(const fs::path& folder,
                      absl::FunctionRef<bool(const fs::path&)> is_meant) {
  std::vector<std::string> meant;
  std::error_code none;
  for (const auto& entry : fs::directory_iterator(folder, none)) {
    if (is_meant(entry.path().filename())) {
      meant.push_back(entry.path().string());
    }
  }
  for (const std::string& path : meant) ATTUNE_RETURN_IF_ERROR(Remove(path));
  return absl::OkStatus();
}

}  // namespace

TrialFolder::TrialFolder(std::string root, const Assignment& assignment)
    : study_path_(
          (fs::path(std::move(root)) /
           ArtifactFolder(assignment.study, assignment.study_create_time))
              .string()),
      path_(
          (fs::path(study_path_) / absl::StrCat(assignment.token.trial.number))
              .string()),
      attempt_(assignment.token.attempt) {}

std::string TrialFolder::checkpoint_path() const {
  return (fs::path(path_) / kCheckpoint).string();
}

std::string TrialFolder::refused_path() const {
  return (fs::path(path_) / kRefused).string();
}

std::string TrialFolder::model_path() const {
  return (fs::path(path_) / kModel).string();
}

std::string TrialFolder::confusion_path() const {
  return (fs::path(path_) / kConfusion).string();
}

absl::StatusOr<TensorFile> TrialFolder::ReadCheckpoint() const {
  ATTUNE_ASSIGN_OR_RETURN(const std::string bytes,
                          ReadWholeFile(checkpoint_path()));
  return DecodeTensors(bytes, checkpoint_path());
}

absl::Status TrialFolder::WriteCheckpoint(const TensorFile& checkpoint) const {
  return Write(checkpoint_path(), EncodeTensors(checkpoint));
}

absl::Status TrialFolder::SetCheckpointAside() const {
  std::error_code error;
  fs::rename(checkpoint_path(), refused_path(), error);
  if (!error) return absl::OkStatus();
  return absl::ErrnoToStatus(
      error.value(),
      absl::StrCat("moving ", checkpoint_path(), " to ", refused_path()));
}

absl::Status TrialFolder::WriteModel(const TensorFile& model) const {
  return Write(model_path(), EncodeTensors(model));
}

absl::Status TrialFolder::WriteConfusion(absl::string_view csv) const {
  return Write(confusion_path(), csv);
}

absl::Status TrialFolder::Write(const std::string& path,
                                absl::string_view bytes) const {
  // An attempt that was given up and does not know it yet writes apart.
  return WriteFileDurably(path, absl::StrCat(path, ".", attempt_), bytes);
}

absl::Status TrialFolder::RemoveUnfinished() const {
  return RemoveIf(path_, [this](const fs::path& name) {
    const std::string extension = name.extension().string();
    int attempt = 0;
    return absl::SimpleAtoi(absl::StripPrefix(extension, "."), &attempt) &&
           attempt < attempt_;
  });
}

absl::Status TrialFolder::Discard() const {
  ATTUNE_RETURN_IF_ERROR(RemoveIf(path_, [](const fs::path& name) {
    return name != kModel && name != kConfusion;
  }));
  RemoveIfEmpty(path_);
  return absl::OkStatus();
}

absl::Status TrialFolder::KeepBest(Goal goal, int64_t most) const {
  std::vector<KeptModel> models = FindModels(study_path_);
  std::sort(models.begin(), models.end(),
            [goal](const KeptModel& a, const KeptModel& b) {
              if (Better(a.objective, b.objective, goal)) return true;
              if (Better(b.objective, a.objective, goal)) return false;
              return a.trial < b.trial;
            });
  for (size_t i = static_cast<size_t>(most); i < models.size(); ++i) {
    const fs::path folder = models[i].folder;
    ATTUNE_RETURN_IF_ERROR(Remove((folder / kModel).string()));
    ATTUNE_RETURN_IF_ERROR(Remove((folder / kConfusion).string()));
    RemoveIfEmpty(folder);
  }
  return absl::OkStatus();
}

}  // namespace attune

#include "worker/training/keeper.h"

#include <utility>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "worker/artifacts/settings_json.h"

namespace attune {
namespace {

std::optional<TrialFolder> MakeFolder(const KeeperOptions& options,
                                      const Assignment& assignment) {
  if (options.artifact_dir.empty()) return std::nullopt;
  return TrialFolder(options.artifact_dir, assignment);
}

// The study's fixed settings, overridden by the trial's parameters.
Parameters SettingsOf(const Assignment& assignment) {
  Parameters settings = assignment.parameters;
  settings.AddMissing(std::get<NetworkTask>(assignment.task).settings);
  return settings;
}

// All that the trial's curve depends on, but the data.
std::string IdentityOf(const Assignment& assignment) {
  return absl::StrCat("seed ", assignment.seed, " in a study of seed ",
                      assignment.study_seed, ", ",
                      SettingsToJson(SettingsOf(assignment)));
}

}  // namespace

Keeper::Keeper(const Assignment& assignment, const KeeperOptions& options,
               const Clock* clock)
    : assignment_(assignment),
      options_(options),
      folder_(MakeFolder(options, assignment)),
      clock_(clock),
      last_checkpoint_(clock->Now()) {}

std::optional<TrainingState> Keeper::Resume() const {
  if (!folder_.has_value()) return std::nullopt;
  Warn(folder_->RemoveUnfinished(), "removing what was left half written");
  const absl::StatusOr<TensorFile> file = folder_->ReadCheckpoint();
  if (absl::IsNotFound(file.status())) return std::nullopt;
  absl::StatusOr<TrainingState> state =
      file.ok() ? StateFromTensors(*file, IdentityOf(assignment_))
                : absl::StatusOr<TrainingState>(file.status());
  if (state.ok()) return *std::move(state);
  Refuse(state.status());
  return std::nullopt;
}

void Keeper::Refuse(const absl::Status& why) const {
  if (!folder_.has_value()) return;
  Warn(why, "going on from a checkpoint: it begins anew");
  Warn(folder_->SetCheckpointAside(), "setting the checkpoint aside");
}

bool Keeper::IsDue() const {
  return folder_.has_value() &&
         clock_->Now() >= last_checkpoint_ + options_.checkpoint_interval;
}

void Keeper::KeepCheckpoint(const TrainingState& state) {
  if (!folder_.has_value()) return;
  Warn(folder_->WriteCheckpoint(ToTensors(state, IdentityOf(assignment_))),
       "keeping a checkpoint");
  last_checkpoint_ = clock_->Now();
}

bool Keeper::KeepModel(Model model, int64_t epoch, double objective) const {
  if (!folder_.has_value()) return false;
  model.settings = SettingsOf(assignment_);
  model.about = {{"study", assignment_.study},
                 {"trial", absl::StrCat(assignment_.token.trial.number)},
                 {"epoch", absl::StrCat(epoch)},
                 {kObjectiveMetadata, ToString(ParameterValue(objective))}};
  const absl::Status written = folder_->WriteModel(ToTensors(model));
  Warn(written, "keeping the model");
  return written.ok();
}

void Keeper::KeepConfusion(absl::string_view csv) const {
  if (!folder_.has_value()) return;
  Warn(folder_->WriteConfusion(csv), "keeping the confusion matrix");
}

void Keeper::KeepBest(Goal goal, int64_t most) const {
  if (!folder_.has_value()) return;
  Warn(folder_->KeepBest(goal, most), "removing models that are not kept");
}

void Keeper::Discard() const {
  if (!folder_.has_value()) return;
  Warn(folder_->Discard(), "removing its checkpoint");
}

void Keeper::Warn(const absl::Status& status, absl::string_view what) const {
  if (status.ok()) return;
  options_.warn(absl::Status(
      status.code(),
      absl::StrCat("trial ", assignment_.token.trial.number, " of study ",
                   assignment_.study, ", ", what, ": ", status.message())));
}

}  // namespace attune

#ifndef ATTUNE_WORKER_ARTIFACTS_TRIAL_FOLDER_H_
#define ATTUNE_WORKER_ARTIFACTS_TRIAL_FOLDER_H_

#include <cstdint>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "core/coordinator_api.h"
#include "core/study.h"
#include "worker/artifacts/tensor_file.h"

namespace attune {

// Where a trial's files are kept, below the folder for artifacts that the
// workers of a coordinator share:
//
//   ArtifactFolder()/NUMBER/checkpoint.safetensors   while it runs
//   ArtifactFolder()/NUMBER/refused.safetensors      as long, one that does not
//                                                    fit the trial
//   ArtifactFolder()/NUMBER/model.safetensors        of the study's best trials
//   ArtifactFolder()/NUMBER/confusion.csv            beside it, of classes
//
// Several processes may write there at the same time, also two that take
// themselves for the same trial's worker.
class TrialFolder {
 public:
  TrialFolder(std::string root, const Assignment& assignment);

  const std::string& path() const { return path_; }
  std::string checkpoint_path() const;
  std::string refused_path() const;
  std::string model_path() const;
  std::string confusion_path() const;

  // NOT_FOUND if there is none; DATA_LOSS if it is damaged.
  absl::StatusOr<TensorFile> ReadCheckpoint() const;
  absl::Status WriteCheckpoint(const TensorFile& checkpoint) const;
  // For people to see why, as it does not fit. Replaces one that was set aside
  // before.
  absl::Status SetCheckpointAside() const;
  absl::Status WriteModel(const TensorFile& model) const;
  // For people: what was taken for what by the model.
  absl::Status WriteConfusion(absl::string_view csv) const;

  // Removes what attempts before this one were writing when they were lost.
  absl::Status RemoveUnfinished() const;

  // Nobody goes on with the trial: removes everything but its model and what
  // belongs to it.
  absl::Status Discard() const;

  // Removes, of all models of the study, those of trials that `most` others
  // rank before, by the number that each model's metadata calls `objective` (by
  // the trial's number if they are equal). One that has none ranks last.
  absl::Status KeepBest(Goal goal, int64_t most) const;

 private:
  absl::Status Write(const std::string& path, absl::string_view bytes) const;

  std::string study_path_;
  std::string path_;
  int attempt_;
};

// In the metadata of a model.
inline constexpr char kObjectiveMetadata[] = "objective";

}  // namespace attune

#endif  // ATTUNE_WORKER_ARTIFACTS_TRIAL_FOLDER_H_

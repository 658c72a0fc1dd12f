#ifndef ATTUNE_WORKER_TRAINING_KEEPER_H_
#define ATTUNE_WORKER_TRAINING_KEEPER_H_

#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "core/clock.h"
#include "core/coordinator_api.h"
#include "core/search_space.h"
#include "core/study.h"
#include "worker/artifacts/trial_folder.h"
#include "worker/training/checkpoint.h"
#include "worker/training/model.h"

namespace attune {

struct KeeperOptions {
  // Where checkpoints and models go; empty: nothing is kept.
  std::string artifact_dir;
  // The least time from one checkpoint to the next.
  absl::Duration checkpoint_interval = absl::Seconds(10);
  // Told what could not be kept, and why: the trial goes on all the same.
  std::function<void(const absl::Status&)> warn = [](const absl::Status&) {};
};

// What of one trial's training outlives its process.
class Keeper {
 public:
  // `clock` must outlive it. REQUIRES: the task is a NetworkTask.
  Keeper(const Assignment& assignment, const KeeperOptions& options,
         const Clock* clock);

  // Whether anything is kept at all.
  bool is_on() const { return folder_.has_value(); }

  // Where an earlier attempt got to; nullopt if it left no checkpoint, or none
  // of this very training, which it refuses. Removes what earlier attempts left
  // half written.
  std::optional<TrainingState> Resume() const;

  // Warns why nothing goes on from the checkpoint, and sets it aside.
  void Refuse(const absl::Status& why) const;

  // Whether it is time for a checkpoint.
  bool IsDue() const;
  void KeepCheckpoint(const TrainingState& state);

  // `model.settings` and what is known about the trial are filled in here.
  // `objective` is what the trial ranks by in its study.
  // False if it could not be kept.
  bool KeepModel(Model model, int64_t epoch, double objective) const;

  // Beside the model; `csv` as nn::ToCsv() writes it.
  void KeepConfusion(absl::string_view csv) const;

  // Removes the models of its study but for the `most` that are best by `goal`.
  void KeepBest(Goal goal, int64_t most) const;

  // The trial is over: removes all but its model.
  void Discard() const;

  // Tells of what was not done, unless `status` is OK. `what`: in doing what.
  void Warn(const absl::Status& status, absl::string_view what) const;

 private:
  const Assignment assignment_;
  const KeeperOptions options_;
  const std::optional<TrialFolder> folder_;
  const Clock* const clock_;
  absl::Time last_checkpoint_;
};

}  // namespace attune

#endif  // ATTUNE_WORKER_TRAINING_KEEPER_H_

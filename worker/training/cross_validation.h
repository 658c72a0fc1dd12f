#ifndef ATTUNE_WORKER_TRAINING_CROSS_VALIDATION_H_
#define ATTUNE_WORKER_TRAINING_CROSS_VALIDATION_H_

#include <memory>
#include <stop_token>
#include <variant>
#include <vector>

#include "absl/status/statusor.h"
#include "core/trial.h"
#include "worker/trial_runner.h"

namespace attune {

// Trains on several folds side by side, an epoch of each with every Advance(),
// and reports the means of what they measure, of the elapsed seconds the sum. A
// fold that is finished before the others counts with its last measurement. The
// trial diverges if one does.
class CrossValidation : public TrialRun {
 public:
  // REQUIRES: `folds` is not empty, and each measures before it is finished.
  explicit CrossValidation(std::vector<std::unique_ptr<TrialRun>> folds);

  absl::StatusOr<std::variant<Measurement, Outcome>> Advance(
      std::stop_token stop) override;

 private:
  struct Fold {
    std::unique_ptr<TrialRun> run;
    Measurement last;
    bool is_finished = false;
  };

  Measurement Mean() const;

  std::vector<Fold> folds_;
};

}  // namespace attune

#endif  // ATTUNE_WORKER_TRAINING_CROSS_VALIDATION_H_

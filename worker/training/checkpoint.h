#ifndef ATTUNE_WORKER_TRAINING_CHECKPOINT_H_
#define ATTUNE_WORKER_TRAINING_CHECKPOINT_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "core/trial.h"
#include "worker/artifacts/tensor_file.h"
#include "worker/nn/types.h"

namespace attune {

// The weights of an epoch that are worth keeping.
struct KeptWeights {
  int64_t epoch = 0;
  nn::Vector params;
  nn::Vector layer_state;  // Network::State()
};

// Everything that training goes on from at the end of an epoch. Random numbers
// need no place here: what an epoch draws depends on the trial's seed and the
// epoch's number alone.
struct TrainingState {
  int64_t epoch = 0;  // that are done
  int64_t step = 0;   // minibatches done
  nn::Vector params;
  nn::Vector layer_state;                 // Network::State()
  std::vector<nn::Vector> optimizer;      // its slots, and averages
  std::vector<Measurement> measurements;  // of all that was reported, in order
  double last_loss = 0.0;
  std::optional<KeptWeights> best;
};

// What the state of one training can be.
struct StateShape {
  int64_t epochs = 0;  // of the whole training
  int64_t steps_per_epoch = 0;
  int64_t report_every_steps = 0;  // 0: after every epoch only
  int64_t params = 0;
  int64_t layer_state = 0;
  std::vector<int64_t> slots;  // the sizes of `optimizer`
  // Those that are as long as the parameters may be empty too.
  bool slots_may_be_empty = false;
  bool has_best = false;
};

// FAILED_PRECONDITION if a training of `shape` cannot go on from `state`.
absl::Status CheckFits(const TrainingState& state, const StateShape& shape);

// `identity` names the trial and all that its curve depends on.
TensorFile ToTensors(const TrainingState& state, const std::string& identity);

// FAILED_PRECONDITION if the file is another trial's or has the format of
// another version, DATA_LOSS if something is missing or no number of steps.
absl::StatusOr<TrainingState> StateFromTensors(const TensorFile& file,
                                               const std::string& identity);

}  // namespace attune

#endif  // ATTUNE_WORKER_TRAINING_CHECKPOINT_H_

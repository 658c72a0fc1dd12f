#ifndef ATTUNE_WORKER_TRAINING_CHECKPOINT_H_
#define ATTUNE_WORKER_TRAINING_CHECKPOINT_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

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
  std::vector<Measurement> measurements;  // one for each epoch, in order
  double last_loss = 0.0;
  std::optional<KeptWeights> best;
};

// `identity` names the trial and all that its curve depends on.
TensorFile ToTensors(const TrainingState& state, const std::string& identity);

// FAILED_PRECONDITION if the file is another trial's, DATA_LOSS if something is
// missing.
absl::StatusOr<TrainingState> StateFromTensors(const TensorFile& file,
                                               const std::string& identity);

}  // namespace attune

#endif  // ATTUNE_WORKER_TRAINING_CHECKPOINT_H_

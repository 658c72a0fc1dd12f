#ifndef ATTUNE_BENCH_ENGINE_TRAINING_H_
#define ATTUNE_BENCH_ENGINE_TRAINING_H_

#include <memory>
#include <string>

#include "bench/torch_peer.h"
#include "bench/work.h"
#include "core/clock.h"
#include "worker/trial_runner.h"

namespace attune {

struct EngineTrainingOptions {
  int64_t examples = 1;  // of an epoch
  int rounds = 1;        // as often as Run() may be called
  uint64_t seed = 1;
  std::string precision = "float";
};

// Epochs of Attune's engine, through the same library and calls as in
// attune-worker, with the settings of one case.
class EngineTraining : public Work {
 public:
  // Ends the program with a message if the trial cannot be started.
  EngineTraining(TrialRunner& runner, const TrainingCase& one,
                 const EngineTrainingOptions& options);

  void Run() override;

 private:
  std::unique_ptr<TrialRun> run_;
};

}  // namespace attune

#endif  // ATTUNE_BENCH_ENGINE_TRAINING_H_

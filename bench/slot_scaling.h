#ifndef ATTUNE_BENCH_SLOT_SCALING_H_
#define ATTUNE_BENCH_SLOT_SCALING_H_

#include <vector>

#include "bench/engine_training.h"
#include "worker/trial_runner.h"

namespace attune {

// Trains one trial on one core and two at once on two, by turns, and prints
// how much more the two got done. The exit code: 1 if `cpus` has not two.
int MeasureSlotScaling(TrialRunner& runner, const std::vector<int>& cpus,
                       const EngineTrainingOptions& options);

}  // namespace attune

#endif  // ATTUNE_BENCH_SLOT_SCALING_H_

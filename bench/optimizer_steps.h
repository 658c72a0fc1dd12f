#ifndef ATTUNE_BENCH_OPTIMIZER_STEPS_H_
#define ATTUNE_BENCH_OPTIMIZER_STEPS_H_

#include <cstdint>

#include "bench/work.h"

// Modules export this, one for each build of the engine:
// optimizer_steps_<EngineName()>.so. Each has the engine's update rules,
// compiled as that build is; the engine itself exports none.
//
// A round is `steps` steps of `optimizer`, a word of the study file, over
// `params` numbers. The caller owns it.
extern "C" attune::Work* attune_new_optimizer_steps(const char* optimizer,
                                                    int64_t params,
                                                    int64_t steps);

#endif  // ATTUNE_BENCH_OPTIMIZER_STEPS_H_

#ifndef ATTUNE_WORKER_OPTIM_SCHEDULE_FACTORY_H_
#define ATTUNE_WORKER_OPTIM_SCHEDULE_FACTORY_H_

#include <cstdint>
#include <optional>

#include "core/network_settings.h"
#include "worker/optim/early_stopping.h"
#include "worker/optim/plateau.h"
#include "worker/optim/schedule.h"

namespace attune::nn {

// What `config` names, its epochs turned into steps. REQUIRES: the words are
// those of the table of settings; steps_per_epoch >= 1.
Schedule MakeLearningRateSchedule(const NetworkConfig& config,
                                  int64_t steps_per_epoch);
Schedule MakeMomentumSchedule(const NetworkConfig& config,
                              int64_t steps_per_epoch);

// For the schedule reduce_on_plateau, whose learning rate is the product of
// MakeLearningRateSchedule()'s value and PlateauScale(); nullopt for others.
std::optional<Plateau> MakePlateau(const NetworkConfig& config);

EarlyStopping MakeEarlyStopping(const NetworkConfig& config);

}  // namespace attune::nn

#endif  // ATTUNE_WORKER_OPTIM_SCHEDULE_FACTORY_H_

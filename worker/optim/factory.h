#ifndef ATTUNE_WORKER_OPTIM_FACTORY_H_
#define ATTUNE_WORKER_OPTIM_FACTORY_H_

#include <memory>

#include "core/network_settings.h"
#include "worker/optim/optimizer.h"

namespace attune::nn {

// The optimizer that `config` names. REQUIRES: the words are those of the table
// of settings.
std::unique_ptr<Optimizer> MakeOptimizer(const NetworkConfig& config);

}  // namespace attune::nn

#endif  // ATTUNE_WORKER_OPTIM_FACTORY_H_

#ifndef ATTUNE_WORKER_OPTIM_FACTORY_H_
#define ATTUNE_WORKER_OPTIM_FACTORY_H_

#include <memory>

#include "core/network_settings.h"
#include "worker/optim/lbfgs.h"
#include "worker/optim/optimizer.h"

namespace attune::nn {

// The optimizer that `config` names. REQUIRES: the words are those of the table
// of settings; for MakeLbfgs() `lbfgs`, for MakeOptimizer() another one.
std::unique_ptr<Optimizer> MakeOptimizer(const NetworkConfig& config);
std::unique_ptr<Lbfgs> MakeLbfgs(const NetworkConfig& config);

}  // namespace attune::nn

#endif  // ATTUNE_WORKER_OPTIM_FACTORY_H_

#include "worker/optim/factory.h"

#include "core/check.h"
#include "worker/optim/adam.h"
#include "worker/optim/rmsprop.h"
#include "worker/optim/sgd.h"

namespace attune::nn {

std::unique_ptr<Optimizer> MakeOptimizer(const NetworkConfig& config) {
  if (config.optimizer == "sgd") return std::make_unique<Sgd>();
  if (config.optimizer == "momentum") return std::make_unique<Momentum>();
  if (config.optimizer == "nesterov") return std::make_unique<Nesterov>();
  if (config.optimizer == "rmsprop") {
    return std::make_unique<Rmsprop>(
        RmspropOptions{.rho = config.rho,
                       .epsilon = config.epsilon,
                       .epsilon_inside_root = config.epsilon_inside_root});
  }
  ATTUNE_CHECK(config.optimizer == "adam");
  return std::make_unique<Adam>(
      AdamOptions{.beta1 = config.beta1,
                  .beta2 = config.beta2,
                  .epsilon = config.epsilon,
                  .epsilon_inside_root = config.epsilon_inside_root,
                  .bias_correction = config.bias_correction});
}

}  // namespace attune::nn

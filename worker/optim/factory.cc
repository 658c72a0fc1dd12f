#include "worker/optim/factory.h"

#include <string>

#include "core/check.h"
#include "worker/optim/adadelta.h"
#include "worker/optim/adagrad.h"
#include "worker/optim/adam.h"
#include "worker/optim/lion.h"
#include "worker/optim/momentum.h"
#include "worker/optim/nadam.h"
#include "worker/optim/rmsprop.h"
#include "worker/optim/sgd.h"

namespace attune::nn {

namespace {

std::unique_ptr<Optimizer> MakeAdam(const NetworkConfig& config, bool amsgrad,
                                    const Regularization& regularization) {
  return std::make_unique<Adam>(
      AdamOptions{.beta1 = config.beta1,
                  .beta2 = config.beta2,
                  .epsilon = config.epsilon,
                  .epsilon_inside_root = config.epsilon_inside_root,
                  .bias_correction = config.bias_correction,
                  .amsgrad = amsgrad},
      regularization);
}

std::unique_ptr<Optimizer> MakeRmsprop(const NetworkConfig& config,
                                       const Regularization& regularization) {
  return std::make_unique<Rmsprop>(
      RmspropOptions{.rho = config.rho,
                     .epsilon = config.epsilon,
                     .epsilon_inside_root = config.epsilon_inside_root,
                     .centered = config.centered,
                     .momentum = config.rmsprop_momentum},
      regularization);
}

std::unique_ptr<Optimizer> MakeNadam(const NetworkConfig& config,
                                     const Regularization& regularization) {
  return std::make_unique<Nadam>(
      NadamOptions{.beta1 = config.beta1,
                   .beta2 = config.beta2,
                   .epsilon = config.epsilon,
                   .epsilon_inside_root = config.epsilon_inside_root,
                   .bias_correction = config.bias_correction},
      regularization);
}

}  // namespace

std::unique_ptr<Optimizer> MakeOptimizer(const NetworkConfig& config) {
  const std::string& word = config.optimizer;
  const Regularization regularization = {.clip_norm = config.clip_norm,
                                         .clip_value = config.clip_value,
                                         .l1 = config.l1,
                                         .l2 = config.l2,
                                         .weight_decay = config.weight_decay};
  if (word == "sgd") return std::make_unique<Sgd>(regularization);
  if (word == "momentum" || word == "nesterov") {
    return std::make_unique<Momentum>(
        word == "nesterov" ? Momentum::Kind::kNesterov : Momentum::Kind::kPlain,
        regularization);
  }
  if (word == "rmsprop") return MakeRmsprop(config, regularization);
  if (word == "nadam") return MakeNadam(config, regularization);
  if (word == "adagrad") {
    return std::make_unique<Adagrad>(
        AdagradOptions{.epsilon = config.epsilon,
                       .epsilon_inside_root = config.epsilon_inside_root},
        regularization);
  }
  if (word == "adadelta") {
    return std::make_unique<Adadelta>(
        AdadeltaOptions{.rho = config.rho, .epsilon = config.epsilon},
        regularization);
  }
  if (word == "lion") {
    return std::make_unique<Lion>(
        LionOptions{.beta1 = config.beta1, .beta2 = config.beta2},
        regularization);
  }
  // Of AdamW only the default of weight_decay is its own.
  ATTUNE_CHECK(word == "adam" || word == "adamw" || word == "amsgrad");
  return MakeAdam(config, word == "amsgrad", regularization);
}

std::unique_ptr<Lbfgs> MakeLbfgs(const NetworkConfig& config) {
  ATTUNE_CHECK(config.optimizer == "lbfgs");
  return std::make_unique<Lbfgs>(
      LbfgsOptions{.history = config.lbfgs_history, .l2 = config.l2});
}

}  // namespace attune::nn

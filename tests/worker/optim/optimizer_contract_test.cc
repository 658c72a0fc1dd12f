#include "tests/testing/optimizer_contract.h"

#include <memory>

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

const OptimizerCase kSgd = {
    .name = "Sgd",
    .make = [] { return std::make_unique<Sgd>(); },
    .sphere = {.rate = 0.4, .steps = 100},
    .ravine = {.rate = 0.035, .steps = 1000},
    .rosenbrock = {.rate = 0.002, .steps = 50'000},
};
const OptimizerCase kMomentum = {
    .name = "Momentum",
    .make = [] { return std::make_unique<Momentum>(); },
    .momentum = 0.9,
    .sphere = {.rate = 0.1, .steps = 300},
    .ravine = {.rate = 0.03, .steps = 300},
    .rosenbrock = {.rate = 0.0005, .steps = 20'000},
};
const OptimizerCase kNesterov = {
    .name = "Nesterov",
    .make =
        [] { return std::make_unique<Momentum>(Momentum::Kind::kNesterov); },
    .momentum = 0.9,
    .sphere = {.rate = 0.1, .steps = 300},
    .ravine = {.rate = 0.02, .steps = 300},
    .rosenbrock = {.rate = 0.0005, .steps = 20'000},
};
const OptimizerCase kRmsprop = {
    .name = "Rmsprop",
    .make = [] { return std::make_unique<Rmsprop>(RmspropOptions{}); },
    .sphere = {.rate = 0.05, .steps = 500},
    .ravine = {.rate = 0.05, .steps = 800},
    .rosenbrock = {.rate = 0.01, .steps = 20'000},
};
const OptimizerCase kCenteredRmsprop = {
    .name = "CenteredRmsprop",
    .make =
        [] {
          return std::make_unique<Rmsprop>(
              RmspropOptions{.epsilon = 1e-3, .centered = true});
        },
    .sphere = {.rate = 0.02, .steps = 500},
    .ravine = {.rate = 0.02, .steps = 1500},
    .rosenbrock = {.rate = 0.003, .steps = 30'000},
};
const OptimizerCase kRmspropWithMomentum = {
    .name = "RmspropWithMomentum",
    .make =
        [] {
          return std::make_unique<Rmsprop>(RmspropOptions{.momentum = 0.9});
        },
    .sphere = {.rate = 0.02, .steps = 500},
    .ravine = {.rate = 0.02, .steps = 800},
    .rosenbrock = {.rate = 0.002, .steps = 20'000},
};
const OptimizerCase kAdam = {
    .name = "Adam",
    .make = [] { return std::make_unique<Adam>(AdamOptions{}); },
    .sphere = {.rate = 0.1, .steps = 500},
    .ravine = {.rate = 0.1, .steps = 800},
    .rosenbrock = {.rate = 0.02, .steps = 20'000},
};
const OptimizerCase kAmsgrad = {
    .name = "Amsgrad",
    .make = [] { return std::make_unique<Adam>(AdamOptions{.amsgrad = true}); },
    .sphere = {.rate = 0.2, .steps = 500},
    .ravine = {.rate = 0.2, .steps = 800},
    .rosenbrock = {.rate = 0.1, .steps = 20'000},
};
const OptimizerCase kNadam = {
    .name = "Nadam",
    .make = [] { return std::make_unique<Nadam>(NadamOptions{}); },
    .sphere = {.rate = 0.1, .steps = 500},
    .ravine = {.rate = 0.1, .steps = 800},
    .rosenbrock = {.rate = 0.02, .steps = 20'000},
};
const OptimizerCase kAdagrad = {
    .name = "Adagrad",
    .make = [] { return std::make_unique<Adagrad>(AdagradOptions{}); },
    .sphere = {.rate = 2.0, .steps = 500},
    .ravine = {.rate = 2.0, .steps = 500},
    .rosenbrock = {.rate = 0.5, .steps = 50'000},
};
const OptimizerCase kAdadelta = {
    .name = "Adadelta",
    .make =
        [] {
          return std::make_unique<Adadelta>(AdadeltaOptions{.epsilon = 1e-3});
        },
    .sphere = {.rate = 1.0, .steps = 1000},
    .ravine = {.rate = 1.0, .steps = 2000},
    .rosenbrock = {.rate = 0.1, .steps = 20'000},
};
const OptimizerCase kLion = {
    .name = "Lion",
    .make = [] { return std::make_unique<Lion>(LionOptions{}); },
    .sphere = {.rate = 0.02, .steps = 1000},
    .ravine = {.rate = 0.02, .steps = 1500},
    .rosenbrock = {.rate = 0.01, .steps = 20'000},
};
INSTANTIATE_TEST_SUITE_P(All, OptimizerContract,
                         testing::Values(kSgd, kMomentum, kNesterov, kRmsprop,
                                         kCenteredRmsprop, kRmspropWithMomentum,
                                         kAdam, kAmsgrad, kNadam, kAdagrad,
                                         kAdadelta, kLion),
                         [](const auto& test) { return test.param.name; });

}  // namespace
}  // namespace attune::nn

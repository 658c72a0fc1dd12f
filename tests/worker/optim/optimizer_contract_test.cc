#include "tests/testing/optimizer_contract.h"

#include <memory>

#include "worker/optim/adam.h"
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
    .make = [] { return std::make_unique<Nesterov>(); },
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
const OptimizerCase kAdam = {
    .name = "Adam",
    .make = [] { return std::make_unique<Adam>(AdamOptions{}); },
    .sphere = {.rate = 0.1, .steps = 500},
    .ravine = {.rate = 0.1, .steps = 800},
    .rosenbrock = {.rate = 0.02, .steps = 20'000},
};
INSTANTIATE_TEST_SUITE_P(All, OptimizerContract,
                         testing::Values(kSgd, kMomentum, kNesterov, kRmsprop,
                                         kAdam),
                         [](const auto& test) { return test.param.name; });

}  // namespace
}  // namespace attune::nn

#include "bench/optimizer_steps.h"

#include <memory>
#include <string>

#include "core/check.h"
#include "core/network_settings.h"
#include "core/random.h"
#include "worker/optim/factory.h"

namespace attune {
namespace {

class OptimizerSteps : public Work {
 public:
  OptimizerSteps(const std::string& optimizer, int64_t params, int64_t steps)
      : steps_(steps) {
    const auto config = ResolveNetworkConfig(
        {{"dataset", std::string("fashion-mnist")}, {"optimizer", optimizer}},
        {});
    ATTUNE_CHECK(config.ok());
    optimizer_ = nn::MakeOptimizer(*config);
    Rng rng(1);
    params_ = nn::Vector::NullaryExpr(
        params, [&rng] { return static_cast<float>(rng.Normal()); });
    grads_ = nn::Vector::NullaryExpr(
        params, [&rng] { return 1e-3F * static_cast<float>(rng.Normal()); });
  }

  void Run() override {
    for (int64_t i = 0; i < steps_; ++i) {
      optimizer_->Step(grads_, {.learning_rate = 1e-3, .momentum = 0.9},
                       params_);
    }
  }

 private:
  const int64_t steps_;
  std::unique_ptr<nn::Optimizer> optimizer_;
  nn::Vector params_;
  nn::Vector grads_;
};

}  // namespace
}  // namespace attune

attune::Work* attune_new_optimizer_steps(const char* optimizer, int64_t params,
                                         int64_t steps) {
  return new attune::OptimizerSteps(optimizer, params, steps);
}

#include "worker/optim/schedule_factory.h"

#include <algorithm>
#include <cmath>

#include "core/check.h"

namespace attune::nn {
namespace {

int64_t WarmupSteps(const NetworkConfig& config, int64_t steps_per_epoch) {
  return std::llround(config.warmup_epochs *
                      static_cast<double>(steps_per_epoch));
}

// What a curve that leads to the end has for it. A warm-up may be longer than
// the training; then the curve is never reached.
int64_t StepsAfterWarmup(const NetworkConfig& config, int64_t steps_per_epoch) {
  return std::max<int64_t>(1, config.epochs * steps_per_epoch -
                                  WarmupSteps(config, steps_per_epoch));
}

Curve MakeCurve(const NetworkConfig& config, int64_t decay_steps,
                int64_t steps) {
  const double rate = config.learning_rate;
  const double final_rate = config.final_learning_rate;
  const absl::string_view word = config.schedule;
  if (word == "step") {
    return StepDecay{
        .value = rate, .factor = config.decay_rate, .steps = decay_steps};
  }
  if (word == "exponential") {
    return ExponentialDecay{
        .value = rate, .factor = config.decay_rate, .steps = decay_steps};
  }
  if (word == "inverse_time") {
    return InverseTimeDecay{
        .value = rate, .factor = config.decay_rate, .steps = decay_steps};
  }
  if (word == "linear") {
    return Linear{
        .value = rate, .final_value = final_rate, .steps = decay_steps};
  }
  if (word == "polynomial") {
    return Polynomial{.value = rate,
                      .final_value = final_rate,
                      .power = config.decay_power,
                      .steps = decay_steps};
  }
  if (word == "one_cycle") {
    return OneCycle{.initial_value = rate / config.cycle_divisor,
                    .value = rate,
                    .final_value = final_rate,
                    .rise = config.cycle_rise,
                    .steps = steps};
  }
  ATTUNE_CHECK(word == "constant" || word == "reduce_on_plateau");
  return Constant{.value = rate};
}

Curve MakeCosine(const NetworkConfig& config, int64_t steps_per_epoch,
                 int64_t steps) {
  if (config.restart_epochs == 0) {
    return Cosine{.value = config.learning_rate,
                  .final_value = config.final_learning_rate,
                  .steps = steps};
  }
  return WarmRestarts{.value = config.learning_rate,
                      .final_value = config.final_learning_rate,
                      .period = config.restart_epochs * steps_per_epoch,
                      .period_factor = config.restart_factor};
}

}  // namespace

Schedule MakeLearningRateSchedule(const NetworkConfig& config,
                                  int64_t steps_per_epoch) {
  ATTUNE_CHECK(steps_per_epoch >= 1);
  const int64_t warmup_steps = WarmupSteps(config, steps_per_epoch);
  const int64_t steps = StepsAfterWarmup(config, steps_per_epoch);
  const int64_t decay_steps =
      config.decay_epochs == 0 ? steps : config.decay_epochs * steps_per_epoch;
  return {.curve = config.schedule == "cosine"
                       ? MakeCosine(config, steps_per_epoch, steps)
                       : MakeCurve(config, decay_steps, steps),
          .warmup_steps = warmup_steps};
}

Schedule MakeMomentumSchedule(const NetworkConfig& config,
                              int64_t steps_per_epoch) {
  ATTUNE_CHECK(steps_per_epoch >= 1);
  if (config.momentum_schedule == "linear") {
    return {.curve = Linear{.value = config.initial_momentum,
                            .final_value = config.momentum,
                            .steps = config.momentum_epochs * steps_per_epoch}};
  }
  if (config.momentum_schedule == "one_cycle") {
    // In step with the learning rate's cycle, which begins after the warm-up.
    return {
        .curve = OneCycle{.initial_value = config.momentum,
                          .value = config.cycle_momentum,
                          .final_value = config.momentum,
                          .rise = config.cycle_rise,
                          .steps = StepsAfterWarmup(config, steps_per_epoch)},
        .warmup_steps = WarmupSteps(config, steps_per_epoch),
        .warmup_from = 1.0};
  }
  ATTUNE_CHECK(config.momentum_schedule == "constant");
  return {.curve = Constant{.value = config.momentum}};
}

std::optional<Plateau> MakePlateau(const NetworkConfig& config) {
  if (config.schedule != "reduce_on_plateau") return std::nullopt;
  return Plateau{.factor = config.decay_rate,
                 .patience = config.plateau_patience,
                 .threshold = config.plateau_threshold,
                 .cooldown = config.plateau_cooldown,
                 .least_scale = std::min(
                     1.0, config.final_learning_rate / config.learning_rate)};
}

EarlyStopping MakeEarlyStopping(const NetworkConfig& config) {
  return {.patience = config.early_stopping_patience,
          .min_delta = config.early_stopping_delta};
}

}  // namespace attune::nn

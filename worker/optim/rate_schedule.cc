#include "worker/optim/rate_schedule.h"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "core/check.h"

namespace attune::nn {
namespace {

// The part of `steps` that is done, at most 1.
double Progress(int64_t step, int64_t steps) {
  return std::min(1.0, static_cast<double>(step) / static_cast<double>(steps));
}

double At(const ConstantRate& schedule, int64_t /*step*/) {
  return schedule.rate;
}

double At(const StepRate& schedule, int64_t step) {
  return schedule.rate *
         std::pow(schedule.factor, static_cast<double>(step / schedule.steps));
}

double At(const ExponentialRate& schedule, int64_t step) {
  return schedule.rate *
         std::pow(schedule.factor, static_cast<double>(step) /
                                       static_cast<double>(schedule.steps));
}

double At(const CosineRate& schedule, int64_t step) {
  const double progress = Progress(step, schedule.steps);
  return schedule.final_rate +
         (schedule.rate - schedule.final_rate) * 0.5 *
             (1.0 + std::cos(std::numbers::pi * progress));
}

double At(const LinearRate& schedule, int64_t step) {
  const double progress = Progress(step, schedule.steps);
  return (1.0 - progress) * schedule.rate + progress * schedule.final_rate;
}

}  // namespace

double LearningRate(const RateSchedule& schedule, int64_t step) {
  ATTUNE_CHECK(step >= 0);
  return std::visit([step](const auto& kind) { return At(kind, step); },
                    schedule);
}

}  // namespace attune::nn

#include "worker/optim/schedule.h"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "core/check.h"

namespace attune::nn {
namespace {

double Ratio(int64_t step, int64_t steps) {
  return static_cast<double>(step) / static_cast<double>(steps);
}

// The part of `steps` that is done, at most 1.
double Progress(int64_t step, int64_t steps) {
  return std::min(1.0, Ratio(step, steps));
}

// From `from` at 0 to `to` at 1 along half a cosine.
double HalfCosine(double from, double to, double progress) {
  return to + (from - to) * 0.5 * (1.0 + std::cos(std::numbers::pi * progress));
}

double At(const Constant& curve, int64_t /*step*/) { return curve.value; }

double At(const StepDecay& curve, int64_t step) {
  return curve.value *
         std::pow(curve.factor, static_cast<double>(step / curve.steps));
}

double At(const ExponentialDecay& curve, int64_t step) {
  return curve.value * std::pow(curve.factor, Ratio(step, curve.steps));
}

double At(const InverseTimeDecay& curve, int64_t step) {
  return curve.value / (1.0 + curve.factor * Ratio(step, curve.steps));
}

double At(const Linear& curve, int64_t step) {
  const double progress = Progress(step, curve.steps);
  return (1.0 - progress) * curve.value + progress * curve.final_value;
}

double At(const Polynomial& curve, int64_t step) {
  const double left = 1.0 - Progress(step, curve.steps);
  return curve.final_value +
         (curve.value - curve.final_value) * std::pow(left, curve.power);
}

double At(const Cosine& curve, int64_t step) {
  return HalfCosine(curve.value, curve.final_value,
                    Progress(step, curve.steps));
}

double At(const WarmRestarts& curve, int64_t step) {
  int64_t period = curve.period;
  if (curve.period_factor == 1) {
    step %= period;
  } else {
    while (step >= period) {
      step -= period;
      period *= curve.period_factor;
    }
  }
  return HalfCosine(curve.value, curve.final_value, Ratio(step, period));
}

double At(const OneCycle& curve, int64_t step) {
  const auto k = static_cast<double>(step);
  const auto last = static_cast<double>(curve.steps - 1);
  const double peak =
      std::max(0.0, curve.rise * static_cast<double>(curve.steps) - 1.0);
  if (k < peak) {
    return HalfCosine(curve.initial_value, curve.value, k / peak);
  }
  if (k == peak) return curve.value;
  return HalfCosine(curve.value, curve.final_value,
                    k < last ? (k - peak) / (last - peak) : 1.0);
}

}  // namespace

double Value(const Schedule& schedule, int64_t step) {
  ATTUNE_CHECK(step >= 0);
  const int64_t warmup = schedule.warmup_steps;
  const int64_t own_step = std::max<int64_t>(0, step - warmup);
  const double value =
      std::visit([own_step](const auto& curve) { return At(curve, own_step); },
                 schedule.curve);
  if (step >= warmup) return value;
  const double share = Ratio(step + 1, warmup);
  return value * ((1.0 - share) * schedule.warmup_from + share);
}

}  // namespace attune::nn

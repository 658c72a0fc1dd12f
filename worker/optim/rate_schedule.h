#ifndef ATTUNE_WORKER_OPTIM_RATE_SCHEDULE_H_
#define ATTUNE_WORKER_OPTIM_RATE_SCHEDULE_H_

#include <cstdint>
#include <variant>

namespace attune::nn {

// How the learning rate changes with the steps k that are done, from 0 on:
// values and one function of them, never an object that changes an optimizer.
struct ConstantRate {
  double rate = 1e-3;
};
// rate factor^floor(k / steps)
struct StepRate {
  double rate = 1e-3;
  double factor = 0.5;
  int64_t steps = 1;  // >= 1
};
// rate factor^(k / steps)
struct ExponentialRate {
  double rate = 1e-3;
  double factor = 0.5;
  int64_t steps = 1;  // >= 1
};
// From `rate` along half a cosine to `final_rate` at k = steps, and constant
// from there on (Loshchilov & Hutter 2017, without restarts).
struct CosineRate {
  double rate = 1e-3;
  double final_rate = 0.0;
  int64_t steps = 1;  // >= 1
};
// From `rate` in a straight line to `final_rate` at k = steps, and constant
// from there on (Goodfellow et al., equation 8.14).
struct LinearRate {
  double rate = 1e-3;
  double final_rate = 0.0;
  int64_t steps = 1;  // >= 1
};
using RateSchedule = std::variant<ConstantRate, StepRate, ExponentialRate,
                                  CosineRate, LinearRate>;

// REQUIRES: step >= 0.
double LearningRate(const RateSchedule& schedule, int64_t step);

}  // namespace attune::nn

#endif  // ATTUNE_WORKER_OPTIM_RATE_SCHEDULE_H_

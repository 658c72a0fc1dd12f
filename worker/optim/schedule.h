#ifndef ATTUNE_WORKER_OPTIM_SCHEDULE_H_
#define ATTUNE_WORKER_OPTIM_SCHEDULE_H_

#include <cstdint>
#include <variant>

namespace attune::nn {

// How a learning rate or a momentum changes with the steps k that are done,
// from 0 on: values and one function of them, never an object that changes an
// optimizer.

struct Constant {
  double value = 1e-3;
};
// value factor^floor(k / steps)
struct StepDecay {
  double value = 1e-3;
  double factor = 0.5;
  int64_t steps = 1;  // >= 1
};
// value factor^(k / steps)
struct ExponentialDecay {
  double value = 1e-3;
  double factor = 0.5;
  int64_t steps = 1;  // >= 1
};
// value / (1 + factor k / steps): search, then converge (Darken & Moody 1990,
// where factor is 1).
struct InverseTimeDecay {
  double value = 1e-3;
  double factor = 0.5;  // >= 0
  int64_t steps = 1;    // >= 1
};
// With a = min(1, k / steps), (1 - a) value + a final_value: a straight line,
// constant from its end on (Goodfellow et al., equation 8.14).
struct Linear {
  double value = 1e-3;
  double final_value = 0.0;
  int64_t steps = 1;  // >= 1
};
// With a as above, final_value + (value - final_value) (1 - a)^power: steep
// first where the power is above 1.
struct Polynomial {
  double value = 1e-3;
  double final_value = 0.0;
  double power = 2.0;  // > 0
  int64_t steps = 1;   // >= 1
};
// From `value` along half a cosine to `final_value` at k = steps, constant from
// there on.
struct Cosine {
  double value = 1e-3;
  double final_value = 0.0;
  int64_t steps = 1;  // >= 1
};
// SGDR (Loshchilov & Hutter 2017): half a cosine as above over the first
// `period` steps, then from `value` again, each period `period_factor` times as
// long as the last one; T_0 and T_mult there.
struct WarmRestarts {
  double value = 1e-3;
  double final_value = 0.0;
  int64_t period = 1;         // >= 1
  int64_t period_factor = 1;  // >= 1
};
// One cycle (Smith & Topin 2018, with the cosines of PyTorch's OneCycleLR):
// from `initial_value` along half a cosine to `value` at k = rise steps - 1,
// the peak, and along another one to `final_value` at k = steps - 1, the last
// step. For a momentum `value` is the least and the others the largest.
struct OneCycle {
  double initial_value = 4e-5;
  double value = 1e-3;
  double final_value = 0.0;
  double rise = 0.3;  // the share of the steps before the peak, in [0, 1]
  int64_t steps = 1;  // >= 1
};
using Curve =
    std::variant<Constant, StepDecay, ExponentialDecay, InverseTimeDecay,
                 Linear, Polynomial, Cosine, WarmRestarts, OneCycle>;

// A curve behind a warm-up (Goyal et al. 2017). With a = (k + 1) / warmup_steps
// the first warmup_steps steps have (1 - a) warmup_from + a of the curve's
// first value, a straight line; the curve begins after them, its own k being 0.
struct Schedule {
  Curve curve;
  int64_t warmup_steps = 0;  // >= 0; 0: none
  double warmup_from = 0.0;  // 1: wait at the first value
};

// REQUIRES: step >= 0.
double Value(const Schedule& schedule, int64_t step);

}  // namespace attune::nn

#endif  // ATTUNE_WORKER_OPTIM_SCHEDULE_H_

#include "worker/optim/rmsprop.h"

#include <algorithm>

#include "worker/optim/root.h"
#include "worker/optim/update_pass.h"

namespace attune::nn {

std::vector<Vector*> Rmsprop::slots() {
  std::vector<Vector*> slots = {&mean_square_};
  if (options_.centered) slots.push_back(&mean_);
  if (options_.momentum > 0.0) slots.push_back(&velocity_);
  return slots;
}

void Rmsprop::Update(const StepSettings& step, const UpdatePass& pass) {
  const auto rate = static_cast<Scalar>(step.learning_rate);
  const auto rho = static_cast<Scalar>(options_.rho);
  const auto rest = static_cast<Scalar>(1.0 - options_.rho);
  const auto alpha = static_cast<Scalar>(options_.momentum);
  const Root root(options_.epsilon, options_.epsilon_inside_root);
  const auto plain = [=](Scalar g, Scalar& s) {
    s = rho * s + rest * (g * g);
    return -rate * g / root(s);
  };
  const auto centered = [=](Scalar g, Scalar& s, Scalar& m) {
    s = rho * s + rest * (g * g);
    m = rho * m + rest * g;
    // Rounding must not make a root of what is below 0.
    return -rate * g / root(std::max(s - m * m, Scalar{0}));
  };
  const bool moving = options_.momentum > 0.0;
  if (options_.centered && moving) {
    pass.Run([=](Scalar g, Scalar& s, Scalar& m,
                 Scalar& v) { return v = alpha * v + centered(g, s, m); },
             mean_square_, mean_, velocity_);
  } else if (options_.centered) {
    pass.Run(centered, mean_square_, mean_);
  } else if (moving) {
    pass.Run([=](Scalar g, Scalar& s,
                 Scalar& v) { return v = alpha * v + plain(g, s); },
             mean_square_, velocity_);
  } else {
    pass.Run(plain, mean_square_);
  }
}

}  // namespace attune::nn

#include "worker/optim/adam.h"

#include <algorithm>
#include <cmath>

#include "worker/optim/root.h"
#include "worker/optim/update_pass.h"

namespace attune::nn {

std::vector<Vector*> Adam::slots() {
  std::vector<Vector*> slots = {&mean_, &mean_square_};
  if (options_.amsgrad) slots.push_back(&largest_);
  return slots;
}

void Adam::Update(const StepSettings& step, const UpdatePass& pass) {
  const auto t = static_cast<double>(steps());
  const bool correct = options_.bias_correction;
  const double mean_bias = correct ? 1.0 - std::pow(options_.beta1, t) : 1.0;
  const double square_bias = correct ? 1.0 - std::pow(options_.beta2, t) : 1.0;
  const auto rate = static_cast<Scalar>(step.learning_rate / mean_bias);
  const auto square_scale = static_cast<Scalar>(1.0 / square_bias);
  const auto beta1 = static_cast<Scalar>(options_.beta1);
  const auto beta2 = static_cast<Scalar>(options_.beta2);
  const auto rest1 = static_cast<Scalar>(1.0 - options_.beta1);
  const auto rest2 = static_cast<Scalar>(1.0 - options_.beta2);
  const Root root(options_.epsilon, options_.epsilon_inside_root);
  if (options_.amsgrad) {
    pass.Run(
        [=](Scalar g, Scalar& m, Scalar& s, Scalar& largest) {
          m = beta1 * m + rest1 * g;
          s = beta2 * s + rest2 * (g * g);
          largest = std::max(s, largest);
          return -rate * m / root(largest * square_scale);
        },
        mean_, mean_square_, largest_);
  } else {
    pass.Run(
        [=](Scalar g, Scalar& m, Scalar& s) {
          m = beta1 * m + rest1 * g;
          s = beta2 * s + rest2 * (g * g);
          return -rate * m / root(s * square_scale);
        },
        mean_, mean_square_);
  }
}

}  // namespace attune::nn

#include "worker/optim/lbfgs.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "core/check.h"
#include "worker/optim/line_search.h"
#include "worker/optim/reduction.h"

namespace attune::nn {

Lbfgs::Lbfgs(const LbfgsOptions& options)
    : options_(options),
      pairs_(static_cast<size_t>(options.history)),
      alphas_(static_cast<size_t>(options.history)) {
  ATTUNE_CHECK(options.history >= 1);
}

std::vector<Vector*> Lbfgs::slots() {
  std::vector<Vector*> slots;
  for (Pair& pair : pairs_) {
    slots.push_back(&pair.s);
    slots.push_back(&pair.y);
  }
  return slots;
}

double Lbfgs::Step(absl::FunctionRef<double()> evaluate, double learning_rate,
                   Vector& params, Vector& grads) {
  ATTUNE_CHECK(grads.size() == params.size());
  if (!evaluated_) Evaluate(evaluate, params, grads);
  const double loss = loss_;
  if (!std::isfinite(value_)) return loss;
  SetDirection(grads);
  const LinePoint start = {.value = value_, .slope = Dot(grads, direction_)};
  ++steps_;
  if (!(start.slope < 0.0)) {
    Forget();
    return loss;
  }
  const bool has_scale = pairs_.front().s.size() > 0;
  const double scale =
      has_scale ? 1.0 : std::min(1.0, 1.0 / grads.cast<double>().lpNorm<1>());
  start_ = params;
  start_grads_ = grads;
  double at = 0.0;
  const auto move = [&](double t) {
    at = t;
    params = start_ + static_cast<Scalar>(t) * direction_;
    Evaluate(evaluate, params, grads);
    return LinePoint{.t = t, .value = value_, .slope = Dot(grads, direction_)};
  };
  const LinePoint found = StrongWolfeSearch(move, start, learning_rate * scale);
  if (at != found.t) move(found.t);
  if (found.t > 0.0) {
    Remember(found.t, grads);
  } else {
    Forget();
  }
  return loss;
}

void Lbfgs::Evaluate(absl::FunctionRef<double()> evaluate, const Vector& params,
                     Vector& grads) {
  loss_ = value_ = evaluate();
  if (options_.l2 > 0.0) {
    value_ += 0.5 * options_.l2 * Dot(params, params);
    grads += static_cast<Scalar>(options_.l2) * params;
  }
  evaluated_ = true;
}

// Algorithm 7.4: -H g, H an estimate of the inverse Hessian.
void Lbfgs::SetDirection(const Vector& grads) {
  direction_ = -grads;
  size_t known = 0;
  for (; known < pairs_.size() && pairs_[known].s.size() > 0; ++known) {
    const Pair& pair = pairs_[known];
    alphas_[known] = Dot(pair.s, direction_) / Dot(pair.s, pair.y);
    direction_ -= static_cast<Scalar>(alphas_[known]) * pair.y;
  }
  if (known == 0) return;
  const Pair& newest = pairs_.front();
  direction_ *=
      static_cast<Scalar>(Dot(newest.s, newest.y) / Dot(newest.y, newest.y));
  for (size_t i = known; i-- > 0;) {
    const Pair& pair = pairs_[i];
    const double beta = Dot(pair.y, direction_) / Dot(pair.s, pair.y);
    direction_ += static_cast<Scalar>(alphas_[i] - beta) * pair.s;
  }
}

void Lbfgs::Remember(double t, const Vector& grads) {
  Vector& s = direction_;
  Vector& y = start_grads_;
  s *= static_cast<Scalar>(t);
  y = grads - start_grads_;
  // The Wolfe conditions give s y > 0. Rounding, or a search that was cut
  // short, may not, and H must stay positive definite.
  const double tiny = std::numeric_limits<Scalar>::epsilon();
  if (!(Dot(s, y) > tiny * Norm(s) * Norm(y))) return;
  // The oldest gives its place.
  std::rotate(pairs_.begin(), pairs_.end() - 1, pairs_.end());
  pairs_.front().s.swap(s);
  pairs_.front().y.swap(y);
}

void Lbfgs::Forget() {
  for (Vector* const slot : slots()) slot->resize(0);
}

}  // namespace attune::nn

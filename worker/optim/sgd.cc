#include "worker/optim/sgd.h"

#include "core/check.h"

namespace attune::nn {

// The rules are plain loops over pointers that do not overlap: one pass over
// memory, which the compiler turns into vector instructions.

void Sgd::Step(const Vector& grads, const StepSettings& step, Vector& params) {
  ATTUNE_CHECK(grads.size() == params.size());
  const auto rate = static_cast<Scalar>(step.learning_rate);
  const Scalar* __restrict g = grads.data();
  Scalar* __restrict theta = params.data();
  for (int64_t i = 0, n = params.size(); i < n; ++i) theta[i] -= rate * g[i];
}

void Momentum::Step(const Vector& grads, const StepSettings& step,
                    Vector& params) {
  ATTUNE_CHECK(grads.size() == params.size());
  if (velocity_.size() == 0) velocity_ = Vector::Zero(params.size());
  const auto rate = static_cast<Scalar>(step.learning_rate);
  const auto alpha = static_cast<Scalar>(step.momentum);
  const Scalar* __restrict g = grads.data();
  Scalar* __restrict v = velocity_.data();
  Scalar* __restrict theta = params.data();
  for (int64_t i = 0, n = params.size(); i < n; ++i) {
    v[i] = alpha * v[i] - rate * g[i];
    theta[i] += v[i];
  }
}

void Nesterov::Step(const Vector& grads, const StepSettings& step,
                    Vector& params) {
  ATTUNE_CHECK(grads.size() == params.size());
  if (velocity_.size() == 0) velocity_ = Vector::Zero(params.size());
  const auto rate = static_cast<Scalar>(step.learning_rate);
  const auto alpha = static_cast<Scalar>(step.momentum);
  const Scalar* __restrict g = grads.data();
  Scalar* __restrict v = velocity_.data();
  Scalar* __restrict theta = params.data();
  for (int64_t i = 0, n = params.size(); i < n; ++i) {
    v[i] = alpha * v[i] - rate * g[i];
    theta[i] += alpha * v[i] - rate * g[i];
  }
}

}  // namespace attune::nn

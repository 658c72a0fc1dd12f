#include "worker/nn/activation.h"

#include <numbers>
#include <unsupported/Eigen/SpecialFunctions>

#include "core/check.h"

namespace attune::nn {
namespace {

constexpr auto kLeak = static_cast<Scalar>(0.01);
constexpr auto kHalfRoot = static_cast<Scalar>(std::numbers::sqrt2 / 2.0);
// 1 / sqrt(2 pi)
constexpr auto kNormalDensity =
    static_cast<Scalar>(std::numbers::inv_sqrtpi * std::numbers::sqrt2 / 2.0);

// max(z, 0) and min(z, 0), exact, of NaN NaN.
template <typename Array>
auto Positive(const Array& z) {
  return Scalar{0.5} * (z + z.abs());
}
template <typename Array>
auto Negative(const Array& z) {
  return Scalar{0.5} * (z - z.abs());
}

// Phi(z) of the normal distribution.
template <typename Array>
auto Phi(const Array& z) {
  return Scalar{0.5} + Scalar{0.5} * (z * kHalfRoot).erf();
}

// A loop of this form becomes vector instructions, Eigen's select does not.
void BackLeak(const Scalar* f, const Scalar* grads, int64_t size, Scalar* to) {
  for (int64_t i = 0; i < size; ++i) {
    const Scalar slope = f[i] > Scalar{0} ? Scalar{1} : kLeak;
    to[i] = slope * grads[i];
  }
}

}  // namespace

void Activate(Activation activation, MatrixView values) {
  auto z = values.array();
  switch (activation) {
    case Activation::kIdentity:
      return;
    // Comparisons are so turned that a NaN stays one, and training which has
    // diverged shows it.
    case Activation::kRelu:
      for (Scalar& value : values.reshaped()) {
        value = Scalar{0} > value ? Scalar{0} : value;
      }
      return;
    case Activation::kLeakyRelu:
      z = z.max(kLeak * z);
      return;
    case Activation::kElu:
      z = Positive(z) + (Negative(z).exp() - Scalar{1});
      return;
    case Activation::kGelu:
      z = z * Phi(z);
      return;
    case Activation::kSwish:
      z = z * z.logistic();
      return;
    case Activation::kTanh:
      z = z.tanh();
      return;
    case Activation::kSigmoid:
      z = z.logistic();
      return;
    case Activation::kSoftplus:
      z = Positive(z) + (Scalar{1} + (-z.abs()).exp()).log();
      return;
  }
}

bool DerivativeNeedsInput(Activation activation) {
  return activation == Activation::kGelu || activation == Activation::kSwish;
}

void BackActivate(Activation activation, const ConstMatrixView& kept,
                  const ConstMatrixView& output_grads, MatrixView input_grads) {
  ATTUNE_CHECK(kept.rows() == output_grads.rows() &&
               kept.cols() == output_grads.cols());
  const auto f = kept.array();  // for gelu and swish: z
  const auto grads = output_grads.array();
  const auto sigmoid = f.logistic();
  auto to = input_grads.array();
  switch (activation) {
    case Activation::kIdentity:
      to = grads;
      return;
    case Activation::kRelu:
      to = (f > Scalar{0}).select(grads, Scalar{0});
      return;
    case Activation::kLeakyRelu:
      BackLeak(kept.data(), output_grads.data(), kept.size(),
               input_grads.data());
      return;
    case Activation::kElu:
      to = grads * (Negative(f) + Scalar{1});
      return;
    case Activation::kGelu:
      to = grads *
           (Phi(f) + f * kNormalDensity * (Scalar{-0.5} * f.square()).exp());
      return;
    case Activation::kSwish:
      to = grads * sigmoid * (Scalar{1} + f * (Scalar{1} - sigmoid));
      return;
    case Activation::kTanh:
      to = grads * (Scalar{1} - f.square());
      return;
    case Activation::kSigmoid:
      to = grads * f * (Scalar{1} - f);
      return;
    case Activation::kSoftplus:
      to = grads * (Scalar{1} - (-f).exp());
      return;
  }
}

}  // namespace attune::nn

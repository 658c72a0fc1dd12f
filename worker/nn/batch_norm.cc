#include "worker/nn/batch_norm.h"

#include "core/check.h"

namespace attune::nn {

Normalization::Normalization(const BatchNormOptions& options)
    : channels_(options.channels),
      momentum_(static_cast<Scalar>(options.momentum)),
      epsilon_(static_cast<Scalar>(options.epsilon)),
      running_(2 * channels_),
      mean_(Vector::Zero(channels_)),
      variance_(Vector::Ones(channels_)),
      inverse_deviation_(channels_),
      scale_(channels_),
      shift_(Vector::Zero(channels_)),
      slope_(Vector::Zero(channels_)) {
  ATTUNE_CHECK(options.channels >= 1);
  running_.head(channels_).setZero();
  running_.tail(channels_).setOnes();
}

void Normalization::SetScale(const ConstVectorView& gamma) {
  ATTUNE_CHECK(gamma.size() == channels_);
  inverse_deviation_ = (variance_.array() + epsilon_).sqrt().inverse();
  scale_ = gamma.cwiseProduct(inverse_deviation_);
}

void Normalization::UseBatch(int64_t count, const ConstVectorView& gamma) {
  ATTUNE_CHECK(count >= 1);
  if (count == 1) {
    UseRunning(gamma);
    return;
  }
  count_ = count;
  const auto n = static_cast<Scalar>(count);
  const Scalar unbiased = n / (n - Scalar{1});
  auto means = running_.head(channels_);
  auto variances = running_.tail(channels_);
  means += momentum_ * (mean_ - means);
  variances += momentum_ * (unbiased * variance_ - variances);
  SetScale(gamma);
}

void Normalization::UseRunning(const ConstVectorView& gamma) {
  count_ = 0;
  mean_ = running_.head(channels_);
  variance_ = running_.tail(channels_);
  SetScale(gamma);
}

// With x' = (x - mean) / deviation, and both depending on x,
// dL/dx = scale (dL/dy - mean of dL/dy - x' mean of dL/dy x').
void Normalization::Backward(const VectorView& beta_grad,
                             VectorView gamma_grad) {
  ATTUNE_CHECK(beta_grad.size() == channels_);
  ATTUNE_CHECK(gamma_grad.size() == channels_);
  const Scalar share =
      count_ == 0 ? Scalar{0} : Scalar{1} / static_cast<Scalar>(count_);
  gamma_grad = gamma_grad.cwiseProduct(inverse_deviation_);
  shift_ = share * beta_grad;
  slope_ = share * gamma_grad.cwiseProduct(inverse_deviation_);
}

BatchNorm::BatchNorm(const BatchNormOptions& options)
    : options_(options), normalization_(options) {}

void BatchNorm::Initialize(Rng& /*rng*/, VectorView params) const {
  ATTUNE_CHECK(params.size() == num_params());
  params.head(options_.channels).setOnes();
  params.tail(options_.channels).setZero();
}

ConstMatrixView BatchNorm::Forward(const ConstVectorView& params,
                                   const ConstMatrixView& input, Mode mode) {
  const int64_t channels = options_.channels;
  ATTUNE_CHECK(params.size() == num_params());
  ATTUNE_CHECK(input.rows() == channels && input.cols() >= 1);
  input_ = input.data();
  batch_ = input.cols();
  const ConstVectorView gamma(params.data(), channels);
  const ConstVectorView beta(params.data() + channels, channels);
  Vector& mean = normalization_.mean();
  if (mode == Mode::kEval) {
    normalization_.UseRunning(gamma);
  } else {
    // Column by column, as they lie in memory.
    const Scalar share = Scalar{1} / static_cast<Scalar>(batch_);
    Vector& variance = normalization_.variance();
    mean.setZero();
    variance.setZero();
    for (int64_t i = 0; i < batch_; ++i) mean += input.col(i);
    mean *= share;
    for (int64_t i = 0; i < batch_; ++i) {
      variance += (input.col(i) - mean).cwiseAbs2();
    }
    variance *= share;
    normalization_.UseBatch(batch_, gamma);
  }
  MatrixView kept = kept_.Get(channels, batch_);
  for (int64_t i = 0; i < batch_; ++i) {
    kept.col(i) =
        (input.col(i) - mean).cwiseProduct(normalization_.scale()) + beta;
  }
  if (!DerivativeNeedsInput(options_.activation)) {
    Activate(options_.activation, kept);
    return kept_.View(channels, batch_);
  }
  MatrixView output = output_.Get(channels, batch_);
  output = kept;
  Activate(options_.activation, output);
  return output_.View(channels, batch_);
}

ConstMatrixView BatchNorm::Backward(const ConstVectorView& /*params*/,
                                    const ConstMatrixView& output_grad,
                                    bool needs_input_grad,
                                    VectorView param_grads) {
  const int64_t channels = options_.channels;
  ATTUNE_CHECK(output_grad.rows() == channels && output_grad.cols() == batch_);
  ATTUNE_CHECK(param_grads.size() == num_params());
  MatrixView grad = grad_.Get(channels, batch_);
  BackActivate(options_.activation, kept_.View(channels, batch_), output_grad,
               grad);
  const ConstMatrixView input(input_, channels, batch_);
  const Vector& mean = normalization_.mean();
  VectorView gamma_grad(param_grads.data(), channels);
  VectorView beta_grad(param_grads.data() + channels, channels);
  param_grads.setZero();
  for (int64_t i = 0; i < batch_; ++i) {
    beta_grad += grad.col(i);
    gamma_grad += grad.col(i).cwiseProduct(input.col(i) - mean);
  }
  normalization_.Backward(beta_grad, gamma_grad);
  if (!needs_input_grad) return {nullptr, 0, 0};
  for (int64_t i = 0; i < batch_; ++i) {
    grad.col(i) = normalization_.scale().cwiseProduct(
        grad.col(i) - normalization_.shift() -
        normalization_.slope().cwiseProduct(input.col(i) - mean));
  }
  return grad_.View(channels, batch_);
}

void BatchNorm::AppendState(std::vector<VectorView>& states) {
  states.push_back(normalization_.running());
}

void BatchNorm::Accept(const ConstVectorView& params,
                       LayerVisitor& visitor) const {
  visitor.VisitBatchNorm(options_, params, normalization_.running());
}

}  // namespace attune::nn

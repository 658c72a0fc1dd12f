#ifndef ATTUNE_WORKER_NN_BATCH_NORM_H_
#define ATTUNE_WORKER_NN_BATCH_NORM_H_

#include <cstdint>
#include <vector>

#include "worker/nn/activation.h"
#include "worker/nn/layer.h"

namespace attune::nn {

struct BatchNormOptions {
  int64_t channels = 1;
  Activation activation = Activation::kIdentity;
  // The share that a batch has in the running statistics after its step.
  double momentum = 0.1;
  double epsilon = 1e-5;
};

// What batch normalisation computes for each channel, whatever the layout of
// the values (Ioffe & Szegedy 2015):
//
//   y = gamma (x - mean) / sqrt(variance + epsilon) + beta
//
// where mean and variance, the biased one, are of the batch while training and
// running averages of the batches' when measuring; the running variance
// averages the unbiased one. What sees the values does two sums over them, in
// Forward() for mean and variance, in Backward() for the gradients, and one
// pass that applies what is computed here:
//
//   forward   mean() <- sum x / n, variance() <- sum (x - mean)^2 / n,
//             UseBatch(n, gamma), y = scale() (x - mean()) + beta
//   measuring UseRunning(gamma), the same y
//   backward  beta_grad <- sum dL/dy, gamma_grad <- sum dL/dy (x - mean()),
//             Backward(beta_grad, gamma_grad),
//             dL/dx = scale() (dL/dy - shift() - slope() (x - mean()))
//
// A batch with one value a channel has no variance. It is normalised by the
// running statistics, which are constants then.
class Normalization {
 public:
  explicit Normalization(const BatchNormOptions& options);

  Vector& mean() { return mean_; }
  Vector& variance() { return variance_; }
  const Vector& scale() const { return scale_; }
  const Vector& shift() const { return shift_; }
  const Vector& slope() const { return slope_; }

  // `count` is the number of values in each channel.
  void UseBatch(int64_t count, const ConstVectorView& gamma);
  void UseRunning(const ConstVectorView& gamma);

  // `gamma_grad` comes as the sum above and becomes dL/d(gamma).
  void Backward(const VectorView& beta_grad, VectorView gamma_grad);

  // The running means of all channels, then their running variances.
  VectorView running() { return {running_.data(), running_.size()}; }
  ConstVectorView running() const { return {running_.data(), running_.size()}; }

 private:
  void SetScale(const ConstVectorView& gamma);

  const int64_t channels_;
  const Scalar momentum_;
  const Scalar epsilon_;
  Vector running_;
  Vector mean_;
  Vector variance_;
  Vector inverse_deviation_;
  Vector scale_;
  Vector shift_;
  Vector slope_;
  int64_t count_ = 0;  // of the last Use...(); 0: constants were used
};

// f(batch normalisation of each feature), of values (features, batch). Its
// parameters are gamma, which begins at 1, then beta, which begins at 0; its
// state is Normalization::running().
class BatchNorm : public Layer {
 public:
  explicit BatchNorm(const BatchNormOptions& options);

  int64_t num_params() const override { return 2 * options_.channels; }
  int64_t num_outputs() const override { return options_.channels; }
  void Initialize(Rng& rng, VectorView params) const override;
  ConstMatrixView Forward(const ConstVectorView& params,
                          const ConstMatrixView& input, Mode mode) override;
  ConstMatrixView Backward(const ConstVectorView& params,
                           const ConstMatrixView& output_grad,
                           bool needs_input_grad,
                           VectorView param_grads) override;
  void AppendState(std::vector<VectorView>& states) override;
  void Accept(const ConstVectorView& params,
              LayerVisitor& visitor) const override;

 private:
  const BatchNormOptions options_;
  Normalization normalization_;
  const Scalar* input_ = nullptr;  // of the last Forward()
  int64_t batch_ = 0;
  Buffer kept_;    // what BackActivate() asks for
  Buffer output_;  // where that is not the output
  Buffer grad_;    // dL/d(normalised), then dL/d(input)
};

}  // namespace attune::nn

#endif  // ATTUNE_WORKER_NN_BATCH_NORM_H_

#ifndef ATTUNE_WORKER_NN_DENSE_H_
#define ATTUNE_WORKER_NN_DENSE_H_

#include <cstdint>

#include "worker/nn/activation.h"
#include "worker/nn/bf16_product.h"
#include "worker/nn/initializer.h"
#include "worker/nn/layer.h"

namespace attune::nn {

// What a layer multiplies in training. Its parameters, its outputs and its
// gradients are Scalars either way, and so is all that it computes in kEval.
enum class Precision {
  kScalar,
  kBf16,  // the factors of its three products, see Bf16Product
};

struct DenseOptions {
  int64_t inputs = 1;
  int64_t outputs = 1;
  Activation activation = Activation::kIdentity;
  Initialization initialization;
  Precision precision = Precision::kScalar;  // kBf16: REQUIRES: HasBf16()
};

// y = f(W x + b). Its parameters are W (outputs, inputs), column by column,
// then b.
class Dense : public Layer {
 public:
  explicit Dense(const DenseOptions& options);

  int64_t num_params() const override;
  int64_t num_outputs() const override { return options_.outputs; }
  void Initialize(Rng& rng, VectorView params) const override;
  ConstMatrixView Forward(const ConstVectorView& params,
                          const ConstMatrixView& input, Mode mode) override;
  ConstMatrixView Backward(const ConstVectorView& params,
                           const ConstMatrixView& output_grad,
                           bool needs_input_grad,
                           VectorView param_grads) override;
  void Accept(const ConstVectorView& params,
              LayerVisitor& visitor) const override;

 private:
  // c <- a b, or a b + bias, in the precision of training.
  void Multiply(const Factor& a, const Factor& b, const ConstVectorView* bias,
                const MatrixView& c);

  const DenseOptions options_;
  const Scalar* input_ = nullptr;  // of the last Forward()
  int64_t batch_ = 0;
  Buffer kept_;        // what BackActivate() asks for
  Buffer output_;      // where that is not the output
  Buffer sum_grad_;    // dL/d(W x + b)
  Buffer input_grad_;  // dL/dx
  Bf16Product bf16_;
};

}  // namespace attune::nn

#endif  // ATTUNE_WORKER_NN_DENSE_H_

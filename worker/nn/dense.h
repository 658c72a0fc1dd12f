#ifndef ATTUNE_WORKER_NN_DENSE_H_
#define ATTUNE_WORKER_NN_DENSE_H_

#include <cstdint>

#include "worker/nn/activation.h"
#include "worker/nn/initializer.h"
#include "worker/nn/layer.h"

namespace attune::nn {

struct DenseOptions {
  int64_t inputs = 1;
  int64_t outputs = 1;
  Activation activation = Activation::kIdentity;
  Initialization initialization;
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

 private:
  const DenseOptions options_;
  const Scalar* input_ = nullptr;  // of the last Forward()
  int64_t batch_ = 0;
  Buffer kept_;        // what BackActivate() asks for
  Buffer output_;      // where that is not the output
  Buffer sum_grad_;    // dL/d(W x + b)
  Buffer input_grad_;  // dL/dx
};

}  // namespace attune::nn

#endif  // ATTUNE_WORKER_NN_DENSE_H_

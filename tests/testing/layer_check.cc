#include "tests/testing/layer_check.h"

#include "core/random.h"
#include "tests/testing/gradient_check.h"

namespace attune::nn {

Vector NormalVector(int64_t size, uint64_t seed) {
  Rng rng(seed);
  return Vector::NullaryExpr(size, [&rng] { return rng.Normal(); });
}

LayerErrors CheckLayerGradients(
    const std::function<std::unique_ptr<Layer>()>& make, int64_t inputs,
    int64_t batch, uint64_t seed) {
  const std::unique_ptr<Layer> layer = make();
  const int64_t outputs = layer->num_outputs();
  const Rng rng(seed);
  const Vector params =
      NormalVector(layer->num_params(), rng.Split("params").State()[0]);
  const Vector input =
      NormalVector(inputs * batch, rng.Split("input").State()[0]);
  const Vector weights =
      NormalVector(outputs * batch, rng.Split("weights").State()[0]);
  const auto forward = [&](Layer& of, const Vector& p, const Vector& x) {
    return of
        .Forward(ConstVectorView(p.data(), p.size()),
                 ConstMatrixView(x.data(), inputs, batch), Mode::kTrain)
        .reshaped()
        .dot(weights);
  };
  forward(*layer, params, input);
  Vector param_grads = Vector::Zero(params.size());
  const Vector input_grad =
      layer
          ->Backward(ConstVectorView(params.data(), params.size()),
                     ConstMatrixView(weights.data(), outputs, batch),
                     /*needs_input_grad=*/true,
                     VectorView(param_grads.data(), param_grads.size()))
          .reshaped();
  const Vector by_params = NumericalGradient(
      [&](const Vector& p) { return forward(*make(), p, input); }, params);
  const Vector by_input = NumericalGradient(
      [&](const Vector& x) { return forward(*make(), params, x); }, input);
  return {.params = RelativeError(by_params, param_grads),
          .input = RelativeError(by_input, input_grad)};
}

}  // namespace attune::nn

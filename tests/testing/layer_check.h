#ifndef ATTUNE_TESTS_TESTING_LAYER_CHECK_H_
#define ATTUNE_TESTS_TESTING_LAYER_CHECK_H_

#include <cstdint>
#include <functional>
#include <memory>

#include "worker/nn/layer.h"

namespace attune::nn {

Vector NormalVector(int64_t size, uint64_t seed);

// How far a layer's gradients are from central differences, RelativeError().
struct LayerErrors {
  double params = 0.0;
  double input = 0.0;
};

// Of the loss L = sum of weights * output, with parameters, inputs (`inputs`,
// `batch`) and weights drawn from `seed`. Every evaluation asks a new layer of
// `make`, so that whatever a layer keeps from step to step begins the same.
LayerErrors CheckLayerGradients(
    const std::function<std::unique_ptr<Layer>()>& make, int64_t inputs,
    int64_t batch, uint64_t seed);

}  // namespace attune::nn

#endif  // ATTUNE_TESTS_TESTING_LAYER_CHECK_H_

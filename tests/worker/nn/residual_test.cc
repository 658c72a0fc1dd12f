#include "worker/nn/residual.h"

#include <memory>
#include <vector>

#include "gtest/gtest.h"
#include "tests/testing/layer_check.h"
#include "worker/nn/batch_norm.h"
#include "worker/nn/dense.h"

namespace attune::nn {
namespace {

std::unique_ptr<Layer> MakeDense() {
  return std::make_unique<Dense>(
      DenseOptions{.inputs = 4, .outputs = 4, .activation = Activation::kTanh});
}

TEST(ResidualTest, AddsWhatItWrapsToItsInput) {
  const std::unique_ptr<Layer> inner = MakeDense();
  Residual residual(MakeDense());
  const Vector values = NormalVector(20, 1);
  const ConstVectorView params(values.data(), 20);
  const Vector inputs = NormalVector(12, 2);
  const ConstMatrixView input(inputs.data(), 4, 3);
  const Matrix expected = input + inner->Forward(params, input, Mode::kTrain);
  EXPECT_EQ(Matrix(residual.Forward(params, input, Mode::kTrain)), expected);
}

TEST(ResidualTest, GradientsAgreeWithCentralDifferences) {
  const LayerErrors errors = CheckLayerGradients(
      [] { return std::make_unique<Residual>(MakeDense()); }, 4, 6, 1);
  EXPECT_LT(errors.params, 1e-6);
  EXPECT_LT(errors.input, 1e-6);
}

TEST(ResidualTest, ShowsTheStateOfWhatItWraps) {
  Residual residual(
      std::make_unique<BatchNorm>(BatchNormOptions{.channels = 4}));
  std::vector<VectorView> states;
  residual.AppendState(states);
  ASSERT_EQ(states.size(), 1u);
  EXPECT_EQ(states[0].size(), 8);
}

}  // namespace
}  // namespace attune::nn

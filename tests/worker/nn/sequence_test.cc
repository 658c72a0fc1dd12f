#include "worker/nn/sequence.h"

#include <memory>
#include <utility>
#include <vector>

#include "gtest/gtest.h"
#include "tests/testing/layer_check.h"
#include "worker/nn/batch_norm.h"
#include "worker/nn/dense.h"

namespace attune::nn {
namespace {

std::unique_ptr<Sequence> Make() {
  std::vector<std::unique_ptr<Layer>> layers;
  layers.push_back(std::make_unique<Dense>(DenseOptions{
      .inputs = 5, .outputs = 4, .activation = Activation::kTanh}));
  layers.push_back(
      std::make_unique<BatchNorm>(BatchNormOptions{.channels = 4}));
  layers.push_back(
      std::make_unique<Dense>(DenseOptions{.inputs = 4, .outputs = 3}));
  return std::make_unique<Sequence>(std::move(layers));
}

TEST(SequenceTest, HasTheParametersOfItsLayers) {
  EXPECT_EQ(Make()->num_params(), 4 * 6 + 8 + 3 * 5);
  EXPECT_EQ(Make()->num_outputs(), 3);
}

TEST(SequenceTest, FeedsEachLayerByTheOneBefore) {
  Dense first({.inputs = 2, .outputs = 3});
  Dense second({.inputs = 3, .outputs = 2});
  std::vector<std::unique_ptr<Layer>> layers;
  layers.push_back(
      std::make_unique<Dense>(DenseOptions{.inputs = 2, .outputs = 3}));
  layers.push_back(
      std::make_unique<Dense>(DenseOptions{.inputs = 3, .outputs = 2}));
  Sequence both(std::move(layers));
  const Vector params = NormalVector(17, 1);
  const Vector input = NormalVector(8, 2);
  const ConstMatrixView in(input.data(), 2, 4);
  const ConstMatrixView middle =
      first.Forward(ConstVectorView(params.data(), 9), in, Mode::kEval);
  const ConstMatrixView out = second.Forward(
      ConstVectorView(params.data() + 9, 8), middle, Mode::kEval);
  EXPECT_EQ(
      Matrix(both.Forward(ConstVectorView(params.data(), 17), in, Mode::kEval)),
      Matrix(out));
}

TEST(SequenceTest, GradientsAgreeWithCentralDifferences) {
  const LayerErrors errors = CheckLayerGradients(Make, 5, 7, 1);
  EXPECT_LT(errors.params, 1e-6);
  EXPECT_LT(errors.input, 1e-6);
}

TEST(SequenceTest, DrawsLayersOfOneShapeDifferently) {
  std::vector<std::unique_ptr<Layer>> layers;
  layers.push_back(
      std::make_unique<Dense>(DenseOptions{.inputs = 3, .outputs = 3}));
  layers.push_back(
      std::make_unique<Dense>(DenseOptions{.inputs = 3, .outputs = 3}));
  const Sequence both(std::move(layers));
  Vector params(24);
  Rng rng(1);
  both.Initialize(rng, VectorView(params.data(), 24));
  EXPECT_NE(Vector(params.head(9)), Vector(params.segment(12, 9)));
}

TEST(SequenceTest, ShowsTheStateOfItsLayers) {
  std::vector<VectorView> states;
  const std::unique_ptr<Sequence> sequence = Make();
  sequence->AppendState(states);
  ASSERT_EQ(states.size(), 1u);
  EXPECT_EQ(states[0].size(), 8);
}

}  // namespace
}  // namespace attune::nn

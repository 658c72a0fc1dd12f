#include "worker/nn/block_batch_norm.h"

#include <memory>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "gtest/gtest.h"
#include "tests/testing/gradient_check.h"
#include "tests/testing/layer_check.h"
#include "worker/nn/block_sequence.h"

namespace attune::nn {
namespace {

struct Shape {
  int64_t channels;
  int64_t pixels;
  int64_t batch;
};

std::unique_ptr<Layer> MakeBlocks(const BatchNormOptions& options,
                                  int64_t pixels) {
  auto batch = std::make_unique<int64_t>(0);
  std::vector<std::unique_ptr<Layer>> layers;
  layers.push_back(
      std::make_unique<BlockBatchNorm>(options, pixels, batch.get()));
  return std::make_unique<BlockSequence>(std::move(batch), std::move(layers));
}

class BlockBatchNormTest
    : public testing::TestWithParam<std::tuple<Shape, Activation>> {
 protected:
  const Shape& shape() const { return std::get<0>(GetParam()); }
  BatchNormOptions options() const {
    return {.channels = shape().channels,
            .activation = std::get<1>(GetParam())};
  }
};

TEST_P(BlockBatchNormTest, AgreesWithCentralDifferences) {
  const LayerErrors errors = CheckLayerGradients(
      [this] { return MakeBlocks(options(), shape().pixels); },
      shape().channels * shape().pixels, shape().batch, 3);
  EXPECT_LT(errors.params, 1e-6);
  EXPECT_LT(errors.input, 1e-6);
}

Vector StateOf(Layer& layer) {
  std::vector<VectorView> states;
  layer.AppendState(states);
  return states.at(0);
}

// The layer without blocks sees every pixel as a sample of its own.
TEST_P(BlockBatchNormTest, IsBatchNormOverThePixels) {
  const int64_t channels = shape().channels;
  const int64_t count = shape().pixels * shape().batch;
  const Vector params = NormalVector(2 * channels, 1);
  const Vector input = NormalVector(channels * count, 2).array() * 3 + 5;
  Matrix by_pixel(channels, count);
  for (int64_t i = 0; i < input.size(); ++i) {
    const int64_t sample = i / (channels * shape().pixels);
    const int64_t c = i / shape().pixels % channels;
    by_pixel(c, sample * shape().pixels + i % shape().pixels) = input[i];
  }
  const ConstVectorView view(params.data(), params.size());
  const std::unique_ptr<Layer> blocks = MakeBlocks(options(), shape().pixels);
  const ConstMatrixView columns(input.data(), channels * shape().pixels,
                                shape().batch);
  BatchNorm plain(options());
  const ConstMatrixView pixels(by_pixel.data(), channels, count);
  for (const Mode mode : {Mode::kTrain, Mode::kEval}) {
    const Matrix output = blocks->Forward(view, columns, mode);
    const Matrix expected = plain.Forward(view, pixels, mode);
    EXPECT_LT(std::abs(output.sum() - expected.sum()), 1e-9);
    EXPECT_NEAR(output(0, 0), expected(0, 0), 1e-12);
    EXPECT_NEAR(output(output.rows() - 1, output.cols() - 1),
                expected(channels - 1, count - 1), 1e-12);
  }
  EXPECT_LT(RelativeError(StateOf(plain), StateOf(*blocks)), 1e-13);
}

INSTANTIATE_TEST_SUITE_P(
    ShapesAndActivations, BlockBatchNormTest,
    testing::Combine(testing::Values(Shape{1, 4, 3}, Shape{5, 1, 1},
                                     Shape{2, 6, 16}, Shape{3, 5, 33}),
                     testing::Values(Activation::kIdentity, Activation::kRelu,
                                     Activation::kGelu)));

TEST(BlockBatchNormTest, BeginsWithGammaOneAndBetaZero) {
  const int64_t batch = 1;
  const BlockBatchNorm layer({.channels = 2}, 3, &batch);
  Vector params(4);
  Rng rng(1);
  layer.Initialize(rng, VectorView(params.data(), 4));
  EXPECT_EQ(params, (Vector{{1, 1, 0, 0}}));
}

}  // namespace
}  // namespace attune::nn

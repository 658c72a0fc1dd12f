#include "worker/training/conv_builder.h"

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/testing/gradient_check.h"
#include "tests/testing/layer_check.h"
#include "tests/testing/status_matchers.h"
#include "worker/nn/block_sequence.h"
#include "worker/nn/conv.h"
#include "worker/nn/dense.h"
#include "worker/nn/loss.h"
#include "worker/nn/pool.h"

namespace attune {
namespace {

using testing::AllOf;
using testing::HasSubstr;

constexpr ConvNetworkOptions kFashion = {.image = {1, 28, 28}, .outputs = 10};

absl::StatusOr<nn::Network> Build(const std::string& layers,
                                  const ConvNetworkOptions& options) {
  return BuildConvNetwork(ParseLayerList(layers).value(), options, Rng(1));
}

nn::Matrix Inputs(const nn::ImageShape& image, int64_t batch) {
  return nn::NormalVector(image.size() * batch, 2)
      .reshaped(image.size(), batch);
}

nn::Matrix Outputs(nn::Network& network, const nn::Matrix& inputs,
                   nn::Mode mode = nn::Mode::kTrain) {
  return network.Forward(
      nn::ConstMatrixView(inputs.data(), inputs.rows(), inputs.cols()), mode);
}

struct SizeCase {
  std::string name;
  std::string layers;
  int64_t params;
};

class ConvBuilderTest : public testing::TestWithParam<SizeCase> {};

TEST_P(ConvBuilderTest, FitsEachLayerToTheOneBefore) {
  nn::Network network = Build(GetParam().layers, kFashion).value();
  EXPECT_EQ(network.params().size(), GetParam().params);
  EXPECT_EQ(network.num_outputs(), 10);
  EXPECT_EQ(Outputs(network, Inputs(kFashion.image, 3)).cols(), 3);
}

INSTANTIATE_TEST_SUITE_P(
    All, ConvBuilderTest,
    testing::Values(
        SizeCase{"Lenet", std::string(kLenetLayers),
                 6 * 26 + 16 * 151 + 120 * 257 + 84 * 121 + 10 * 85},
        SizeCase{"Same", "conv 3x3x4 same", 4 * 10 + 10 * (4 * 784 + 1)},
        SizeCase{"Stride", "conv 5x3x4 stride 2, avgpool 3 stride 2",
                 4 * 16 + 10 * (4 * 5 * 6 + 1)},
        SizeCase{"BatchNorm",
                 "conv 3x3x4, batch_norm, pool 2, flatten, "
                 "dense 8, batch_norm",
                 4 * 10 + 8 + 8 * (4 * 169 + 1) + 16 + 10 * 9},
        SizeCase{"NoConv", "flatten, dense 8", 8 * 785 + 10 * 9},
        SizeCase{"OddPool", "conv 4x4x2, pool 2, dropout 0.5",
                 2 * 17 + 10 * (2 * 12 * 12 + 1)}),
    [](const auto& test) { return test.param.name; });

class ConvNetworkGradientTest : public testing::TestWithParam<std::string> {};

TEST_P(ConvNetworkGradientTest, AgreesWithCentralDifferences) {
  const ConvNetworkOptions options = {.image = {2, 9, 8},
                                      .outputs = 3,
                                      .activation = nn::Activation::kTanh,
                                      .dropout = 0.25};
  const nn::Matrix inputs = Inputs(options.image, 18);
  std::vector<int32_t> labels;
  for (int i = 0; i < 18; ++i) labels.push_back(i % 3);
  nn::Matrix grad(3, 18);
  const auto loss = [&](const nn::Vector* params) {
    nn::Network network = Build(GetParam(), options).value();
    network.Reseed(Rng(3));
    if (params != nullptr) network.params() = *params;
    const nn::Matrix outputs = Outputs(network, inputs);
    const double value =
        nn::LossAndGradient({}, nn::ConstMatrixView(outputs.data(), 3, 18),
                            {.labels = labels},
                            nn::MatrixView(grad.data(), 3, 18))
            .mean();
    network.Backward(nn::ConstMatrixView(grad.data(), 3, 18));
    return std::pair<double, nn::Vector>(value, network.grads());
  };
  nn::Network network = Build(GetParam(), options).value();
  EXPECT_LT(
      nn::RelativeError(nn::NumericalGradient(
                            [&](const nn::Vector& p) { return loss(&p).first; },
                            network.params()),
                        loss(nullptr).second),
      1e-6);
}

INSTANTIATE_TEST_SUITE_P(
    All, ConvNetworkGradientTest,
    testing::Values("conv 3x3x4, pool 2, conv 2x2x3 same, avgpool 2, dense 5",
                    "conv 3x3x3 same, batch_norm, pool 2, dropout 0.3, dense 4",
                    "conv 3x3x2 stride 2, batch_norm, conv 2x2x3, flatten, "
                    "dense 4, batch_norm, dense 3"));

// What is fused computes what two layers would.
TEST(ConvBuilderTest, APoolBehindAConvolutionIsAPool) {
  const ConvNetworkOptions options = {.image = {1, 8, 9}, .outputs = 3};
  nn::Network fused = Build("conv 3x3x4, pool 2", options).value();
  std::vector<std::unique_ptr<nn::Layer>> blocks;
  blocks.push_back(std::make_unique<nn::Conv>(
      nn::ConvOptions{.input = options.image,
                      .window = {.height = 3, .width = 3},
                      .outputs = 4,
                      .activation = nn::Activation::kRelu}));
  blocks.push_back(std::make_unique<nn::Pool>(nn::PoolOptions{
      .input = {4, 6, 7}, .window = {.height = 2, .width = 2, .stride = 2}}));
  std::vector<std::unique_ptr<nn::Layer>> layers;
  layers.push_back(std::make_unique<nn::BlockSequence>(
      std::make_unique<int64_t>(0), std::move(blocks)));
  layers.push_back(std::make_unique<nn::Dense>(
      nn::DenseOptions{.inputs = 4 * 3 * 3, .outputs = 3}));
  nn::Network apart(std::move(layers), Rng(1));
  ASSERT_EQ(apart.params(), fused.params());
  const nn::Matrix inputs = Inputs(options.image, 20);
  EXPECT_EQ(Outputs(apart, inputs), Outputs(fused, inputs));
  const nn::Matrix grad = nn::NormalVector(60, 3).reshaped(3, 20);
  const nn::ConstMatrixView view(grad.data(), 3, 20);
  apart.Backward(view);
  fused.Backward(view);
  EXPECT_LT(nn::RelativeError(apart.grads(), fused.grads()), 1e-14);
}

TEST(ConvBuilderTest, TheActivationFollowsTheBatchNorm) {
  const ConvNetworkOptions options = {.image = {1, 4, 4}, .outputs = 2};
  nn::Network network =
      Build("conv 3x3x4, batch_norm, flatten, dense 4, batch_norm", options)
          .value();
  // All gamma 0 and beta -1: relu makes them 0, so that only biases are left.
  nn::Vector& params = network.params();
  params.segment(40, 4).setZero();
  params.segment(44, 4).setConstant(-1);
  const int64_t dense = 48 + 4 * 17;
  params.segment(dense, 4).setZero();
  params.segment(dense + 4, 4).setConstant(-1);
  params.tail(2) << 5, 6;
  const nn::Matrix outputs = Outputs(network, Inputs(options.image, 2));
  EXPECT_EQ(outputs, (nn::Matrix{{5, 5}, {6, 6}}));
}

TEST(ConvBuilderTest, DropoutIsBehindDenseLayersAndWhereItIsListed) {
  const auto differs = [](const std::string& layers, double dropout) {
    ConvNetworkOptions options = kFashion;
    options.dropout = dropout;
    nn::Network network = Build(layers, options).value();
    network.Reseed(Rng(2));
    const nn::Matrix inputs = Inputs(kFashion.image, 2);
    return Outputs(network, inputs) !=
           Outputs(network, inputs, nn::Mode::kEval);
  };
  EXPECT_FALSE(differs("conv 3x3x2, dense 4", 0.0));
  EXPECT_FALSE(differs("conv 3x3x2", 0.5));
  EXPECT_TRUE(differs("conv 3x3x2, dense 4", 0.5));
  EXPECT_TRUE(differs("conv 3x3x2, dropout 0.5", 0.0));
}

struct WrongCase {
  std::string name;
  std::string layers;
  std::string part;
};

class ConvBuilderErrorTest : public testing::TestWithParam<WrongCase> {};

TEST_P(ConvBuilderErrorTest, NamesTheLayerThatDoesNotFit) {
  EXPECT_THAT(
      Build(GetParam().layers, kFashion),
      StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr(GetParam().part)));
}

INSTANTIATE_TEST_SUITE_P(
    All, ConvBuilderErrorTest,
    testing::Values(
        WrongCase{"Kernel", "conv 5x5x6, pool 6, conv 5x3x8",
                  "layer 3 of 3, `conv 5x3x8`: found an image of 4x4 pixels, "
                  "expected at least 5x3"},
        WrongCase{"Pool", "conv 5x5x6, pool 12, avgpool 3, dense 8",
                  "layer 3 of 4, `avgpool 3`: found an image of 2x2 pixels, "
                  "expected at least 3x3"},
        WrongCase{"FusedPool", "pool 28, conv 1x1x4, pool 2",
                  "layer 3 of 3, `pool 2`: found an image of 1x1"},
        WrongCase{"Weights", "pool 28, conv 1x1x4096, conv 31x31x4096 same",
                  "layer 3 of 3, `conv 31x31x4096 same`: found 16122904576 "
                  "weights, expected at most 67108864"},
        WrongCase{"DenseWeights", "conv 1x1x16, dense 8192",
                  "layer 2 of 2, `dense 8192`: found 102760448 weights"},
        WrongCase{"Values", "conv 31x31x4096 same",
                  "values with the zeros around them, expected at most "
                  "4194304"}),
    [](const auto& test) { return test.param.name; });

TEST(ConvBuilderTest, NeedsImages) {
  EXPECT_THAT(
      Build("conv 3x3x2", {.outputs = 3}),
      StatusIs(absl::StatusCode::kInvalidArgument,
               AllOf(HasSubstr("no images"), HasSubstr("expected images"))));
}

}  // namespace
}  // namespace attune

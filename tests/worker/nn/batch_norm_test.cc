#include "worker/nn/batch_norm.h"

#include <memory>
#include <string>
#include <tuple>
#include <vector>

#include "gtest/gtest.h"
#include "tests/testing/layer_check.h"

namespace attune::nn {
namespace {

// A layer with its initial parameters, gamma 1 and beta 0.
struct Fixture {
  BatchNorm layer;
  Vector params;

  explicit Fixture(const BatchNormOptions& options)
      : layer(options), params(layer.num_params()) {
    Rng rng(1);
    layer.Initialize(rng, VectorView(params.data(), params.size()));
  }

  Matrix Forward(const Matrix& input, Mode mode) {
    return layer.Forward(
        ConstVectorView(params.data(), params.size()),
        ConstMatrixView(input.data(), input.rows(), input.cols()), mode);
  }
  Vector State() {
    std::vector<VectorView> states;
    layer.AppendState(states);
    return states.at(0);
  }
};

Matrix Input() {
  Matrix input(2, 4);
  input << 1, 2, 3, 6,  // mean 3, variance 3.5, unbiased 14 / 3
      10, 10, 10, 30;   // mean 15, variance 75, unbiased 100
  return input;
}

TEST(BatchNormTest, GivesABatchMeanZeroAndVarianceOne) {
  Fixture fixture({.channels = 3, .epsilon = 0.0});
  const Matrix input = NormalVector(60, 1).reshaped(3, 20).array() * 5.0 + 7.0;
  const Matrix output = fixture.Forward(input, Mode::kTrain);
  EXPECT_LT(output.rowwise().mean().norm(), 1e-14);
  EXPECT_LT((output.rowwise().squaredNorm() / 20.0 - Vector::Ones(3)).norm(),
            1e-13);
}

TEST(BatchNormTest, AveragesMeanAndUnbiasedVarianceOfTheBatches) {
  Fixture fixture({.channels = 2, .momentum = 0.1});
  Vector expected(4);
  expected << 0, 0, 1, 1;
  EXPECT_EQ(fixture.State(), expected);
  fixture.Forward(Input(), Mode::kTrain);
  expected << 0.3, 1.5, 0.9 + 1.4 / 3.0, 0.9 + 10.0;
  EXPECT_LT((fixture.State() - expected).norm(), 1e-14);
}

TEST(BatchNormTest, MeasuresWithTheRunningStatisticsAndKeepsThem) {
  Fixture fixture({.channels = 2, .momentum = 1.0, .epsilon = 0.0});
  fixture.Forward(Input(), Mode::kTrain);
  const Vector state = fixture.State();
  Matrix other(2, 1);
  other << 3.0 + std::sqrt(14.0 / 3.0), 35.0;
  Matrix expected(2, 1);
  expected << 1.0, 2.0;
  EXPECT_TRUE(fixture.Forward(other, Mode::kEval).isApprox(expected));
  EXPECT_EQ(fixture.State(), state);
}

TEST(BatchNormTest, NormalizesASingleExampleByTheRunningStatistics) {
  Fixture fixture({.channels = 2});
  fixture.Forward(Input(), Mode::kTrain);
  const Vector state = fixture.State();
  const Matrix single = Input().col(3);
  const Matrix output = fixture.Forward(single, Mode::kTrain);
  EXPECT_EQ(fixture.State(), state);
  EXPECT_EQ(output, fixture.Forward(single, Mode::kEval));
}

TEST(BatchNormTest, MakesConstantFeaturesBeta) {
  Fixture fixture({.channels = 2});
  fixture.params << 3, 3, 0.5, -0.5;
  Matrix expected(2, 3);
  expected << 0.5, 0.5, 0.5, -0.5, -0.5, -0.5;
  EXPECT_EQ(fixture.Forward(Matrix::Constant(2, 3, 8.0), Mode::kTrain),
            expected);
}

TEST(BatchNormTest, ReturnsNoInputGradientIfNoneIsNeeded) {
  Fixture fixture({.channels = 2});
  const Matrix input = Input();
  fixture.Forward(input, Mode::kTrain);
  const Matrix ones = Matrix::Ones(2, 4);
  Vector grads(4);
  EXPECT_EQ(fixture.layer
                .Backward(ConstVectorView(fixture.params.data(), 4),
                          ConstMatrixView(ones.data(), 2, 4), false,
                          VectorView(grads.data(), 4))
                .size(),
            0);
}

struct Shape {
  int64_t channels;
  int64_t batch;
};

class BatchNormGradientTest
    : public testing::TestWithParam<std::tuple<Shape, Activation>> {};

TEST_P(BatchNormGradientTest, AgreesWithCentralDifferences) {
  const auto& [shape, activation] = GetParam();
  const BatchNormOptions options = {.channels = shape.channels,
                                    .activation = activation};
  const LayerErrors errors = CheckLayerGradients(
      [&options] { return std::make_unique<BatchNorm>(options); },
      shape.channels, shape.batch, 3);
  EXPECT_LT(errors.params, 1e-6);
  EXPECT_LT(errors.input, 1e-6);
}

INSTANTIATE_TEST_SUITE_P(
    ShapesAndActivations, BatchNormGradientTest,
    testing::Combine(testing::Values(Shape{1, 3}, Shape{5, 1}, Shape{4, 9},
                                     Shape{17, 33}),
                     testing::Values(Activation::kIdentity, Activation::kRelu,
                                     Activation::kGelu, Activation::kTanh)));

}  // namespace
}  // namespace attune::nn

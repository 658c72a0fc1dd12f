#include "worker/nn/correlation.h"

#include <cmath>
#include <limits>
#include <vector>

#include "gtest/gtest.h"

namespace attune::nn {
namespace {

// Pixels whose lanes are `value`, `value` + 1, ...
Vector Pixels(const std::vector<Scalar>& values) {
  Vector pixels(static_cast<int64_t>(values.size()) * kBlock);
  for (int64_t i = 0; i < pixels.size(); ++i) {
    pixels[i] = values[static_cast<size_t>(i / kBlock)] +
                static_cast<Scalar>(i % kBlock);
  }
  return pixels;
}

// One tap, one channel, two outputs at four neighbouring pixels.
Correlation Simple() {
  Correlation correlation;
  correlation.taps = {{.input = 0, .weights = 0}};
  correlation.groups = {{.input = {0, 16, 32, 48},
                         .output = {0, 16, 32, 48},
                         .first_tap = 0,
                         .end_tap = 1}};
  correlation.outputs = 2;
  correlation.output_channel = 64;
  return correlation;
}

TEST(CorrelateTest, WeighsEveryLane) {
  const Vector input = Pixels({1, -2, 3, -40});
  const Scalar weights[] = {2, -1};
  const Scalar bias[] = {10, 0};
  Vector output(2 * input.size());
  Correlate(Simple(), input.data(), weights, {.bias = bias}, output.data());
  EXPECT_EQ(Vector(output.head(64)), Vector(2 * input.array() + 10));
  EXPECT_EQ(Vector(output.tail(64)), Vector(-input));
}

TEST(CorrelateTest, RaisesToTheFloorButKeepsNan) {
  Vector input = Pixels({1, -2, 3, -40});
  input[5] = std::numeric_limits<Scalar>::quiet_NaN();
  const Scalar weights[] = {1, -1};
  const Scalar bias[] = {0, 0};
  Vector output(2 * input.size());
  Correlate(Simple(), input.data(), weights, {.bias = bias, .floor = 0},
            output.data());
  EXPECT_TRUE(std::isnan(output[5]) && std::isnan(output[64 + 5]));
  EXPECT_EQ(output[4], 5);
  EXPECT_EQ(output[64 + 4], 0);
  EXPECT_EQ(output[48], 0);
}

TEST(CorrelateTest, WritesNoMoreThanItsPositions) {
  const Vector input = Pixels({1, 2, 3, 4});
  Correlation correlation = Simple();
  correlation.groups[0].count = 3;
  const Scalar weights[] = {1, 1};
  const Scalar bias[] = {0, 0};
  Vector output = Vector::Constant(2 * input.size(), 7);
  Correlate(correlation, input.data(), weights, {.bias = bias}, output.data());
  EXPECT_EQ(Vector(output.head(48)), Vector(input.head(48)));
  EXPECT_EQ(Vector(output.segment(48, 16)), Vector(Vector::Constant(16, 7)));
}

TEST(CorrelateAndPoolTest, KeepsTheLargestAndWhichItWas) {
  Vector input = Pixels({1, -2, 3, 3});
  input[9] = 100;
  input[32 + 10] = input[48 + 10] = -5;
  const Scalar weights[] = {1, -1};
  const Scalar bias[] = {0, -20};
  Vector output(input.size() * 2);
  std::vector<LaneInt> winners(static_cast<size_t>(output.size()), -1);
  CorrelateAndPool(Simple(), input.data(), weights, {.bias = bias, .floor = 0},
                   output.data(), winners.data());
  EXPECT_EQ(output[0], 3);
  EXPECT_EQ(winners[0], 2);  // the first of two that are as large
  EXPECT_EQ(output[9], 100);
  EXPECT_EQ(winners[9], 0);
  EXPECT_EQ(output[10], 11);
  EXPECT_EQ(winners[10], 0);
  EXPECT_EQ(output[64], 0);  // all sums are below the floor
  EXPECT_EQ(winners[64], 4);
}

TEST(AccumulateTest, AddsProductsOverAllPixelsAndLanes) {
  // Two rows of two pixels, in an image three pixels wide.
  const WeightCorrelation correlation = {.taps = {0, 16},
                                         .outputs = 1,
                                         .rows = 2,
                                         .columns = 2,
                                         .grad_channel = 64,
                                         .grad_row = 32,
                                         .input_row = 48,
                                         .input_column = 16};
  const Vector input =
      Vector::LinSpaced(6 * 16, 0, 95).array().floor() * Scalar{0.125};
  const Vector grad = Vector::LinSpaced(4 * 16, 0, 63).array().floor();
  Vector sums = Vector::Zero(correlation.size());
  Accumulate(correlation, input.data(), grad.data(), sums.data());
  Accumulate(correlation, input.data(), grad.data(), sums.data());
  Matrix grads(1, 2);
  AddLanes(correlation, sums.data(), MatrixView(grads.data(), 1, 2));
  const auto expected = [&](int64_t tap) {
    return 2 * (grad.head(32).dot(input.segment(tap, 32)) +
                grad.tail(32).dot(input.segment(48 + tap, 32)));
  };
  EXPECT_EQ(grads(0, 0), expected(0));
  EXPECT_EQ(grads(0, 1), expected(16));
}

}  // namespace
}  // namespace attune::nn

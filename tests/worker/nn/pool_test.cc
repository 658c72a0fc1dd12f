#include "worker/nn/pool.h"

#include <limits>
#include <memory>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "gtest/gtest.h"
#include "tests/testing/layer_check.h"
#include "worker/nn/block_sequence.h"

namespace attune::nn {
namespace {

std::unique_ptr<Layer> MakePool(const PoolOptions& options) {
  std::vector<std::unique_ptr<Layer>> layers;
  layers.push_back(std::make_unique<Pool>(options));
  return std::make_unique<BlockSequence>(std::make_unique<int64_t>(0),
                                         std::move(layers));
}

ConstMatrixView View(const Matrix& matrix) {
  return {matrix.data(), matrix.rows(), matrix.cols()};
}

const ConstVectorView kNoParams(nullptr, 0);

// Of windows of 2 x 2 on one channel of 3 x 5: the last row and column belong
// to none.
Matrix Input() {
  Matrix input(15, 1);
  input << 1, 5, 2, 2, 9,  //
      4, 3, 2, 2, 9,       //
      9, 9, 9, 9, 9;
  return input;
}
const PoolOptions kOptions = {.input = {1, 3, 5},
                              .window = {.height = 2, .width = 2, .stride = 2}};

Matrix Forward(const PoolOptions& options, const Matrix& input) {
  return MakePool(options)->Forward(kNoParams, View(input), Mode::kTrain);
}

Matrix Backward(const PoolOptions& options, const Matrix& input,
                const Matrix& output_grad) {
  const std::unique_ptr<Layer> pool = MakePool(options);
  pool->Forward(kNoParams, View(input), Mode::kTrain);
  return pool->Backward(kNoParams, View(output_grad), true,
                        VectorView(nullptr, 0));
}

TEST(PoolTest, TakesTheLargest) {
  EXPECT_EQ(Forward(kOptions, Input()), Matrix({{5}, {2}}));
}

TEST(PoolTest, TakesTheMean) {
  PoolOptions options = kOptions;
  options.kind = PoolKind::kAverage;
  EXPECT_EQ(Forward(options, Input()), Matrix({{3.25}, {2}}));
}

TEST(PoolTest, GivesTheGradientToTheFirstLargest) {
  Matrix expected = Matrix::Zero(15, 1);
  expected(1) = 10;
  expected(2) = 20;  // of four
  EXPECT_EQ(Backward(kOptions, Input(), Matrix{{10}, {20}}), expected);
}

TEST(PoolTest, SharesTheGradientOfTheMean) {
  PoolOptions options = kOptions;
  options.kind = PoolKind::kAverage;
  Matrix expected(15, 1);
  expected << 1, 1, 3, 3, 0, 1, 1, 3, 3, 0, 0, 0, 0, 0, 0;
  EXPECT_EQ(Backward(options, Input(), Matrix{{4}, {12}}), expected);
}

TEST(PoolTest, WindowsMayOverlap) {
  PoolOptions options = kOptions;
  options.window.stride = 1;
  EXPECT_EQ(Forward(options, Input()),
            Matrix({{5}, {5}, {2}, {9}, {9}, {9}, {9}, {9}}));
  // The 5 is the largest of two windows.
  EXPECT_EQ(Backward(options, Input(), Matrix::Ones(8, 1))(1), 2);
}

struct ShapeCase {
  std::string name;
  ImageShape input;
  Window window;
  int64_t batch;
};

class PoolGradientTest
    : public testing::TestWithParam<std::tuple<ShapeCase, PoolKind>> {};

TEST_P(PoolGradientTest, AgreesWithCentralDifferences) {
  const auto& [shape, kind] = GetParam();
  const PoolOptions options = {
      .input = shape.input, .window = shape.window, .kind = kind};
  EXPECT_LT(CheckLayerGradients([&options] { return MakePool(options); },
                                options.input.size(), shape.batch, 3)
                .input,
            1e-6);
}

INSTANTIATE_TEST_SUITE_P(
    ShapesAndKinds, PoolGradientTest,
    testing::Combine(
        testing::Values(ShapeCase{"Even", {2, 4, 6}, {2, 2, 2}, 3},
                        ShapeCase{"Odd", {3, 5, 7}, {2, 2, 2}, 18},
                        ShapeCase{"Overlapping", {1, 7, 6}, {3, 2, 1}, 16},
                        ShapeCase{"Gaps", {2, 8, 7}, {2, 1, 3}, 5},
                        ShapeCase{"Whole", {4, 3, 5}, {3, 5, 1}, 33}),
        testing::Values(PoolKind::kMax, PoolKind::kAverage)),
    [](const auto& test) {
      return std::get<0>(test.param).name +
             (std::get<1>(test.param) == PoolKind::kMax ? "Max" : "Average");
    });

}  // namespace
}  // namespace attune::nn

#include "worker/nn/block_sequence.h"

#include <memory>
#include <utility>
#include <vector>

#include "gtest/gtest.h"
#include "tests/testing/layer_check.h"
#include "worker/nn/conv.h"
#include "worker/nn/dropout.h"
#include "worker/nn/lanes.h"

namespace attune::nn {
namespace {

ConstMatrixView View(const Matrix& matrix) {
  return {matrix.data(), matrix.rows(), matrix.cols()};
}
MatrixView Changeable(Matrix& matrix) {
  return {matrix.data(), matrix.rows(), matrix.cols()};
}

TEST(BlocksTest, HaveASampleInEachLaneAndZerosBehind) {
  const Matrix columns = NormalVector(3 * 18, 1).reshaped(3, 18);
  Matrix blocks = Matrix::Constant(3 * kBlock, NumBlocks(18), 7);
  ToBlocks(View(columns), Changeable(blocks));
  ASSERT_EQ(blocks.cols(), 2);
  EXPECT_EQ(blocks(2 * kBlock + 5, 0), columns(2, 5));
  EXPECT_EQ(blocks(1 * kBlock + 1, 1), columns(1, 17));
  EXPECT_EQ(Matrix(blocks.col(1).segment(kBlock + 2, kBlock - 2)),
            Matrix(Matrix::Zero(kBlock - 2, 1)));
}

class BlocksTest : public testing::TestWithParam<int64_t> {};

TEST_P(BlocksTest, ComeBackAsTheyWere) {
  const Matrix columns =
      NormalVector(5 * GetParam(), 1).reshaped(5, GetParam());
  Matrix blocks(5 * kBlock, NumBlocks(GetParam()));
  ToBlocks(View(columns), Changeable(blocks));
  Matrix back(5, GetParam());
  FromBlocks(View(blocks), Changeable(back));
  EXPECT_EQ(back, columns);
}

INSTANTIATE_TEST_SUITE_P(Batches, BlocksTest,
                         testing::Values(1, 15, 16, 17, 64));

std::unique_ptr<BlockSequence> TwoConvs() {
  std::vector<std::unique_ptr<Layer>> layers;
  layers.push_back(
      std::make_unique<Conv>(ConvOptions{.input = {2, 6, 6},
                                         .window = {.height = 3, .width = 3},
                                         .outputs = 3,
                                         .activation = Activation::kTanh}));
  layers.push_back(std::make_unique<Dropout>(3 * 4 * 4 * kBlock, 0.3));
  layers.push_back(std::make_unique<Conv>(ConvOptions{
      .input = {3, 4, 4},
      .window = {.height = 3, .width = 3, .padding = Padding::kSame},
      .outputs = 2,
      .pool = true,
      .activation = Activation::kRelu}));
  return std::make_unique<BlockSequence>(std::make_unique<int64_t>(0),
                                         std::move(layers));
}

TEST(BlockSequenceTest, AgreesWithCentralDifferences) {
  const LayerErrors errors = CheckLayerGradients(
      [] {
        std::unique_ptr<BlockSequence> layers = TwoConvs();
        layers->Reseed(Rng(4));
        return layers;
      },
      2 * 6 * 6, 19, 5);
  EXPECT_LT(errors.params, 1e-6);
  EXPECT_LT(errors.input, 1e-6);
}

TEST(BlockSequenceTest, AllocatesNothingAfterTheFirstStep) {
  const std::unique_ptr<BlockSequence> layers = TwoConvs();
  const Vector params = NormalVector(layers->num_params(), 1);
  Vector grads(params.size());
  const Matrix input = NormalVector(72 * 20, 2).reshaped(72, 20);
  const Matrix weights = NormalVector(8 * 20, 3).reshaped(8, 20);
  const auto step = [&] {
    const ConstVectorView view(params.data(), params.size());
    layers->Forward(view, View(input), Mode::kTrain);
    layers->Backward(view, View(weights), true,
                     VectorView(grads.data(), grads.size()));
  };
  step();
  // Eigen aborts the test if it allocates now.
  Eigen::internal::set_is_malloc_allowed(false);
  step();
  Eigen::internal::set_is_malloc_allowed(true);
  EXPECT_TRUE(grads.allFinite());
}

}  // namespace
}  // namespace attune::nn

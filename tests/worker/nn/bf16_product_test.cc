#include "worker/nn/bf16_product.h"

#include <cstring>
#include <limits>
#include <string>
#include <tuple>

#include "core/random.h"
#include "gtest/gtest.h"
#include "worker/nn/dense.h"

namespace attune::nn {
namespace {

// The first half of a float, to the nearest, ties to even.
float Rounded(float value) {
  uint32_t bits = 0;
  std::memcpy(&bits, &value, sizeof(bits));
  bits += 0x7fff + ((bits >> 16) & 1);
  bits &= 0xffff0000;
  std::memcpy(&value, &bits, sizeof(bits));
  return value;
}

Matrix NormalMatrix(int64_t rows, int64_t cols, uint64_t seed) {
  Rng rng(seed);
  return Matrix::NullaryExpr(
      rows, cols, [&rng] { return static_cast<Scalar>(rng.Normal()); });
}

Factor FactorOf(const Matrix& matrix, bool is_transposed) {
  const ConstMatrixView view(matrix.data(), matrix.rows(), matrix.cols());
  return is_transposed ? Transposed(view) : AsIs(view);
}

MatrixView ViewOf(Matrix& matrix) {
  return {matrix.data(), matrix.rows(), matrix.cols()};
}

struct Product {
  int64_t rows;
  int64_t depth;
  int64_t cols;
};

class Bf16ProductTest
    : public testing::TestWithParam<std::tuple<Product, bool, bool>> {
 protected:
  void SetUp() override {
    if (!HasBf16()) GTEST_SKIP() << "No AVX512-BF16 here, or not in float.";
  }
};

TEST_P(Bf16ProductTest, AgreesWithSumsOfRoundedFactors) {
  const auto& [sizes, a_transposed, b_transposed] = GetParam();
  const Matrix a = NormalMatrix(sizes.rows, sizes.depth, 1);
  const Matrix b = NormalMatrix(sizes.depth, sizes.cols, 2);
  const Matrix bias = NormalMatrix(sizes.rows, 1, 3);
  const auto rounded = [](const Matrix& matrix) -> Eigen::MatrixXd {
    return matrix
        .unaryExpr([](Scalar value) {
          return static_cast<Scalar>(Rounded(static_cast<float>(value)));
        })
        .cast<double>();
  };
  const Eigen::MatrixXd expected = rounded(a) * rounded(b);
  const Matrix a_lies = a_transposed ? Matrix(a.transpose()) : a;
  const Matrix b_lies = b_transposed ? Matrix(b.transpose()) : b;
  const double bound =
      static_cast<double>(2 * sizes.depth + 2) *
      (rounded(a).cwiseAbs() * rounded(b).cwiseAbs()).maxCoeff() *
      static_cast<double>(std::numeric_limits<float>::epsilon());
  Bf16Product product;
  Matrix c = Matrix::Constant(sizes.rows, sizes.cols,
                              std::numeric_limits<Scalar>::quiet_NaN());
  product.Multiply(FactorOf(a_lies, a_transposed),
                   FactorOf(b_lies, b_transposed), nullptr, ViewOf(c));
  EXPECT_LE((c.cast<double>() - expected).cwiseAbs().maxCoeff(), bound);
  EXPECT_FALSE(c.hasNaN());
  product.Multiply(FactorOf(a_lies, a_transposed),
                   FactorOf(b_lies, b_transposed), bias.data(), ViewOf(c));
  const Eigen::VectorXd begin = bias.cast<double>();
  EXPECT_LE(
      (c.cast<double>().colwise() - begin - expected).cwiseAbs().maxCoeff(),
      bound + 1e-5);
}

std::string NameOf(
    const testing::TestParamInfo<Bf16ProductTest::ParamType>& test) {
  const auto& [sizes, a, b] = test.param;
  return std::to_string(sizes.rows) + "x" + std::to_string(sizes.depth) + "x" +
         std::to_string(sizes.cols) + (a ? "_a" : "") + (b ? "_b" : "") +
         (a || b ? "_transposed" : "");
}

// Sizes around those of a register, a tile, a panel, a pair, and the depth that
// is summed at once.
INSTANTIATE_TEST_SUITE_P(
    SizesAndLayouts, Bf16ProductTest,
    testing::Combine(testing::Values(Product{1, 1, 1}, Product{1, 7, 1},
                                     Product{10, 33, 8}, Product{16, 32, 16},
                                     Product{17, 31, 9}, Product{48, 40, 24},
                                     Product{49, 63, 25}, Product{95, 3, 15},
                                     Product{33, 100, 1}, Product{3, 50, 2},
                                     Product{64, 1, 31}, Product{10, 1025, 12},
                                     Product{60, 2100, 7}),
                     testing::Bool(), testing::Bool()),
    NameOf);

// A minibatch that is cut otherwise gives the same values.
TEST(Bf16ProductColumnsTest, AColumnDependsOnNoOther) {
  if (!HasBf16()) GTEST_SKIP() << "No AVX512-BF16 here, or not in float.";
  const Matrix a = NormalMatrix(70, 90, 1);
  const Matrix b = NormalMatrix(90, 21, 2);
  Bf16Product product;
  Matrix all(70, 21);
  product.Multiply(FactorOf(a, false), FactorOf(b, false), nullptr,
                   ViewOf(all));
  Matrix some(70, 5);
  const Matrix last = b.rightCols(5);
  product.Multiply(FactorOf(a, false), FactorOf(last, false), nullptr,
                   ViewOf(some));
  EXPECT_EQ(some, Matrix(all.rightCols(5)));
}

TEST(Bf16DenseTest, IsNearTheOneInFloatAndTheSameWhenMeasuring) {
  if (!HasBf16()) GTEST_SKIP() << "No AVX512-BF16 here, or not in float.";
  struct Values {
    Matrix trained;
    Matrix measured;
    Vector param_grads;
    Matrix input_grad;
  };
  const auto compute = [](Precision precision) {
    Dense dense({.inputs = 40,
                 .outputs = 30,
                 .activation = Activation::kTanh,
                 .precision = precision});
    const Matrix params = NormalMatrix(dense.num_params(), 1, 1) * Scalar(0.1);
    const Matrix input = NormalMatrix(40, 21, 2);
    const Matrix output_grad = NormalMatrix(30, 21, 3);
    const auto view = [](const Matrix& matrix) {
      return ConstMatrixView(matrix.data(), matrix.rows(), matrix.cols());
    };
    const ConstVectorView weights(params.data(), params.size());
    Values values;
    values.measured = dense.Forward(weights, view(input), Mode::kEval);
    values.trained = dense.Forward(weights, view(input), Mode::kTrain);
    values.param_grads.resize(params.size());
    values.input_grad =
        dense.Backward(weights, view(output_grad), true,
                       VectorView(values.param_grads.data(), params.size()));
    return values;
  };
  const Values in_float = compute(Precision::kScalar);
  const Values in_bf16 = compute(Precision::kBf16);
  EXPECT_EQ(in_bf16.measured, in_float.measured);
  const auto expect_near = [](const auto& a, const auto& b) {
    EXPECT_NE(a, b);
    EXPECT_LT((a - b).norm(), 0.01 * b.norm());
  };
  expect_near(in_bf16.trained, in_float.trained);
  expect_near(in_bf16.param_grads, in_float.param_grads);
  expect_near(in_bf16.input_grad, in_float.input_grad);
}

}  // namespace
}  // namespace attune::nn

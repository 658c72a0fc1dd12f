#include "worker/nn/dense.h"

#include <memory>
#include <tuple>

#include "gtest/gtest.h"
#include "tests/testing/layer_check.h"

namespace attune::nn {
namespace {

ConstMatrixView View(const Matrix& matrix) {
  return {matrix.data(), matrix.rows(), matrix.cols()};
}
ConstVectorView View(const Vector& vector) {
  return {vector.data(), vector.size()};
}

TEST(DenseTest, ComputesWeightsTimesInputPlusBias) {
  Dense dense({.inputs = 3, .outputs = 2});
  Vector params(8);
  params << 1, 2, 3, 4, 5, 6, 10, 20;  // W by columns, then b
  Matrix input(3, 1);
  input << 1, 0, 2;
  Matrix expected(2, 1);
  expected << 1 + 10 + 10, 2 + 12 + 20;
  EXPECT_EQ(Matrix(dense.Forward(View(params), View(input), Mode::kTrain)),
            expected);
}

TEST(DenseTest, BeginsWithBiasesOfZero) {
  Dense dense({.inputs = 30, .outputs = 20});
  Vector params = Vector::Ones(dense.num_params());
  Rng rng(1);
  dense.Initialize(rng, VectorView(params.data(), params.size()));
  EXPECT_EQ(params.tail(20), Vector(Vector::Zero(20)));
  EXPECT_TRUE((params.head(600).array() != 0.0).all());
}

TEST(DenseTest, ReturnsNoInputGradientIfNoneIsNeeded) {
  Dense dense({.inputs = 3, .outputs = 2});
  const Vector params = NormalVector(8, 1);
  const Matrix input = Matrix::Ones(3, 4);
  dense.Forward(View(params), View(input), Mode::kTrain);
  Vector grads(8);
  const Matrix output_grad = Matrix::Ones(2, 4);
  EXPECT_EQ(dense
                .Backward(View(params), View(output_grad), false,
                          VectorView(grads.data(), 8))
                .size(),
            0);
}

struct Shape {
  int64_t inputs;
  int64_t outputs;
  int64_t batch;
};

class DenseGradientTest
    : public testing::TestWithParam<std::tuple<Shape, Activation>> {};

TEST_P(DenseGradientTest, AgreesWithCentralDifferences) {
  const auto& [shape, activation] = GetParam();
  const DenseOptions options = {.inputs = shape.inputs,
                                .outputs = shape.outputs,
                                .activation = activation};
  const LayerErrors errors = CheckLayerGradients(
      [&options] { return std::make_unique<Dense>(options); }, shape.inputs,
      shape.batch, 1);
  EXPECT_LT(errors.params, 1e-6);
  EXPECT_LT(errors.input, 1e-6);
}

INSTANTIATE_TEST_SUITE_P(
    ShapesAndActivations, DenseGradientTest,
    testing::Combine(testing::Values(Shape{1, 1, 1}, Shape{3, 2, 5},
                                     Shape{17, 9, 1}, Shape{13, 31, 7},
                                     Shape{40, 24, 33}),
                     testing::Values(Activation::kIdentity, Activation::kRelu,
                                     Activation::kGelu, Activation::kSigmoid)));

}  // namespace
}  // namespace attune::nn

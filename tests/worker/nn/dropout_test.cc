#include "worker/nn/dropout.h"

#include <memory>

#include "gtest/gtest.h"
#include "tests/testing/layer_check.h"

namespace attune::nn {
namespace {

ConstMatrixView View(const Matrix& matrix) {
  return {matrix.data(), matrix.rows(), matrix.cols()};
}

const ConstVectorView kNoParams(nullptr, 0);

TEST(DropoutTest, LeavesOutTheShareAskedForAndKeepsTheMean) {
  Dropout dropout(1000, 0.3);
  dropout.Reseed(Rng(1));
  const Matrix ones = Matrix::Ones(1000, 100);
  const Matrix out = dropout.Forward(kNoParams, View(ones), Mode::kTrain);
  // Five standard errors of 100,000 draws.
  const double zeros = (out.array() == 0.0).cast<double>().mean();
  EXPECT_NEAR(zeros, 0.3, 5.0 * 0.00145);
  EXPECT_NEAR(out.mean(), 1.0, 5.0 * 0.00145 / 0.7);
  EXPECT_DOUBLE_EQ(out.maxCoeff(), 1.0 / 0.7);
}

TEST(DropoutTest, LeavesOutNothingInEvaluation) {
  Dropout dropout(5, 0.9);
  dropout.Reseed(Rng(1));
  const Matrix in = Matrix::Random(5, 3);
  EXPECT_EQ(Matrix(dropout.Forward(kNoParams, View(in), Mode::kEval)), in);
}

TEST(DropoutTest, DrawsAnewInEveryStepAndFollowsItsSeed) {
  Dropout one(64, 0.5);
  one.Reseed(Rng(1));
  Dropout same(64, 0.5);
  same.Reseed(Rng(1));
  const Matrix in = Matrix::Ones(64, 1);
  const Matrix first = one.Forward(kNoParams, View(in), Mode::kTrain);
  const Matrix second = one.Forward(kNoParams, View(in), Mode::kTrain);
  EXPECT_NE(first, second);
  EXPECT_EQ(Matrix(same.Forward(kNoParams, View(in), Mode::kTrain)), first);
  EXPECT_EQ(Matrix(same.Forward(kNoParams, View(in), Mode::kTrain)), second);
}

TEST(DropoutTest, PassesGradientsWhereValuesPassed) {
  Dropout dropout(7, 0.5);  // an odd number of values
  dropout.Reseed(Rng(3));
  const Matrix ones = Matrix::Ones(7, 3);
  const Matrix out = dropout.Forward(kNoParams, View(ones), Mode::kTrain);
  const Matrix back =
      dropout.Backward(kNoParams, View(ones), true, VectorView(nullptr, 0));
  EXPECT_EQ(back, out);
}

TEST(DropoutTest, GradientsAgreeWithCentralDifferences) {
  // Masks that begin from one seed are the same.
  EXPECT_LT(CheckLayerGradients(
                [] {
                  auto dropout = std::make_unique<Dropout>(9, 0.4);
                  dropout->Reseed(Rng(5));
                  return dropout;
                },
                9, 11, 1)
                .input,
            1e-6);
}

TEST(DropoutTest, AtRateZeroChangesNothing) {
  Dropout dropout(4, 0.0);
  dropout.Reseed(Rng(1));
  const Matrix in = Matrix::Random(4, 4);
  EXPECT_EQ(Matrix(dropout.Forward(kNoParams, View(in), Mode::kTrain)), in);
}

}  // namespace
}  // namespace attune::nn

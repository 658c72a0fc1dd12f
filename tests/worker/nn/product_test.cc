#include "worker/nn/product.h"

#include <limits>
#include <string>
#include <tuple>

#include "core/random.h"
#include "gtest/gtest.h"

namespace attune::nn {
namespace {

ConstMatrixView View(const Matrix& matrix) {
  return {matrix.data(), matrix.rows(), matrix.cols()};
}

MatrixView Target(Matrix& matrix) {
  return {matrix.data(), matrix.rows(), matrix.cols()};
}

Matrix Normal(int64_t rows, int64_t cols, uint64_t seed) {
  Rng rng(seed);
  return Matrix::NullaryExpr(
      rows, cols, [&rng] { return static_cast<Scalar>(rng.Normal()); });
}

// Term by term, in double.
Eigen::MatrixXd Plain(const Matrix& a, const Matrix& b) {
  Eigen::MatrixXd c = Eigen::MatrixXd::Zero(a.rows(), b.cols());
  for (int64_t j = 0; j < c.cols(); ++j) {
    for (int64_t i = 0; i < c.rows(); ++i) {
      for (int64_t k = 0; k < a.cols(); ++k) {
        c(i, j) += static_cast<double>(a(i, k)) * static_cast<double>(b(k, j));
      }
    }
  }
  return c;
}

struct Sizes {
  int64_t rows;
  int64_t depth;
  int64_t cols;
};

class ProductTest
    : public testing::TestWithParam<std::tuple<Sizes, bool, bool>> {
 protected:
  ProductTest()
      : sizes_(std::get<0>(GetParam())),
        a_(Normal(sizes_.rows, sizes_.depth, 1)),
        b_(Normal(sizes_.depth, sizes_.cols, 2)),
        a_transposed_(a_.transpose()),
        b_transposed_(b_.transpose()),
        c_(Matrix::Constant(sizes_.rows, sizes_.cols,
                            std::numeric_limits<Scalar>::quiet_NaN())) {}

  Factor A() const {
    return std::get<1>(GetParam()) ? Transposed(View(a_transposed_))
                                   : AsIs(View(a_));
  }
  Factor B() const {
    return std::get<2>(GetParam()) ? Transposed(View(b_transposed_))
                                   : AsIs(View(b_));
  }
  double ErrorOf(const Eigen::MatrixXd& expected) const {
    return (c_.cast<double>() - expected)
        .cwiseAbs()
        .maxCoeff<Eigen::PropagateNaN>();
  }

  // The most that rounding can do to a sum of `terms` products, whatever the
  // order (Higham 2002, equation 3.5).
  double Bound(int64_t terms) const {
    const double largest = Plain(a_.cwiseAbs(), b_.cwiseAbs()).maxCoeff();
    return static_cast<double>(terms) * largest *
           static_cast<double>(std::numeric_limits<Scalar>::epsilon());
  }

  const Sizes sizes_;
  const Matrix a_;
  const Matrix b_;
  const Matrix a_transposed_;
  const Matrix b_transposed_;
  Matrix c_;
};

TEST_P(ProductTest, AgreesWithSumsTermByTerm) {
  Multiply(A(), B(), Target(c_));
  EXPECT_LE(ErrorOf(Plain(a_, b_)), Bound(sizes_.depth));
}

TEST_P(ProductTest, WritesNothingBehindTheResult) {
  Vector memory = Vector::Constant(c_.size() + 100, Scalar{7});
  const MatrixView c(memory.data(), c_.rows(), c_.cols());
  Multiply(A(), B(), c);
  EXPECT_EQ(memory.tail(100), Vector::Constant(100, Scalar{7}));
  c_ = c;
  EXPECT_LE(ErrorOf(Plain(a_, b_)), Bound(sizes_.depth));
}

TEST_P(ProductTest, AddsTheBiasToEveryColumn) {
  const Matrix bias = Normal(sizes_.rows, 1, 3);
  Multiply(A(), B(), ConstVectorView(bias.data(), bias.size()), Target(c_));
  const double largest = static_cast<double>(bias.cwiseAbs().maxCoeff());
  EXPECT_LE(
      ErrorOf(Plain(a_, b_).colwise() + Eigen::VectorXd(bias.cast<double>())),
      Bound(sizes_.depth + 1) * (1.0 + largest));
}

std::string NameOf(
    const testing::TestParamInfo<std::tuple<Sizes, bool, bool>>& test) {
  const auto& [sizes, a, b] = test.param;
  return std::to_string(sizes.rows) + "x" + std::to_string(sizes.depth) + "x" +
         std::to_string(sizes.cols) + (a ? "_a" : "") + (b ? "_b" : "") +
         (a || b ? "_transposed" : "");
}

// Sizes around those of a register, a tile, a panel, and the depth that is
// summed at once; and results so wide that columns of `a` are copied.
INSTANTIATE_TEST_SUITE_P(
    SizesAndLayouts, ProductTest,
    testing::Combine(testing::Values(Sizes{1, 1, 1}, Sizes{1, 7, 1},
                                     Sizes{10, 33, 8}, Sizes{16, 16, 16},
                                     Sizes{17, 15, 9}, Sizes{48, 40, 24},
                                     Sizes{49, 31, 25}, Sizes{95, 3, 15},
                                     Sizes{33, 100, 1}, Sizes{3, 50, 2},
                                     Sizes{64, 1, 31}, Sizes{10, 1025, 12},
                                     Sizes{60, 2100, 7}, Sizes{96, 20, 260},
                                     Sizes{16, 1100, 300}, Sizes{10, 5, 257}),
                     testing::Bool(), testing::Bool()),
    NameOf);

// A minibatch that is cut otherwise gives the same values.
TEST(ProductColumnsTest, DependOnNoOtherColumn) {
  const Matrix a = Normal(70, 90, 1);
  const Matrix b = Normal(90, 21, 2);
  Matrix all(70, 21);
  Multiply(AsIs(View(a)), AsIs(View(b)), Target(all));
  Matrix some(70, 5);
  const Matrix last = b.rightCols(5);
  Multiply(AsIs(View(a)), AsIs(View(last)), Target(some));
  EXPECT_EQ(some, Matrix(all.rightCols(5)));
}

TEST(ProductColumnsTest, ANanStaysInItsRowAndColumn) {
  Matrix a = Normal(10, 20, 1);
  const Matrix b = Normal(20, 12, 2);
  a(4, 7) = std::numeric_limits<Scalar>::quiet_NaN();
  Matrix c(10, 12);
  Multiply(AsIs(View(a)), AsIs(View(b)), Target(c));
  EXPECT_EQ(c.array().isNaN().count(), 12);
  EXPECT_TRUE(c.row(4).array().isNaN().all());
}

}  // namespace
}  // namespace attune::nn

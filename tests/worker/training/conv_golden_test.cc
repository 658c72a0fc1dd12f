// A convolutional network against PyTorch's: tests/golden/nn/make_conv.py.
#include <map>
#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "tests/testing/golden.h"
#include "tests/testing/gradient_check.h"
#include "worker/nn/loss.h"
#include "worker/training/conv_builder.h"

namespace attune {
namespace {

constexpr int64_t kBatch = 19;

nn::Vector Column(const std::string& file, const std::string& name) {
  const std::vector<double> numbers =
      ReadGolden("nn/" + file + ".csv").at(name);
  return Eigen::Map<const Eigen::VectorXd>(numbers.data(),
                                           static_cast<int64_t>(numbers.size()))
      .cast<nn::Scalar>();
}

class ConvGoldenTest : public testing::Test {
 protected:
  ConvGoldenTest()
      : network_(BuildConvNetwork(
                     ParseLayerList("conv 3x3x4, pool 2, conv 3x4x6 same, "
                                    "batch_norm, conv 2x2x3 stride 2, avgpool "
                                    "2 stride 1, dense 5")
                         .value(),
                     {.image = {2, 12, 11}, .outputs = 3}, Rng(1))
                     .value()),
        inputs_(Column("conv_inputs", "input")) {
    network_.params() = Column("conv_params", "param");
  }

  nn::ConstMatrixView Forward(nn::Mode mode) {
    return network_.Forward(
        nn::ConstMatrixView(inputs_.data(), 2 * 12 * 11, kBatch), mode);
  }

  nn::Network network_;
  const nn::Vector inputs_;
};

TEST_F(ConvGoldenTest, ComputesTheSameOutputsAndGradients) {
  const nn::ConstMatrixView outputs = Forward(nn::Mode::kTrain);
  EXPECT_LT(
      nn::RelativeError(Column("conv_outputs", "output"), outputs.reshaped()),
      1e-12);
  std::vector<int32_t> labels;
  for (int i = 0; i < kBatch; ++i) labels.push_back(i % 3);
  nn::Matrix grad(3, kBatch);
  nn::LossAndGradient({}, outputs, {.labels = labels},
                      nn::MatrixView(grad.data(), 3, kBatch));
  network_.Backward(nn::ConstMatrixView(grad.data(), 3, kBatch));
  EXPECT_LT(nn::RelativeError(Column("conv_params", "grad"), network_.grads()),
            1e-12);
}

TEST_F(ConvGoldenTest, MeasuresTheSameAfterAStep) {
  Forward(nn::Mode::kTrain);
  EXPECT_LT(nn::RelativeError(Column("conv_outputs", "measured"),
                              Forward(nn::Mode::kEval).reshaped()),
            1e-12);
}

}  // namespace
}  // namespace attune

// Batch normalisation against PyTorch's: tests/golden/nn/make.py.
#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "tests/testing/golden.h"
#include "worker/nn/batch_norm.h"

namespace attune::nn {
namespace {

constexpr int64_t kChannels = 3;
constexpr int64_t kBatch = 6;
constexpr double kTolerance = 1e-13;

TEST(BatchNormGoldenTest, AgreesInTwoStepsAndWhenMeasuring) {
  const auto values = ReadGolden("nn/batch_norm.csv");
  const auto of_channels = ReadGolden("nn/batch_norm_channels.csv");
  const auto batch = [&values](const std::string& name) {
    return ConstMatrixView(values.at(name).data(), kChannels, kBatch);
  };
  const auto channel = [&of_channels](const std::string& name) {
    return ConstVectorView(of_channels.at(name).data(), kChannels);
  };
  BatchNorm layer({.channels = kChannels});
  Vector both(2 * kChannels);
  both << channel("gamma"), channel("beta");
  const ConstVectorView params(both.data(), both.size());
  Vector grads(2 * kChannels);

  layer.Forward(params, batch("first"), Mode::kTrain);
  const Matrix output = layer.Forward(params, batch("second"), Mode::kTrain);
  const Matrix input_grad = layer.Backward(
      params, batch("factors"), true, VectorView(grads.data(), grads.size()));
  const Matrix measured = layer.Forward(params, batch("second"), Mode::kEval);

  EXPECT_TRUE(output.isApprox(batch("output"), kTolerance));
  EXPECT_TRUE(input_grad.isApprox(batch("input_grad"), kTolerance));
  EXPECT_TRUE(measured.isApprox(batch("measured"), kTolerance));
  EXPECT_TRUE(
      grads.head(kChannels).isApprox(channel("gamma_grad"), kTolerance));
  EXPECT_TRUE(grads.tail(kChannels).isApprox(channel("beta_grad"), kTolerance));
  std::vector<VectorView> states;
  layer.AppendState(states);
  EXPECT_TRUE(states.at(0).head(kChannels).isApprox(channel("running_mean"),
                                                    kTolerance));
  EXPECT_TRUE(states.at(0).tail(kChannels).isApprox(channel("running_variance"),
                                                    kTolerance));
}

}  // namespace
}  // namespace attune::nn

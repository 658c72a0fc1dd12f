#include "worker/training/loss_builder.h"

#include <string>

#include "gtest/gtest.h"
#include "tests/testing/status_matchers.h"
#include "tests/worker/training/small_data.h"

namespace attune {
namespace {

using testing::HasSubstr;

nn::LossFunction FunctionFor(const std::string& word,
                             const nn::Dataset& dataset) {
  return BuildLoss(MakeConfig({{"loss", word}}), dataset).value().function;
}

TEST(LossBuilderTest, AutoIsByWhatTheDataHave) {
  EXPECT_EQ(FunctionFor("auto", MakeBlobs(12)),
            nn::LossFunction::kCrossEntropy);
  EXPECT_EQ(FunctionFor("auto", MakeLine(12)), nn::LossFunction::kMse);
}

class LossWordTest
    : public testing::TestWithParam<std::pair<std::string, nn::LossFunction>> {
};

TEST_P(LossWordTest, NamesItsFunction) {
  EXPECT_EQ(FunctionFor(GetParam().first, MakeBlobs(12)), GetParam().second);
}

INSTANTIATE_TEST_SUITE_P(
    All, LossWordTest,
    testing::Values(std::pair("cross_entropy", nn::LossFunction::kCrossEntropy),
                    std::pair("mse", nn::LossFunction::kMse),
                    std::pair("mae", nn::LossFunction::kMae),
                    std::pair("huber", nn::LossFunction::kHuber),
                    std::pair("binary_cross_entropy",
                              nn::LossFunction::kBinaryCrossEntropy)),
    [](const auto& test) { return test.param.first; });

TEST(LossBuilderTest, TakesItsNumbersFromTheSettings) {
  ATTUNE_ASSERT_OK_AND_ASSIGN(
      const nn::Loss loss,
      BuildLoss(MakeConfig({{"label_smoothing", 0.125}, {"huber_delta", 3.0}}),
                MakeBlobs(12)));
  EXPECT_EQ(loss.label_smoothing, 0.125);
  EXPECT_EQ(loss.huber_delta, 3.0);
}

TEST(LossBuilderTest, RefusesCrossEntropyOfNumbers) {
  EXPECT_THAT(
      BuildLoss(MakeConfig({{"loss", std::string("cross_entropy")}}),
                MakeLine(12)),
      StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("train.loss")));
}

TEST(LossBuilderTest, RefusesBinaryCrossEntropyOfNumbersThatAreNoChances) {
  const NetworkConfig config =
      MakeConfig({{"loss", std::string("binary_cross_entropy")}});
  nn::Dataset dataset = MakeLine(3);
  dataset.targets << 0.0, 0.5, 1.0;
  ATTUNE_EXPECT_OK(BuildLoss(config, dataset).status());
  dataset.targets << 0.0, 0.5, 1.25;
  EXPECT_THAT(BuildLoss(config, dataset),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       HasSubstr("1.25, expected all of them from 0 to 1")));
}

}  // namespace
}  // namespace attune

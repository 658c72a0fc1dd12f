#include "worker/training/network_builder.h"

#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/testing/status_matchers.h"
#include "tests/worker/training/small_data.h"

namespace attune {
namespace {

TEST(NetworkBuilderTest, FitsTheLayersToTheData) {
  const nn::Dataset dataset = MakeBlobs(12);
  nn::Network network =
      BuildNetwork(MakeConfig({{"hidden_layers", std::string("6,5")}}), dataset,
                   Rng(1))
          .value();
  EXPECT_EQ(network.num_outputs(), 3);
  EXPECT_EQ(network.params().size(), 6 * (4 + 1) + 5 * (6 + 1) + 3 * (5 + 1));
}

TEST(NetworkBuilderTest, BuildsWhatLayersList) {
  nn::Dataset dataset = MakeBlobs(12, 2 * 4 * 5);
  dataset.image = {.channels = 2, .height = 4, .width = 5};
  const NetworkConfig config =
      MakeConfig({{"network", std::string("cnn")},
                  {"layers", std::string("conv 3x3x6, flatten, dense 4")}});
  nn::Network network = BuildNetwork(config, dataset, Rng(1)).value();
  EXPECT_EQ(network.params().size(),
            6 * (2 * 9 + 1) + 4 * (6 * 2 * 3 + 1) + 3 * (4 + 1));
}

TEST(NetworkBuilderTest, ConvolutionsNeedImagesThatAreLargeEnough) {
  nn::Dataset dataset = MakeBlobs(12, 2 * 4 * 5);
  const NetworkConfig config = MakeConfig({{"network", std::string("lenet")}});
  EXPECT_THAT(BuildNetwork(config, dataset, Rng(1)),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       testing::HasSubstr("no images")));
  dataset.image = {.channels = 2, .height = 4, .width = 5};
  EXPECT_THAT(BuildNetwork(config, dataset, Rng(1)),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       testing::HasSubstr("layer 1 of 6, `conv 5x5x6`: found "
                                          "an image of 4x5 pixels")));
}

TEST(NetworkBuilderTest, DrawsTheSameParametersFromTheSameSeed) {
  const nn::Dataset dataset = MakeBlobs(12);
  const auto params = [&dataset](uint64_t seed) {
    return nn::Vector(
        BuildNetwork(MakeConfig({}), dataset, Rng(seed)).value().params());
  };
  EXPECT_EQ(params(1), params(1));
  EXPECT_NE(params(1), params(2));
}

// The tests' copy of the engine is in double, and has no bfloat16 anywhere.
TEST(NetworkBuilderTest, RefusesAPrecisionThatIsNotThere) {
  EXPECT_THAT(BuildNetwork(MakeConfig({{"precision", std::string("bf16")}}),
                           MakeBlobs(12), Rng(1)),
              StatusIs(absl::StatusCode::kFailedPrecondition,
                       testing::HasSubstr("without AVX512-BF16")));
}

TEST(NetworkBuilderTest, RefusesWhatNoMemoryHolds) {
  const nn::Dataset dataset = MakeBlobs(12);
  EXPECT_THAT(BuildNetwork(MakeConfig({{"depth", int64_t{16}},
                                       {"width", int64_t{8192}}}),
                           dataset, Rng(1)),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       testing::HasSubstr("expected at most 268435456")));
}

}  // namespace
}  // namespace attune

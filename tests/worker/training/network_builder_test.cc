#include "worker/training/network_builder.h"

#include <string>

#include "gtest/gtest.h"
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

TEST(NetworkBuilderTest, DrawsTheSameParametersFromTheSameSeed) {
  const nn::Dataset dataset = MakeBlobs(12);
  const auto params = [&dataset](uint64_t seed) {
    return nn::Vector(
        BuildNetwork(MakeConfig({}), dataset, Rng(seed)).value().params());
  };
  EXPECT_EQ(params(1), params(1));
  EXPECT_NE(params(1), params(2));
}

}  // namespace
}  // namespace attune

#include "worker/optim/factory.h"

#include <string>

#include "gtest/gtest.h"

namespace attune::nn {
namespace {

// The words of a setting, so that one that is added there cannot be forgotten
// here.
std::vector<std::string> Words(absl::string_view setting) {
  const NetworkSetting* found = FindNetworkSetting(setting);
  return {found->words.begin(), found->words.end()};
}

NetworkConfig Config(const Parameters& settings) {
  return ResolveNetworkConfig(settings, {}).value();
}

class OptimizerFactoryTest : public testing::TestWithParam<std::string> {};

TEST_P(OptimizerFactoryTest, MakesWhatTheTableNames) {
  EXPECT_EQ(MakeOptimizer(Config({{"optimizer", GetParam()}}))->name(),
            GetParam());
}

INSTANTIATE_TEST_SUITE_P(AllWords, OptimizerFactoryTest,
                         testing::ValuesIn(Words("optimizer")),
                         [](const auto& test) { return test.param; });

double Stepped(const Parameters& settings) {
  const NetworkConfig config = Config(settings);
  const auto optimizer = MakeOptimizer(config);
  Vector theta = Vector::Ones(1);
  for (const double g : {0.5, -2.0, 1.0}) {
    optimizer->Step(Vector::Constant(1, g),
                    {.learning_rate = 0.1, .momentum = config.momentum}, theta);
  }
  return theta[0];
}

TEST(OptimizerFactoryTest, EverySettingOfItsRuleCounts) {
  const std::string rmsprop = "rmsprop";
  const double plain = Stepped({{"optimizer", rmsprop}});
  EXPECT_NE(plain, Stepped({{"optimizer", rmsprop}, {"rho", 0.5}}));
  EXPECT_NE(plain, Stepped({{"optimizer", rmsprop}, {"epsilon", 0.1}}));
  EXPECT_NE(plain,
            Stepped({{"optimizer", rmsprop}, {"epsilon_inside_root", true}}));
  const double adam = Stepped({});
  EXPECT_NE(adam, Stepped({{"beta1", 0.5}}));
  EXPECT_NE(adam, Stepped({{"beta2", 0.5}}));
  EXPECT_NE(adam, Stepped({{"epsilon", 0.1}}));
  EXPECT_NE(adam, Stepped({{"epsilon_inside_root", true}}));
  EXPECT_NE(adam, Stepped({{"bias_correction", false}}));
}

}  // namespace
}  // namespace attune::nn

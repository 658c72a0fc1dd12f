#include "worker/optim/factory.h"

#include <string>
#include <variant>

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

class ScheduleFactoryTest : public testing::TestWithParam<std::string> {};

TEST_P(ScheduleFactoryTest, BeginsAtTheLearningRate) {
  const RateSchedule schedule = MakeRateSchedule(
      Config({{"schedule", GetParam()}, {"learning_rate", 0.25}}), 10);
  EXPECT_DOUBLE_EQ(LearningRate(schedule, 0), 0.25);
}

INSTANTIATE_TEST_SUITE_P(AllWords, ScheduleFactoryTest,
                         testing::ValuesIn(Words("schedule")),
                         [](const auto& test) { return test.param; });

double RateAfter(int64_t epochs, const Parameters& settings) {
  return LearningRate(MakeRateSchedule(Config(settings), 10), 10 * epochs);
}

TEST(ScheduleFactoryTest, CountsInEpochs) {
  const Parameters step = {{"schedule", std::string("step")},
                           {"learning_rate", 0.8},
                           {"decay_rate", 0.5},
                           {"decay_epochs", int64_t{3}}};
  EXPECT_DOUBLE_EQ(RateAfter(2, step), 0.8);
  EXPECT_DOUBLE_EQ(RateAfter(3, step), 0.4);
  Parameters cosine = {{"schedule", std::string("cosine")},
                       {"learning_rate", 0.8},
                       {"final_learning_rate", 0.1},
                       {"epochs", int64_t{6}}};
  EXPECT_DOUBLE_EQ(RateAfter(6, cosine), 0.1);
  EXPECT_DOUBLE_EQ(RateAfter(3, cosine), 0.45);
}

}  // namespace
}  // namespace attune::nn

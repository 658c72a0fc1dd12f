#include "worker/optim/factory.h"

#include <set>
#include <string>

#include "gtest/gtest.h"

namespace attune::nn {
namespace {

// The words of a setting, so that one that is added there cannot be forgotten
// here.
std::vector<std::string> Words(absl::string_view setting) {
  const Setting* found = FindNetworkSetting(setting);
  return {found->words.begin(), found->words.end()};
}

NetworkConfig Config(const Parameters& settings) {
  return ResolveNetworkConfig(settings, {}).value();
}

// Where six steps lead with these settings; from the same gradients.
double Stepped(Parameters settings) {
  settings.AddMissing({{"learning_rate", 0.1}});
  const NetworkConfig config = Config(settings);
  const auto optimizer = MakeOptimizer(config);
  Vector theta = Vector::Ones(1);
  for (const double g : {0.5, -2.0, 0.01, 0.3, -0.2, 1.0}) {
    optimizer->Step(
        Vector::Constant(1, g),
        {.learning_rate = config.learning_rate, .momentum = config.momentum},
        theta);
  }
  return theta[0];
}

TEST(OptimizerFactoryTest, EveryWordIsARuleOfItsOwn) {
  std::set<double> places;
  std::vector<std::string> words = Words("optimizer");
  std::erase(words, "lbfgs");
  for (const std::string& word : words) {
    places.insert(Stepped({{"optimizer", word}}));
  }
  EXPECT_EQ(places.size(), words.size());
}

struct SettingCase {
  std::string optimizer;
  std::string setting;
  ParameterValue value;
};

class OptimizerSettingTest : public testing::TestWithParam<SettingCase> {};

TEST_P(OptimizerSettingTest, Counts) {
  const Parameters plain = {{"optimizer", GetParam().optimizer}};
  Parameters changed = plain;
  changed.Set(GetParam().setting, GetParam().value);
  EXPECT_NE(Stepped(plain), Stepped(changed));
}

INSTANTIATE_TEST_SUITE_P(
    All, OptimizerSettingTest,
    testing::Values(
        SettingCase{"momentum", "momentum", 0.5},
        SettingCase{"nesterov", "momentum", 0.5},
        SettingCase{"rmsprop", "rho", 0.5},
        SettingCase{"rmsprop", "epsilon", 0.1},
        SettingCase{"rmsprop", "epsilon_inside_root", true},
        SettingCase{"rmsprop", "centered", true},
        SettingCase{"rmsprop", "rmsprop_momentum", 0.5},
        SettingCase{"adam", "beta1", 0.5}, SettingCase{"adam", "beta2", 0.5},
        SettingCase{"adam", "epsilon", 0.1},
        SettingCase{"adam", "epsilon_inside_root", true},
        SettingCase{"adam", "bias_correction", false},
        SettingCase{"adamw", "weight_decay", 0.5},
        SettingCase{"amsgrad", "beta2", 0.5},
        SettingCase{"amsgrad", "bias_correction", false},
        SettingCase{"nadam", "beta1", 0.5}, SettingCase{"nadam", "beta2", 0.5},
        SettingCase{"nadam", "epsilon", 0.1},
        SettingCase{"nadam", "epsilon_inside_root", true},
        SettingCase{"nadam", "bias_correction", false},
        SettingCase{"adagrad", "epsilon", 0.1},
        SettingCase{"adagrad", "epsilon_inside_root", true},
        SettingCase{"adadelta", "rho", 0.5},
        SettingCase{"adadelta", "epsilon", 0.1},
        SettingCase{"lion", "beta1", 0.1}, SettingCase{"lion", "beta2", 0.0},
        SettingCase{"sgd", "l1", 0.1}, SettingCase{"sgd", "l2", 0.1},
        SettingCase{"sgd", "weight_decay", 0.1},
        SettingCase{"sgd", "clip_norm", 0.1},
        SettingCase{"sgd", "clip_value", 0.1}),
    [](const auto& test) {
      return test.param.optimizer + "_" + test.param.setting;
    });

TEST(OptimizerFactoryTest, LbfgsHasItsHistoryAndItsPenalty) {
  const Parameters settings = {{"optimizer", std::string("lbfgs")},
                               {"lbfgs_history", int64_t{3}},
                               {"l2", 0.5}};
  const auto lbfgs = MakeLbfgs(Config(settings));
  EXPECT_EQ(lbfgs->slots().size(), 2 * 3);
  // (x - 3)^2 / 2 + l2 x^2 / 2 is least at 3 / (1 + l2).
  Vector x = Vector::Zero(1);
  Vector g = Vector::Zero(1);
  for (int i = 0; i < 5; ++i) {
    lbfgs->Step(
        [&] {
          g[0] = x[0] - 3.0;
          return 0.5 * g[0] * g[0];
        },
        1.0, x, g);
  }
  EXPECT_NEAR(x[0], 2.0, 1e-9);
}

}  // namespace
}  // namespace attune::nn

#include "worker/optim/schedule_factory.h"

#include <string>
#include <vector>

#include "gtest/gtest.h"

namespace attune::nn {
namespace {

constexpr int64_t kStepsPerEpoch = 10;

// The words of a setting, so that one that is added there cannot be forgotten
// here.
std::vector<std::string> Words(absl::string_view setting) {
  const Setting* found = FindNetworkSetting(setting);
  return {found->words.begin(), found->words.end()};
}

NetworkConfig Config(const Parameters& settings) {
  return ResolveNetworkConfig(settings, {}).value();
}
std::string Text(const char* text) { return text; }

double LearningRateAt(double epochs, const Parameters& settings) {
  return Value(MakeLearningRateSchedule(Config(settings), kStepsPerEpoch),
               static_cast<int64_t>(epochs * kStepsPerEpoch));
}
double MomentumAt(double epochs, const Parameters& settings) {
  return Value(MakeMomentumSchedule(Config(settings), kStepsPerEpoch),
               static_cast<int64_t>(epochs * kStepsPerEpoch));
}

class LearningRateScheduleTest : public testing::TestWithParam<std::string> {};

TEST_P(LearningRateScheduleTest, ReachesTheLearningRateAfterTheWarmup) {
  const Parameters settings = {{"schedule", GetParam()},
                               {"learning_rate", 0.25},
                               {"cycle_divisor", 1.0},
                               {"warmup_epochs", 0.5}};
  EXPECT_DOUBLE_EQ(LearningRateAt(0.0, settings), 0.05);
  EXPECT_DOUBLE_EQ(LearningRateAt(0.4, settings), 0.25);
  EXPECT_DOUBLE_EQ(LearningRateAt(0.5, settings), 0.25);
}

INSTANTIATE_TEST_SUITE_P(AllWords, LearningRateScheduleTest,
                         testing::ValuesIn(Words("schedule")),
                         [](const auto& test) { return test.param; });

struct RateCase {
  std::string name;
  Parameters settings;  // beside a learning rate of 0.8 and 6 epochs
  double epochs = 0.0;
  double rate = 0.0;
};

const RateCase kRates[] = {
    {"StepWaits", {{"schedule", Text("step")}}, 4.9, 0.8},
    {"StepFalls", {{"schedule", Text("step")}}, 5.0, 0.4},
    {"StepFallsWhenSaid",
     {{"schedule", Text("step")},
      {"decay_epochs", int64_t{3}},
      {"decay_rate", 0.25}},
     3.0,
     0.2},
    {"ExponentialFalls",
     {{"schedule", Text("exponential")},
      {"decay_epochs", int64_t{2}},
      {"decay_rate", 0.25}},
     1.0,
     0.4},
    {"InverseTimeFalls",
     {{"schedule", Text("inverse_time")}, {"decay_epochs", int64_t{1}}},
     2.0,
     0.4},
    {"LinearLeadsToTheEnd",
     {{"schedule", Text("linear")}, {"final_learning_rate", 0.2}},
     3.0,
     0.5},
    {"LinearEndsWhenSaid",
     {{"schedule", Text("linear")},
      {"decay_epochs", int64_t{3}},
      {"final_learning_rate", 0.2}},
     3.0,
     0.2},
    {"PolynomialLeadsToTheEnd",
     {{"schedule", Text("polynomial")}, {"final_learning_rate", 0.2}},
     3.0,
     0.35},
    {"PolynomialEndsWhenSaid",
     {{"schedule", Text("polynomial")},
      {"decay_power", 3.0},
      {"decay_epochs", int64_t{4}}},
     2.0,
     0.1},
    {"CosineLeadsToTheEnd",
     {{"schedule", Text("cosine")}, {"final_learning_rate", 0.2}},
     3.0,
     0.5},
    {"CosineBeginsAgain",
     {{"schedule", Text("cosine")}, {"restart_epochs", int64_t{2}}},
     3.0,
     0.4},
    {"CosineBeginsAgainLater",
     {{"schedule", Text("cosine")},
      {"restart_epochs", int64_t{1}},
      {"restart_factor", int64_t{2}}},
     2.0,
     0.4},
    {"OneCycleBegins", {{"schedule", Text("one_cycle")}}, 0.0, 0.032},
    {"OneCycleBeginsWhereSaid",
     {{"schedule", Text("one_cycle")}, {"cycle_divisor", 10.0}},
     0.0,
     0.08},
    {"OneCycleHasItsPeak",
     {{"schedule", Text("one_cycle")}, {"cycle_rise", 0.5}},
     2.9,
     0.8},
    {"OneCycleEnds",
     {{"schedule", Text("one_cycle")}, {"final_learning_rate", 0.1}},
     5.9,
     0.1},
    {"TheEndStaysBehindAWarmup",
     {{"schedule", Text("linear")}, {"warmup_epochs", 2.0}},
     4.0,
     0.4},
    {"AWarmupMayOutlastTheTraining",
     {{"schedule", Text("cosine")}, {"warmup_epochs", 12.0}},
     5.9,
     0.4},
};

class LearningRateTest : public testing::TestWithParam<RateCase> {};

TEST_P(LearningRateTest, CountsInEpochs) {
  Parameters settings = GetParam().settings;
  settings.Set("learning_rate", 0.8);
  settings.Set("epochs", int64_t{6});
  EXPECT_DOUBLE_EQ(LearningRateAt(GetParam().epochs, settings),
                   GetParam().rate);
}

INSTANTIATE_TEST_SUITE_P(All, LearningRateTest, testing::ValuesIn(kRates),
                         [](const auto& test) { return test.param.name; });

TEST(MomentumScheduleTest, IsConstantUnlessSaid) {
  EXPECT_EQ(MomentumAt(0.0, {{"momentum", 0.7}}), 0.7);
  EXPECT_EQ(MomentumAt(9.0, {{"momentum", 0.7}}), 0.7);
}

TEST(MomentumScheduleTest, RisesOverTheFirstEpochs) {
  Parameters settings = {{"momentum_schedule", Text("linear")}};
  EXPECT_DOUBLE_EQ(MomentumAt(0.0, settings), 0.5);
  EXPECT_DOUBLE_EQ(MomentumAt(2.5, settings), 0.7);
  EXPECT_DOUBLE_EQ(MomentumAt(5.0, settings), 0.9);
  EXPECT_DOUBLE_EQ(MomentumAt(9.0, settings), 0.9);
  settings.Set("momentum", 0.8);
  settings.Set("initial_momentum", 0.2);
  settings.Set("momentum_epochs", int64_t{2});
  EXPECT_DOUBLE_EQ(MomentumAt(1.0, settings), 0.5);
  EXPECT_DOUBLE_EQ(MomentumAt(2.0, settings), 0.8);
}

TEST(MomentumScheduleTest, TurnsWhereTheLearningRateDoes) {
  const Parameters settings = {
      {"schedule", Text("one_cycle")}, {"momentum_schedule", Text("one_cycle")},
      {"learning_rate", 0.8},          {"cycle_rise", 0.5},
      {"warmup_epochs", 2.0},          {"epochs", int64_t{8}}};
  EXPECT_DOUBLE_EQ(MomentumAt(0.0, settings), 0.9);
  EXPECT_DOUBLE_EQ(MomentumAt(2.0, settings), 0.9);
  EXPECT_DOUBLE_EQ(LearningRateAt(4.9, settings), 0.8);
  EXPECT_DOUBLE_EQ(MomentumAt(4.9, settings), 0.85);
  EXPECT_DOUBLE_EQ(MomentumAt(7.9, settings), 0.9);
}

TEST(MakePlateauTest, IsForItsScheduleAlone) {
  EXPECT_FALSE(MakePlateau(Config({})).has_value());
  EXPECT_FALSE(MakePlateau(Config({{"schedule", Text("step")}})).has_value());
}

TEST(MakePlateauTest, TakesItsSettings) {
  const std::optional<Plateau> plateau =
      MakePlateau(Config({{"schedule", Text("reduce_on_plateau")},
                          {"learning_rate", 0.1},
                          {"final_learning_rate", 0.02},
                          {"decay_rate", 0.25},
                          {"plateau_patience", int64_t{3}},
                          {"plateau_threshold", 0.01},
                          {"plateau_cooldown", int64_t{2}}}));
  ASSERT_TRUE(plateau.has_value());
  EXPECT_EQ(plateau->factor, 0.25);
  EXPECT_EQ(plateau->patience, 3);
  EXPECT_EQ(plateau->threshold, 0.01);
  EXPECT_EQ(plateau->cooldown, 2);
  EXPECT_DOUBLE_EQ(plateau->least_scale, 0.2);
}

TEST(MakePlateauTest, NeverRaisesTheLearningRate) {
  const std::optional<Plateau> plateau =
      MakePlateau(Config({{"schedule", Text("reduce_on_plateau")},
                          {"learning_rate", 0.1},
                          {"final_learning_rate", 0.2}}));
  ASSERT_TRUE(plateau.has_value());
  EXPECT_EQ(plateau->least_scale, 1.0);
}

TEST(MakeEarlyStoppingTest, TakesItsSettings) {
  EXPECT_EQ(MakeEarlyStopping(Config({})).patience, 0);
  const EarlyStopping early_stopping =
      MakeEarlyStopping(Config({{"early_stopping_patience", int64_t{4}},
                                {"early_stopping_delta", 0.01}}));
  EXPECT_EQ(early_stopping.patience, 4);
  EXPECT_EQ(early_stopping.min_delta, 0.01);
}

}  // namespace
}  // namespace attune::nn

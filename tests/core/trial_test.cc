#include "core/trial.h"

#include <limits>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/testing/builders.h"

namespace attune {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::Pair;

constexpr double kNan = std::numeric_limits<double>::quiet_NaN();

struct StateCase {
  TrialState state;
  std::string name;
  bool finished;
  int attempt;
  std::string reason;
};

class TrialStateTest : public testing::TestWithParam<StateCase> {};

TEST_P(TrialStateTest, IsDescribed) {
  const StateCase& expected = GetParam();
  EXPECT_EQ(StateName(expected.state), expected.name);
  EXPECT_EQ(IsFinished(expected.state), expected.finished);
  EXPECT_EQ(LastAttempt(expected.state), expected.attempt);
  EXPECT_EQ(StateReason(expected.state), expected.reason);
}

TEST_P(TrialStateTest, IsFoundByItsName) {
  const StateCase& expected = GetParam();
  const std::optional<TrialState> found = StateNamed(expected.name);
  ASSERT_TRUE(found.has_value());
  EXPECT_EQ(found->index(), expected.state.index());
  EXPECT_EQ(TrialStateNames()[expected.state.index()], expected.name);
}

TEST(TrialStateNamesTest, AreAllAndNoOthers) {
  EXPECT_EQ(TrialStateNames().size(), std::variant_size_v<TrialState>);
  for (const std::string& name : TrialStateNames()) {
    EXPECT_TRUE(StateNamed(name).has_value()) << name;
  }
  EXPECT_FALSE(StateNamed("active").has_value());
  EXPECT_FALSE(StateNamed("").has_value());
}

INSTANTIATE_TEST_SUITE_P(
    All, TrialStateTest,
    testing::Values(StateCase{Waiting{.attempt = 2, .lost = 1}, "waiting",
                              false, 2, ""},
                    StateCase{Running{.lease = {.worker = {"w"}, .attempt = 3},
                                      .stop_requested = "slow"},
                              "running", false, 3, ""},
                    StateCase{Completed{.attempt = 1, .objectives = {0.5}},
                              "completed", true, 1, ""},
                    StateCase{Pruned{.attempt = 1, .reason = "slow"}, "pruned",
                              true, 1, "slow"},
                    StateCase{Infeasible{.attempt = 4, .reason = "loss is inf"},
                              "infeasible", true, 4, "loss is inf"},
                    StateCase{Failed{.attempt = 3,
                                     .cause = "WORKER_ERROR",
                                     .message = "no such file"},
                              "failed", true, 3, "WORKER_ERROR: no such file"},
                    StateCase{Cancelled{.attempt = 0, .reason = "not needed"},
                              "cancelled", true, 0, "not needed"}),
    [](const auto& test) { return test.param.name; });

TEST(MeasurementTest, IsComparedBitForBit) {
  const Measurement nan{.step = 1, .metrics = {{"loss", kNan}}};
  EXPECT_EQ(nan, nan);
  EXPECT_FALSE((nan == Measurement{.step = 1, .metrics = {{"loss", 0.0}}}));
  EXPECT_FALSE((nan == Measurement{.step = 2, .metrics = {{"loss", kNan}}}));
  EXPECT_FALSE((nan == Measurement{.step = 1, .metrics = {{"cost", kNan}}}));
  EXPECT_FALSE((nan == Measurement{.step = 1, .metrics = {}}));
  EXPECT_FALSE((Measurement{.step = 1, .metrics = {{"loss", 0.0}}} ==
                Measurement{.step = 1, .metrics = {{"loss", -0.0}}}));
}

TEST(LatestMetricsTest, TakesTheHighestStepThatHasTheMetric) {
  const std::vector<Measurement> measurements = {
      {.step = 3, .metrics = {{"loss", 0.3}}},
      {.step = 1, .metrics = {{"loss", 0.1}, {"accuracy", 0.9}}},
      {.step = 2, .metrics = {{"accuracy", 0.8}}}};
  EXPECT_THAT(LatestMetrics(measurements),
              ElementsAre(Pair("accuracy", 0.8), Pair("loss", 0.3)));
  EXPECT_THAT(LatestMetrics({}), IsEmpty());
}

TEST(LatestMetricsTest, KeepsTheFirstValuesOfAStep) {
  const std::vector<Measurement> measurements = {
      {.step = 1, .metrics = {{"loss", 0.1}}},
      {.step = 1, .metrics = {{"loss", 0.2}}}};
  EXPECT_THAT(LatestMetrics(measurements), ElementsAre(Pair("loss", 0.1)));
}

}  // namespace
}  // namespace attune

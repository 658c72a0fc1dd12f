#include "server/stopping/stopping_rule.h"

#include <map>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace attune {
namespace {

StudySpec Spec(Stopping stopping) {
  StudySpec spec;
  spec.objectives = {{"accuracy", Goal::kMaximize}};
  spec.stopping = std::move(stopping);
  return spec;
}

TEST(StoppingRuleTest, NoneHasNoMetricAndNeverStops) {
  const StudySpec spec = Spec(Stopping());
  EXPECT_EQ(StoppingMetric(spec), std::nullopt);
  const Curve trial = {{1, 0.0}};
  const std::map<int64_t, Curve> finished = {{1, {{1, 1.0}}}};
  EXPECT_EQ(Decide(spec, {trial, finished, 1}), StopDecision());
}

TEST(StoppingRuleTest, MedianTakesTheFirstObjectiveUnlessItNamesAMetric) {
  EXPECT_EQ(StoppingMetric(Spec(Stopping{.name = "median"})),
            (Objective{"accuracy", Goal::kMaximize}));
  const Objective loss{"loss", Goal::kMinimize};
  EXPECT_EQ(StoppingMetric(Spec(Stopping{.name = "median", .metric = loss})),
            loss);
}

TEST(StoppingRuleTest, MedianJudgesByTheGoalOfItsMetric) {
  const Curve trial = {{1, 0.0}};
  const std::map<int64_t, Curve> finished = {{1, {{1, 1.0}}}};
  EXPECT_TRUE(Decide(Spec(Stopping{.name = "median",
                                   .settings = {{"min_trials", int64_t{1}}}}),
                     {trial, finished, 1})
                  .stop);
  const Objective loss{"loss", Goal::kMinimize};
  EXPECT_FALSE(Decide(Spec(Stopping{.name = "median",
                                    .settings = {{"min_trials", int64_t{1}}},
                                    .metric = loss}),
                      {trial, finished, 1})
                   .stop);
}

}  // namespace
}  // namespace attune

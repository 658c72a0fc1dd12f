#include "core/network_metrics.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace attune {
namespace {

struct MetricsCase {
  std::string name;
  Parameters settings;
  bool classes;
  bool regression;
};

class NetworkMetricsTest : public testing::TestWithParam<MetricsCase> {};

TEST_P(NetworkMetricsTest, AreThoseThatTheDataCanHave) {
  const std::vector<std::string> metrics = NetworkMetrics(GetParam().settings);
  const auto has = [&metrics](const char* metric) {
    return std::count(metrics.begin(), metrics.end(), metric) == 1;
  };
  EXPECT_TRUE(has("training_loss"));
  EXPECT_TRUE(has("validation_loss"));
  EXPECT_TRUE(has("elapsed_seconds"));
  EXPECT_EQ(has("validation_accuracy"), GetParam().classes);
  EXPECT_EQ(has("validation_macro_f1"), GetParam().classes);
  EXPECT_EQ(has("validation_rmse"), GetParam().regression);
  EXPECT_EQ(has("validation_r2"), GetParam().regression);
}

TEST(NetworkMetricsTest, TheEpochIsOneWhereStepsAreReported) {
  const auto metrics = [](const Parameters& settings) {
    return NetworkMetrics(settings);
  };
  EXPECT_THAT(metrics({}), testing::Not(testing::Contains("epoch")));
  EXPECT_THAT(metrics({{"report_every_steps", int64_t{10}}}),
              testing::Contains("epoch"));
}

Parameters Settings(const char* dataset) {
  return {{"dataset", std::string(dataset)}};
}

Parameters Table(const char* task) {
  return {{"dataset", std::string("a.csv")}, {"task", std::string(task)}};
}

INSTANTIATE_TEST_SUITE_P(
    All, NetworkMetricsTest,
    testing::Values(
        MetricsCase{"Default", {}, true, false},
        MetricsCase{"Images", Settings("cifar-10"), true, false},
        MetricsCase{"MadeUpClasses", Settings("moons"), true, false},
        MetricsCase{"MadeUpNumbers", Settings("friedman1"), false, true},
        MetricsCase{"Table", Settings("a.csv"), true, true},
        MetricsCase{"TableOfClasses", Table("classification"), true, false},
        MetricsCase{"TableOfNumbers", Table("regression"), false, true},
        // What is wrong is reported as that.
        MetricsCase{"Unknown", Settings("mnist"), true, true},
        MetricsCase{"NoText", {{"dataset", 1.5}}, true, true}),
    [](const auto& test) { return test.param.name; });

TEST(TaskByObjectivesTest, IsWhatTheObjectiveMeasures) {
  const auto task = [](const char* metric) {
    return TaskByObjectives({{.metric = metric}});
  };
  EXPECT_EQ(task("validation_rmse"), "regression");
  EXPECT_EQ(task("validation_mae"), "regression");
  EXPECT_EQ(task("validation_r2"), "regression");
  EXPECT_EQ(task("validation_accuracy"), "classification");
  EXPECT_EQ(task("validation_macro_f1"), "classification");
  EXPECT_EQ(task("validation_loss"), "auto");
  EXPECT_EQ(TaskByObjectives({}), "auto");
}

TEST(WithTaskByObjectivesTest, FillsInWhatIsLeftOpen) {
  const std::vector<Objective> rmse = {{.metric = "validation_rmse"}};
  EXPECT_EQ(WithTaskByObjectives(Settings("a.csv"), rmse), Table("regression"));
  EXPECT_EQ(WithTaskByObjectives(Table("auto"), rmse), Table("regression"));
  EXPECT_EQ(WithTaskByObjectives(Table("classification"), rmse),
            Table("classification"));
  EXPECT_EQ(WithTaskByObjectives(Settings("moons"), rmse), Settings("moons"));
}

}  // namespace
}  // namespace attune

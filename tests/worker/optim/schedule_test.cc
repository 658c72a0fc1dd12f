#include "worker/optim/schedule.h"

#include <string>
#include <utility>
#include <vector>

#include "gtest/gtest.h"

namespace attune::nn {
namespace {

// Values that are easily computed by hand. schedule_golden_test.cc has more.
struct Table {
  std::string name;
  Schedule schedule;
  std::vector<std::pair<int64_t, double>> values;  // by step
};

const Table kTables[] = {
    {"ConstantStays", {Constant{.value = 0.3}}, {{0, 0.3}, {1'000'000, 0.3}}},
    {"StepFallsAtOnce",
     {StepDecay{.value = 0.8, .factor = 0.5, .steps = 10}},
     {{0, 0.8}, {9, 0.8}, {10, 0.4}, {19, 0.4}, {39, 0.1}}},
    {"ExponentialFallsSmoothly",
     {ExponentialDecay{.value = 0.8, .factor = 0.25, .steps = 10}},
     {{0, 0.8}, {5, 0.4}, {10, 0.2}, {15, 0.1}}},
    {"InverseTimeFallsEverMoreSlowly",
     {InverseTimeDecay{.value = 0.9, .factor = 0.5, .steps = 10}},
     {{0, 0.9}, {10, 0.6}, {20, 0.45}, {40, 0.3}, {160, 0.1}}},
    {"LinearEndsAndStays",
     {Linear{.value = 1.0, .final_value = 0.2, .steps = 100}},
     {{0, 1.0}, {25, 0.8}, {100, 0.2}, {1000, 0.2}}},
    {"LinearAlsoRises",
     {Linear{.value = 0.5, .final_value = 0.9, .steps = 4}},
     {{0, 0.5}, {1, 0.6}, {4, 0.9}, {5, 0.9}}},
    {"PolynomialIsSteepFirst",
     {Polynomial{.value = 1.0, .final_value = 0.2, .power = 2.0, .steps = 4}},
     {{0, 1.0}, {1, 0.65}, {2, 0.4}, {3, 0.25}, {4, 0.2}, {9, 0.2}}},
    {"CosineEndsAndStays",
     {Cosine{.value = 1.0, .final_value = 0.2, .steps = 100}},
     {{0, 1.0}, {25, 0.88284271247462}, {50, 0.6}, {100, 0.2}, {101, 0.2}}},
    {"CosineBeginsAgain",
     {WarmRestarts{.value = 1.0, .period = 4}},
     {{0, 1.0}, {2, 0.5}, {4, 1.0}, {6, 0.5}, {4'000'000, 1.0}}},
    {"EachPeriodIsLonger",
     {WarmRestarts{.value = 1.0, .period = 2, .period_factor = 3}},
     // Periods begin at 0, 2, 8, 26.
     {{1, 0.5}, {2, 1.0}, {5, 0.5}, {8, 1.0}, {17, 0.5}, {26, 1.0}}},
    {"OneCycleRisesToItsPeakAndFallsToTheLastStep",
     {OneCycle{.initial_value = 0.2,
               .value = 1.0,
               .final_value = 0.1,
               .rise = 0.5,
               .steps = 10}},
     {{0, 0.2}, {2, 0.6}, {4, 1.0}, {9, 0.1}, {50, 0.1}}},
    {"OneCycleWithoutARiseFalls",
     {OneCycle{.initial_value = 0.2,
               .value = 1.0,
               .final_value = 0.5,
               .rise = 0.0,
               .steps = 5}},
     {{0, 1.0}, {2, 0.75}, {4, 0.5}}},
    {"OneCycleOfRiseAloneEndsAtThePeak",
     {OneCycle{.initial_value = 0.5, .value = 1.0, .rise = 1.0, .steps = 5}},
     {{0, 0.5}, {2, 0.75}, {4, 1.0}}},
    {"OneCycleOfOneStepIsItsPeak",
     {OneCycle{.initial_value = 0.2, .value = 1.0, .steps = 1}},
     {{0, 1.0}}},
    {"WarmupRisesToTheFirstValue",
     {.curve = Constant{.value = 0.8}, .warmup_steps = 4},
     {{0, 0.2}, {1, 0.4}, {3, 0.8}, {4, 0.8}}},
    {"TheCurveBeginsAfterTheWarmup",
     {.curve = StepDecay{.value = 0.8, .factor = 0.5, .steps = 2},
      .warmup_steps = 4},
     {{3, 0.8}, {4, 0.8}, {5, 0.8}, {6, 0.4}, {8, 0.2}}},
    {"WarmupCanBeginAnywhere",
     {.curve = Constant{.value = 0.8}, .warmup_steps = 2, .warmup_from = 0.5},
     {{0, 0.6}, {1, 0.8}, {2, 0.8}}},
    {"WarmupCanWait",
     {.curve = Linear{.value = 0.9, .final_value = 0.5, .steps = 4},
      .warmup_steps = 3,
      .warmup_from = 1.0},
     {{0, 0.9}, {1, 0.9}, {2, 0.9}, {3, 0.9}, {4, 0.8}, {7, 0.5}}},
};

class ScheduleTest : public testing::TestWithParam<Table> {};

TEST_P(ScheduleTest, HasItsValues) {
  for (const auto& [step, value] : GetParam().values) {
    EXPECT_NEAR(Value(GetParam().schedule, step), value, 1e-14)
        << "step " << step;
  }
}

INSTANTIATE_TEST_SUITE_P(All, ScheduleTest, testing::ValuesIn(kTables),
                         [](const auto& test) { return test.param.name; });

}  // namespace
}  // namespace attune::nn

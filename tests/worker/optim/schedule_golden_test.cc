// Schedules against PyTorch's schedulers: tests/golden/schedule/make.py.
#include <cmath>
#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "tests/testing/golden.h"
#include "worker/optim/plateau.h"
#include "worker/optim/schedule.h"

namespace attune::nn {
namespace {

constexpr double kTolerance = 1e-10;
constexpr double kRate = 0.8;
constexpr int64_t kSteps = 80;

struct ScheduleCase {
  std::string column;
  Schedule schedule;
};

const StepDecay kStep = {.value = kRate, .factor = 0.6, .steps = 7};
const ScheduleCase kSchedules[] = {
    {"constant", {Constant{.value = kRate}}},
    {"step", {kStep}},
    {"exponential",
     {ExponentialDecay{.value = kRate, .factor = 0.6, .steps = 7}}},
    {"inverse_time",
     {InverseTimeDecay{.value = kRate, .factor = 0.6, .steps = 7}}},
    {"linear",
     {Linear{.value = kRate, .final_value = 0.05 * kRate, .steps = 60}}},
    {"polynomial", {Polynomial{.value = kRate, .power = 1.7, .steps = 60}}},
    {"cosine", {Cosine{.value = kRate, .final_value = 0.03, .steps = kSteps}}},
    {"restarts",
     {WarmRestarts{.value = kRate, .final_value = 0.03, .period = 13}}},
    {"longer_restarts",
     {WarmRestarts{.value = kRate,
                   .final_value = 0.03,
                   .period = 9,
                   .period_factor = 2}}},
    {"one_cycle",
     {OneCycle{.initial_value = kRate / 25.0,
               .value = kRate,
               .final_value = kRate / 25.0 / 1e4,
               .rise = 0.3,
               .steps = kSteps}}},
    {"one_cycle_momentum",
     {OneCycle{.initial_value = 0.95,
               .value = 0.85,
               .final_value = 0.95,
               .rise = 0.3,
               .steps = kSteps}}},
    {"warmup_constant", {Constant{.value = kRate}, 11}},
    {"warmup_step", {kStep, 11}},
    {"warmup_cosine",
     {Cosine{.value = kRate, .final_value = 0.03, .steps = kSteps - 11}, 11}},
};

class ScheduleGoldenTest : public testing::TestWithParam<ScheduleCase> {};

TEST_P(ScheduleGoldenTest, AgreesWithPyTorchInEveryStep) {
  const std::vector<double> expected =
      ReadGolden("schedule/schedules.csv").at(GetParam().column);
  ASSERT_EQ(expected.size(), kSteps);
  for (int64_t step = 0; step < kSteps; ++step) {
    EXPECT_NEAR(Value(GetParam().schedule, step), expected[step], kTolerance)
        << "step " << step;
  }
}

INSTANTIATE_TEST_SUITE_P(All, ScheduleGoldenTest, testing::ValuesIn(kSchedules),
                         [](const auto& test) { return test.param.column; });

struct PlateauCase {
  std::string column;
  Plateau plateau;
};

const PlateauCase kPlateaus[] = {
    {"patience_0", {.factor = 0.5, .patience = 0}},
    {"patience_3", {.factor = 0.5, .patience = 3}},
    {"cooldown_4", {.factor = 0.3, .patience = 2, .cooldown = 4}},
    {"threshold", {.factor = 0.5, .patience = 2, .threshold = 0.05}},
    {"floor", {.factor = 0.25, .patience = 1, .least_scale = 0.02 / kRate}},
};

class PlateauGoldenTest : public testing::TestWithParam<PlateauCase> {};

TEST_P(PlateauGoldenTest, AgreesWithPyTorchAfterEveryLoss) {
  const auto columns = ReadGolden("schedule/plateau.csv");
  const std::vector<double>& losses = columns.at("loss");
  const std::vector<double>& expected = columns.at(GetParam().column);
  ASSERT_EQ(losses.size(), kSteps);
  for (size_t count = 1; count <= losses.size(); ++count) {
    const auto history = absl::MakeConstSpan(losses).first(count);
    EXPECT_NEAR(kRate * PlateauScale(GetParam().plateau, history),
                expected[count - 1], kTolerance)
        << count << " losses";
  }
  EXPECT_LT(expected.back(), kRate) << "nothing was reduced";
}

INSTANTIATE_TEST_SUITE_P(All, PlateauGoldenTest, testing::ValuesIn(kPlateaus),
                         [](const auto& test) { return test.param.column; });

}  // namespace
}  // namespace attune::nn

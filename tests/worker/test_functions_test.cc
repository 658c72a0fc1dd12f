#include "worker/test_functions.h"

#include <cmath>
#include <string>
#include <vector>

#include "core/random.h"
#include "core/study.h"
#include "gtest/gtest.h"
#include "tests/testing/status_matchers.h"

namespace attune {
namespace {

double At(absl::string_view name, const std::vector<double>& x) {
  const absl::StatusOr<double> value = Evaluate(*FindTestFunction(name), x);
  return value.ok() ? *value : std::nan("");
}

class TestFunctionsTest : public testing::TestWithParam<std::string> {
 protected:
  const TestFunction& function() const { return *FindTestFunction(GetParam()); }
  int dimensions() const { return function().max_dimensions.value_or(5); }
};

TEST_P(TestFunctionsTest, HasItsMinimumAtTheMinimizer) {
  const std::vector<double> x = function().minimizer(dimensions());
  EXPECT_THAT(Evaluate(function(), x),
              IsOkAndHolds(testing::DoubleNear(function().minimum, 1e-9)));
}

TEST_P(TestFunctionsTest, IsNowhereBelowItsMinimum) {
  Rng rng = Rng(11).Split(GetParam());
  std::vector<double> x(dimensions());
  for (int i = 0; i < 20'000; ++i) {
    for (double& xi : x) xi = rng.Uniform(-6.0, 16.0);
    ASSERT_GE(*Evaluate(function(), x), function().minimum - 1e-12);
  }
}

TEST_P(TestFunctionsTest, RisesAroundTheMinimizer) {
  Rng rng = Rng(12).Split(GetParam());
  for (int i = 0; i < 1000; ++i) {
    std::vector<double> x = function().minimizer(dimensions());
    for (double& xi : x) xi += 1e-3 * rng.Normal();
    ASSERT_GT(*Evaluate(function(), x), function().minimum);
  }
}

TEST_P(TestFunctionsTest, RefusesNoDimensionsAtAll) {
  EXPECT_THAT(Evaluate(function(), {}),
              StatusIs(absl::StatusCode::kInvalidArgument));
}

INSTANTIATE_TEST_SUITE_P(All, TestFunctionsTest,
                         testing::ValuesIn(FunctionNames()),
                         [](const auto& param) { return param.param; });

TEST(TestFunctionTableTest, HasTheFunctionsThatAStudyCanName) {
  std::vector<std::string> names;
  for (const TestFunction& function : TestFunctions()) {
    names.emplace_back(function.name);
  }
  EXPECT_EQ(names, FunctionNames());
  EXPECT_EQ(FindTestFunction("cube"), nullptr);
}

// Values by hand or from the literature, so that a wrong constant is found.
TEST(TestFunctionTableTest, HasKnownValues) {
  EXPECT_DOUBLE_EQ(At("sphere", {1, 2, 3}), 14.0);
  EXPECT_DOUBLE_EQ(At("ravine", {2, 2}), 0.5 * (4.0 + 400.0));
  EXPECT_DOUBLE_EQ(At("ravine", {1, 1, 1}), 0.5 * 111.0);
  EXPECT_DOUBLE_EQ(At("ravine", {3}), 4.5);
  EXPECT_DOUBLE_EQ(At("rosenbrock", {-1.2, 1.0}), 24.2);
  EXPECT_NEAR(At("rastrigin", {1, 1}), 2.0, 1e-12);
  EXPECT_NEAR(At("ackley", {1, 1}), 3.6253849384403627, 1e-12);
  EXPECT_NEAR(At("branin", {0, 0}), 55.602112642270262, 1e-9);
  EXPECT_NEAR(At("branin", {9.42478, 2.475}), 0.397887, 1e-6);
  EXPECT_NEAR(At("hartmann6", {0, 0, 0, 0, 0, 0}), -0.00508911288366444, 1e-9);
}

TEST(TestFunctionTableTest, BraninTakesTwoDimensionsOnly) {
  EXPECT_THAT(Evaluate(*FindTestFunction("branin"), {1.0, 2.0, 3.0}),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       testing::HasSubstr("exactly 2 dimensions")));
}

}  // namespace
}  // namespace attune

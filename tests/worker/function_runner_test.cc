#include "worker/function_runner.h"

#include <memory>
#include <variant>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/testing/status_matchers.h"
#include "tests/worker/fake_coordinator.h"

namespace attune {
namespace {

using testing::HasSubstr;

Assignment Evaluating(absl::string_view function, Parameters parameters) {
  Assignment assignment = MakeAssignment(1);
  assignment.task = FunctionTask{std::string(function)};
  assignment.parameters = std::move(parameters);
  assignment.parameter_order.clear();
  return assignment;
}

double ValueOf(const Assignment& assignment) {
  FunctionRunner runner;
  auto run = runner.Start(assignment);
  EXPECT_THAT(run, IsOk());
  auto news = (*run)->Advance({});
  EXPECT_THAT(news, IsOk());
  return std::get<Measurement>(*news).metrics.at("value");
}

TEST(FunctionRunnerTest, ReportsOneMeasurementThenFinishes) {
  FunctionRunner runner;
  ATTUNE_ASSERT_OK_AND_ASSIGN(
      const std::unique_ptr<TrialRun> run,
      runner.Start(Evaluating("sphere", {{"a", 3.0}, {"b", int64_t{4}}})));
  ATTUNE_ASSERT_OK_AND_ASSIGN(const auto first, run->Advance({}));
  EXPECT_EQ(std::get<Measurement>(first),
            (Measurement{.step = 1, .metrics = {{"value", 25.0}}}));
  ATTUNE_ASSERT_OK_AND_ASSIGN(const auto second, run->Advance({}));
  EXPECT_EQ(std::get<Outcome>(second), Outcome(Finished{}));
}

TEST(FunctionRunnerTest, TakesDimensionsInTheOrderOfTheSpace) {
  Assignment assignment =
      Evaluating("rosenbrock", {{"first", -1.2}, {"a_second", 1.0}});
  assignment.parameter_order = {"first", "a_second"};
  EXPECT_DOUBLE_EQ(ValueOf(assignment), 24.2);
}

TEST(FunctionRunnerTest, LeavesOutParametersThatAreNotActive) {
  Assignment assignment = Evaluating("sphere", {{"a", 1.0}, {"c", 2.0}});
  assignment.parameter_order = {"c", "b", "a"};
  EXPECT_DOUBLE_EQ(ValueOf(assignment), 5.0);
}

TEST(FunctionRunnerTest, RefusesAWordWithItsName) {
  FunctionRunner runner;
  EXPECT_THAT(
      runner.Start(Evaluating("sphere", {{"optimizer", std::string("sgd")}})),
      StatusIs(absl::StatusCode::kInvalidArgument,
               HasSubstr("optimizer is 'sgd'")));
}

TEST(FunctionRunnerTest, RefusesAWrongNumberOfDimensions) {
  FunctionRunner runner;
  EXPECT_THAT(runner.Start(Evaluating("branin", {{"x", 1.0}})),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       HasSubstr("1 numeric parameters")));
}

TEST(FunctionRunnerTest, RefusesAnUnknownFunction) {
  FunctionRunner runner;
  EXPECT_THAT(runner.Start(Evaluating("cube", {{"x", 1.0}})),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       HasSubstr("no function 'cube'")));
}

TEST(FunctionRunnerTest, StopsWhenAsked) {
  FunctionRunner runner;
  ATTUNE_ASSERT_OK_AND_ASSIGN(const std::unique_ptr<TrialRun> run,
                              runner.Start(Evaluating("sphere", {{"x", 1.0}})));
  std::stop_source stop;
  stop.request_stop();
  EXPECT_THAT(run->Advance(stop.get_token()),
              StatusIs(absl::StatusCode::kCancelled));
}

}  // namespace
}  // namespace attune

#include "worker/runner_dispatch.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/testing/status_matchers.h"
#include "tests/worker/fake_coordinator.h"
#include "tests/worker/scripted_runner.h"

namespace attune {
namespace {

class RunnerDispatchTest : public testing::Test {
 protected:
  absl::Status Start(const Task& task) {
    Assignment assignment = MakeAssignment(1);
    assignment.task = task;
    return dispatch_.Start(assignment).status();
  }
  ScriptedRunner network_;
  ScriptedRunner function_;
  RunnerDispatch dispatch_{&network_, &function_};
};

TEST_F(RunnerDispatchTest, GivesANetworkToTheNetworkRunner) {
  EXPECT_THAT(Start(NetworkTask{}), IsOk());
  EXPECT_EQ(network_.starts, 1);
  EXPECT_EQ(function_.starts, 0);
}

TEST_F(RunnerDispatchTest, GivesAFunctionToTheFunctionRunner) {
  EXPECT_THAT(Start(FunctionTask{"sphere"}), IsOk());
  EXPECT_EQ(network_.starts, 0);
  EXPECT_EQ(function_.starts, 1);
}

TEST_F(RunnerDispatchTest, LetsTheNetworkRunnerDiscardItsTrials) {
  Assignment assignment = MakeAssignment(1);
  dispatch_.Discard(assignment);
  EXPECT_EQ(network_.discarded, 0);
  assignment.task = NetworkTask{};
  dispatch_.Discard(assignment);
  EXPECT_EQ(network_.discarded, 1);
}

TEST_F(RunnerDispatchTest, RefusesAStudyOfProgramsOfTheirOwn) {
  EXPECT_THAT(Start(std::monostate()),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       testing::HasSubstr("the study demo has neither")));
}

}  // namespace
}  // namespace attune

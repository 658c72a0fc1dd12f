#include "server/assignment.h"

#include "gtest/gtest.h"
#include "tests/testing/builders.h"

namespace attune {
namespace {

TEST(AssignmentTest, SaysAllThatAWorkerNeeds) {
  StudySpec spec = MakeStudySpec();
  spec.max_attempts = 2;
  spec.task = FunctionTask{.name = "sphere"};
  BookedStudy study(MakeStudy(spec), Depth::kWhole);
  const Lease lease = {.worker = {"w"}, .attempt = 2, .deadline = TestTime()};
  study.PutTrial(MakeTrial(1, Running{.lease = lease, .lost = 1}));
  const Assignment assignment = MakeAssignment(study, 1, absl::Seconds(7));
  EXPECT_EQ(assignment.worker.value, "w");
  EXPECT_EQ(assignment.token.trial.number, 1);
  EXPECT_EQ(assignment.token.attempt, 2);
  EXPECT_EQ(assignment.study, "test-study");
  EXPECT_EQ(assignment.study_create_time, TestTime());
  EXPECT_EQ(assignment.parameters, (Parameters{{"x", 0.5}}));
  EXPECT_EQ(assignment.parameter_order, std::vector<std::string>{"x"});
  EXPECT_EQ(assignment.task, spec.task);
  EXPECT_EQ(assignment.objectives, spec.objectives);
  EXPECT_EQ(assignment.study_seed, spec.seed);
  EXPECT_EQ(assignment.lease_duration, absl::Seconds(7));
  EXPECT_TRUE(assignment.last_attempt);
}

TEST(AssignmentTest, TheSeedIsTheTrialsInEveryAttempt) {
  BookedStudy study(MakeStudy(MakeStudySpec()), Depth::kWhole);
  const auto running = [](int attempt) {
    return Running{
        .lease = {.worker = {"w"}, .attempt = attempt, .deadline = TestTime()},
        .lost = attempt - 1};
  };
  study.PutTrial(MakeTrial(1, running(1)));
  study.PutTrial(MakeTrial(2, running(1)));
  const uint64_t first = MakeAssignment(study, 1, absl::Seconds(7)).seed;
  EXPECT_NE(MakeAssignment(study, 2, absl::Seconds(7)).seed, first);
  EXPECT_LT(first, uint64_t{1} << 63);
  study.PutTrial(MakeTrial(1, running(2)));
  EXPECT_EQ(MakeAssignment(study, 1, absl::Seconds(7)).seed, first);
}

}  // namespace
}  // namespace attune

#include "server/coordinator_status.h"

#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/server/coordinator_fixture.h"

namespace attune {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::Pair;
using testing::SizeIs;

class CoordinatorStatusTest : public CoordinatorFixture {
 protected:
  CoordinatorStatus Status() {
    const auto status = As<CoordinatorStatus>(Do(DescribeCoordinator()));
    ATTUNE_CHECK(status.ok());
    return *status;
  }
};

TEST_F(CoordinatorStatusTest, IsEmptyAtFirst) {
  const CoordinatorStatus status = Status();
  EXPECT_THAT(status.studies, IsEmpty());
  EXPECT_THAT(status.workers, IsEmpty());
  EXPECT_EQ(status.worker_count, 0);
}

TEST_F(CoordinatorStatusTest, SaysWhatEachWorkerDoesAndWhenItLastSpoke) {
  StudySpec spec = MakeStudySpec();
  spec.budget.max_parallel = 1;
  ATTUNE_ASSERT_OK(Create(spec));
  const LeaseToken token = Token("a");
  now_ += absl::Seconds(10);
  Wait("b");
  now_ += absl::Seconds(5);
  ATTUNE_ASSERT_OK(Renew(token));
  now_ += absl::Seconds(1);
  const CoordinatorStatus status = Status();
  EXPECT_THAT(status.studies, ElementsAre(Pair(StudyState::kActive, 1)));
  EXPECT_EQ(status.running_trials, 1);
  EXPECT_EQ(status.waiting_calls, 1);
  EXPECT_EQ(status.worker_count, 2);
  ASSERT_THAT(status.workers, SizeIs(2));
  EXPECT_EQ(status.workers[0].worker.value, "a");
  EXPECT_EQ(status.workers[0].study, "test-study");
  EXPECT_EQ(status.workers[0].trial, 1);
  EXPECT_EQ(status.workers[0].last_contact, now_ - absl::Seconds(1));
  EXPECT_EQ(status.workers[1].worker.value, "b");
  EXPECT_EQ(status.workers[1].study, "");
  EXPECT_EQ(status.workers[1].last_contact, now_ - absl::Seconds(6));
}

TEST_F(CoordinatorStatusTest, OfATrialWithoutALeaseItsStartIsKnown) {
  ATTUNE_ASSERT_OK(Create(MakeStudySpec()));
  ATTUNE_ASSERT_OK(
      Do(SuggestTrials{.study = "test-study", .worker = {"me"}}).status());
  now_ += absl::Hours(1);
  ASSERT_THAT(Status().workers, SizeIs(1));
  EXPECT_EQ(Status().workers[0].last_contact, now_ - absl::Hours(1));
}

TEST_F(CoordinatorStatusTest, ListsNoMoreWorkersThanFitIntoAnAnswer) {
  StudySpec spec = MakeStudySpec();
  spec.budget = {};
  ATTUNE_ASSERT_OK(Create(spec));
  ATTUNE_ASSERT_OK(
      Do(SuggestTrials{.study = "test-study", .worker = {"me"}, .count = 1000})
          .status());
  Token("one-more");
  EXPECT_EQ(Status().worker_count, 1001);
  EXPECT_THAT(Status().workers, SizeIs(kMaxListedWorkers));
}

}  // namespace
}  // namespace attune

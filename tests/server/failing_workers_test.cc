#include "server/failing_workers.h"

#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/server/coordinator_fixture.h"

namespace attune {
namespace {

using testing::IsEmpty;

class FailingWorkersTest : public CoordinatorFixture {
 protected:
  // One attempt, from its lease to its failure.
  Assignment Fail(absl::string_view worker) {
    Assignment assignment = Assign(worker);
    EXPECT_THAT(Finish(assignment.token, Broken{"no data"}), IsOk());
    return assignment;
  }
  bool GetsNone(absl::string_view worker) {
    const absl::StatusOr<LeaseReply> reply = Lease(worker);
    EXPECT_THAT(reply, IsOk());
    return reply->assignments.empty() && !reply->exhausted;
  }
  int64_t Number(const Assignment& assignment) {
    return assignment.token.trial.number;
  }
};

TEST_F(FailingWorkersTest, WaitsLongerAfterEachFailureWhileAnotherGetsOn) {
  ATTUNE_ASSERT_OK(Create(MakeStudySpec()));
  Assign("good:1.0/0");
  for (const int seconds : {1, 2, 4, 8, 16, 32, 60, 60}) {
    Fail("bad:1.0/0");
    Advance(absl::Seconds(seconds) - absl::Milliseconds(1));
    ATTUNE_ASSERT_OK(Lease("good:1.0/0"));  // keeps its lease
    EXPECT_TRUE(GetsNone("bad:1.0/0")) << seconds;
    EXPECT_TRUE(GetsNone("bad:1.0/1")) << "a slot of the same process";
    Advance(absl::Milliseconds(1));
  }
}

TEST_F(FailingWorkersTest, NobodyWaitsWhereAllFail) {
  StudySpec spec = MakeStudySpec();
  spec.max_attempts = 1;
  ATTUNE_ASSERT_OK(Create(spec));
  Fail("a:1.0/0");
  Assign("b:1.0/0");  // who knows whether it will
  EXPECT_TRUE(GetsNone("a:1.0/0"));
  ATTUNE_ASSERT_OK(Finish(Token("b:1.0/0"), Broken{"no data either"}));
  while (StoredStudy().state == StudyState::kActive) {
    Fail("a:1.0/0");
    if (StoredStudy().state == StudyState::kActive) Fail("b:1.0/0");
  }
  EXPECT_EQ(StoredTrials().size(), 10);
}

TEST_F(FailingWorkersTest, WhatItFailedIsLeftToTheOther) {
  ATTUNE_ASSERT_OK(Create(MakeStudySpec()));
  const LeaseToken good = Token("good:1.0/0");
  EXPECT_EQ(Number(Fail("bad:1.0/0")), 2);
  Advance(absl::Seconds(1));
  EXPECT_EQ(Number(Fail("bad:1.0/1")), 3);
  ATTUNE_ASSERT_OK(Complete(good));
  EXPECT_EQ(Number(Assign("good:1.0/0")), 2);
  EXPECT_EQ(Number(Assign("good:1.0/1")), 3);
}

TEST_F(FailingWorkersTest, ItGetsItsOwnAgainWhereThereIsNoOther) {
  StudySpec spec = MakeStudySpec();
  spec.budget.max_trials = 2;
  ATTUNE_ASSERT_OK(Create(spec));
  Assign("good:1.0/0");
  EXPECT_EQ(Number(Fail("bad:1.0/0")), 2);
  Advance(absl::Seconds(1));
  EXPECT_EQ(Number(Assign("bad:1.0/0")), 2);
}

TEST_F(FailingWorkersTest, AnAttemptThatSucceedsEndsIt) {
  ATTUNE_ASSERT_OK(Create(MakeStudySpec()));
  Assign("good:1.0/0");
  Fail("bad:1.0/0");
  Advance(absl::Seconds(1));
  Fail("bad:1.0/0");
  Advance(absl::Seconds(2));
  ATTUNE_ASSERT_OK(Complete(Token("bad:1.0/0")));
  Fail("bad:1.0/0");
  Advance(absl::Seconds(1));
  EXPECT_FALSE(GetsNone("bad:1.0/0"));
}

TEST_F(FailingWorkersTest, TheTrialThatASlotHoldsStaysItsOwn) {
  ATTUNE_ASSERT_OK(Create(MakeStudySpec()));
  Assign("good:1.0/0");
  const Assignment held = Assign("bad:1.0/1");
  Fail("bad:1.0/0");
  EXPECT_EQ(Number(Assign("bad:1.0/1")), Number(held));
}

TEST_F(FailingWorkersTest, WhoWaitsForATrialIsToldThatThereIsNone) {
  StudySpec spec = MakeStudySpec();
  spec.budget.max_parallel = 2;
  ATTUNE_ASSERT_OK(Create(spec));
  Assign("good:1.0/0");
  const Assignment failing = Assign("bad:1.0/0");
  const auto bad = Wait("bad:1.0/1");
  const auto other = Wait("other:1.0/0");
  EXPECT_FALSE(bad->result.has_value());
  ATTUNE_ASSERT_OK(Finish(failing.token, Broken{"no data"}));
  ASSERT_TRUE(bad->result.has_value());
  const auto none = As<LeaseReply>(*bad->result);
  ATTUNE_ASSERT_OK(none);
  EXPECT_THAT(none->assignments, IsEmpty());
  EXPECT_FALSE(none->exhausted);
  ASSERT_TRUE(other->result.has_value());
  EXPECT_EQ(As<LeaseReply>(*other->result)->assignments.size(), 1);
}

TEST_F(FailingWorkersTest, OneCallMayAskForWorkersThatFailAndOthers) {
  ATTUNE_ASSERT_OK(Create(MakeStudySpec()));
  Assign("good:1.0/0");
  Fail("bad:1.0/0");
  const auto reply = As<LeaseReply>(Do(LeaseTrials{
      {.workers = {{"bad:1.0/0"}, {"other:1.0/0"}, {"bad:1.0/1"}}}}));
  ATTUNE_ASSERT_OK(reply);
  ASSERT_EQ(reply->assignments.size(), 1);
  EXPECT_EQ(reply->assignments[0].worker.value, "other:1.0/0");
}

TEST_F(FailingWorkersTest, AnotherStudyIsAnotherMatter) {
  ATTUNE_ASSERT_OK(Create(MakeStudySpec("a")));
  Assign("good:1.0/0", "a");
  Fail("bad:1.0/0");
  EXPECT_TRUE(GetsNone("bad:1.0/0"));
  ATTUNE_ASSERT_OK(Create(MakeStudySpec("b")));
  const Assignment other = Assign("bad:1.0/0");
  EXPECT_EQ(other.study, "b");
  ATTUNE_ASSERT_OK(Complete(other.token));
  // It succeeded, but not with the study that it failed.
  Advance(absl::Seconds(1));
  ATTUNE_ASSERT_OK(Finish(Assign("bad:1.0/0", "a").token, Broken{"no data"}));
  Advance(absl::Seconds(1));
  const auto none = Lease("bad:1.0/0", "a");
  ATTUNE_ASSERT_OK(none);
  EXPECT_THAT(none->assignments, IsEmpty());
}

TEST(ProcessOfTest, IsWhatIsBeforeTheLastSlash) {
  EXPECT_EQ(ProcessOf({"host:1.2/3"}), "host:1.2");
  EXPECT_EQ(ProcessOf({"rack/host:1.2/3"}), "rack/host:1.2");
  EXPECT_EQ(ProcessOf({"worker"}), "worker");
  EXPECT_THAT(ProcessOf({""}), IsEmpty());
}

}  // namespace
}  // namespace attune

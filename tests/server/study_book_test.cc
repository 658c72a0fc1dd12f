#include "server/study_book.h"

#include <memory>
#include <optional>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "storage/memory_storage.h"
#include "tests/testing/builders.h"
#include "tests/testing/failing_storage.h"
#include "tests/testing/status_matchers.h"

namespace attune {
namespace {

using testing::Eq;
using testing::IsNull;
using testing::Optional;

constexpr StudyId kStudy = {1};
constexpr TrialId kTrial = {.study = kStudy, .number = 1};
constexpr absl::Duration kTerm = absl::Seconds(60);

Trial RunningTrial(int64_t number, absl::string_view worker = "w") {
  Trial trial =
      MakeTrial(number, Running{.lease = {.worker = {std::string(worker)},
                                          .attempt = 1,
                                          .deadline = TestTime() + kTerm}});
  trial.revision = 0;
  return trial;
}

class StudyBookTest : public testing::Test {
 protected:
  void SetUp() override {
    book_.PutStudy(MakeStudy(MakeStudySpec()));
    ATTUNE_ASSERT_OK(book_.Commit(TestTime()));
  }

  absl::Time DeadlineOf(const StudyBook& book, TrialId id) {
    return std::get<Running>(book.Find(id.study)->FindTrial(id.number)->state)
        .lease.deadline;
  }

  MemoryStorage memory_;
  FailingStorage storage_{&memory_};
  StudyBook book_{&storage_, kTerm};
};

TEST_F(StudyBookTest, StoresTheLastOfManyChangesAsOne) {
  book_.PutTrial(MakeTrial(1));
  book_.PutTrial(RunningTrial(1));
  EXPECT_EQ(book_.Find(kStudy)->FindTrial(1)->revision, 1);
  EXPECT_TRUE(book_.HasChanges());
  ATTUNE_ASSERT_OK(book_.Commit(TestTime()));
  EXPECT_FALSE(book_.HasChanges());
  EXPECT_EQ(memory_.ListTrials({.study = kStudy})->front(),
            *book_.Find(kStudy)->FindTrial(1));
}

TEST_F(StudyBookTest, LeavesTheAttemptsOfFinishedTrialsToStorage) {
  book_.PutTrial(RunningTrial(1));
  Trial finished = MakeCompletedTrial(2, 0.5);
  finished.revision = 0;
  book_.PutTrial(finished);
  EXPECT_FALSE(LacksAttempts(*book_.Find(kStudy)->FindTrial(2)));
  ATTUNE_ASSERT_OK(book_.Commit(TestTime()));
  EXPECT_FALSE(LacksAttempts(*book_.Find(kStudy)->FindTrial(1)));
  EXPECT_TRUE(LacksAttempts(*book_.Find(kStudy)->FindTrial(2)));
  const auto stored = memory_.ListTrials({.study = kStudy, .number = 2});
  EXPECT_EQ(stored->front().attempts, finished.attempts);
}

TEST_F(StudyBookTest, FindsTheTrialThatAWorkerHolds) {
  book_.PutTrial(RunningTrial(1));
  EXPECT_THAT(book_.HeldBy({"w"}, std::nullopt), Optional(kTrial));
  EXPECT_THAT(book_.HeldBy({"w"}, kStudy), Optional(kTrial));
  EXPECT_EQ(book_.HeldBy({"w"}, StudyId{2}), std::nullopt);
  EXPECT_EQ(book_.HeldBy({"v"}, std::nullopt), std::nullopt);
  book_.PutTrial(MakeTrial(1, Waiting{.attempt = 1}));
  EXPECT_EQ(book_.HeldBy({"w"}, std::nullopt), std::nullopt);
}

TEST_F(StudyBookTest, KnowsWhichLeaseEndsFirst) {
  EXPECT_EQ(book_.NextDue(), absl::InfiniteFuture());
  book_.PutTrial(RunningTrial(1));
  book_.PutTrial(RunningTrial(2, "v"));
  book_.MoveDeadline(kTrial, TestTime() + absl::Seconds(90));
  EXPECT_EQ(book_.NextDue(), TestTime() + kTerm);
  EXPECT_EQ(book_.ExpiredLease(TestTime()), std::nullopt);
  EXPECT_THAT(book_.ExpiredLease(TestTime() + kTerm),
              Optional(TrialId{.study = kStudy, .number = 2}));
}

TEST_F(StudyBookTest, OffersTheStudyWithTheFewestRunningTrials) {
  Study other = MakeStudy(MakeStudySpec("other"), 2);
  book_.PutStudy(other);
  EXPECT_THAT(book_.NextOpen(false), Optional(kStudy));
  book_.PutTrial(RunningTrial(1));
  EXPECT_THAT(book_.NextOpen(false), Optional(StudyId{2}));
}

TEST_F(StudyBookTest, GivesEveryLeaseAFullTermWhenItIsOpened) {
  book_.PutTrial(RunningTrial(1));
  ATTUNE_ASSERT_OK(book_.Commit(TestTime()));
  StudyBook opened(&storage_, kTerm);
  const absl::Time later = TestTime() + absl::Hours(1);
  ATTUNE_ASSERT_OK(opened.Open(later));
  EXPECT_EQ(DeadlineOf(opened, kTrial), later + kTerm);
  EXPECT_THAT(opened.HeldBy({"w"}, std::nullopt), Optional(kTrial));
}

TEST_F(StudyBookTest, ForgetsTheTrialsOfAStudyAtRest) {
  book_.PutTrial(MakeCompletedTrial(1, 0.5));
  Study study = book_.Find(kStudy)->study();
  study.state = StudyState::kCompleted;
  book_.PutStudy(study);
  EXPECT_EQ(book_.Find(kStudy)->created(), 1);
  ATTUNE_ASSERT_OK(book_.Commit(TestTime()));
  EXPECT_EQ(book_.Find(kStudy)->depth(), Depth::kLight);
  EXPECT_FALSE(book_.HasLiveStudies(false));
  ATTUNE_ASSERT_OK(book_.MakeWhole(kStudy));
  EXPECT_EQ(book_.Find(kStudy)->created(), 1);
}

TEST_F(StudyBookTest, ACommitThatFailsLeavesTheBookAsStored) {
  book_.PutTrial(RunningTrial(1));
  ATTUNE_ASSERT_OK(book_.Commit(TestTime()));
  book_.MoveDeadline(kTrial, TestTime() + absl::Seconds(90));
  storage_.fail_commit = [] { return true; };
  book_.AddMeasurements(kTrial, {{.step = 1, .metrics = {{"loss", 0.5}}}});
  book_.PutTrial(RunningTrial(2, "v"));
  book_.PutStudy(MakeStudy(MakeStudySpec("other"), 2));
  EXPECT_THAT(book_.Commit(TestTime()),
              StatusIs(absl::StatusCode::kUnavailable));
  EXPECT_FALSE(book_.HasChanges());
  EXPECT_EQ(book_.Find(kStudy)->created(), 1);
  EXPECT_FALSE(book_.Find(kStudy)->progress(1).HasStep(1));
  EXPECT_THAT(book_.Find(StudyId{2}), IsNull());
  EXPECT_EQ(book_.HeldBy({"v"}, std::nullopt), std::nullopt);
  // Renewals are not stored, and yet not lost.
  EXPECT_EQ(DeadlineOf(book_, kTrial), TestTime() + absl::Seconds(90));
}

TEST_F(StudyBookTest, ADeletionThatFailsBringsTheStudyBack) {
  storage_.fail_commit = [] { return true; };
  book_.DeleteStudy(kStudy);
  EXPECT_THAT(book_.Find("test-study"), HasReason(reason::kStudyNotFound));
  EXPECT_FALSE(book_.Commit(TestTime()).ok());
  ATTUNE_EXPECT_OK(book_.Find("test-study"));
}

TEST_F(StudyBookTest, AStudyThatCannotBeReadIsTriedAgainLater) {
  book_.PutTrial(RunningTrial(1));
  storage_.fail_commit = [] { return true; };
  bool fail_read = true;
  storage_.fail_read = [&fail_read] { return fail_read; };
  EXPECT_FALSE(book_.Commit(TestTime()).ok());
  EXPECT_THAT(book_.Find("test-study"), HasReason(reason::kStorageUnavailable));
  EXPECT_TRUE(book_.HasLiveStudies(false));
  const absl::Time retry = book_.NextDue();
  EXPECT_GT(retry, TestTime());
  fail_read = false;
  book_.RetryUnreadable(TestTime());
  EXPECT_EQ(book_.Find(kStudy)->depth(), Depth::kUnreadable);
  book_.RetryUnreadable(retry);
  ATTUNE_ASSERT_OK(book_.Find("test-study"));
  EXPECT_EQ(book_.Find(kStudy)->created(), 0);
}

TEST_F(StudyBookTest, OpensAroundAStudyThatCannotBeRead) {
  Trial gap = RunningTrial(2);
  gap.revision = 1;
  ATTUNE_ASSERT_OK(memory_.Commit({.trials = {gap}}));
  ATTUNE_ASSERT_OK(
      memory_.Commit({.studies = {MakeStudy(MakeStudySpec("other"), 2)}}));
  StudyBook opened(&storage_, kTerm);
  ATTUNE_ASSERT_OK(opened.Open(TestTime()));
  EXPECT_THAT(opened.Find("test-study"),
              HasReason(reason::kStorageUnavailable));
  ATTUNE_EXPECT_OK(opened.Find("other"));
}

TEST_F(StudyBookTest, AStudyDeletedBeforeItWasStoredIsNoWrite) {
  const int commits = storage_.commits;
  book_.PutStudy(MakeStudy(MakeStudySpec("other"), 2));
  book_.DeleteStudy({2});
  ATTUNE_ASSERT_OK(book_.Commit(TestTime()));
  EXPECT_EQ(storage_.commits, commits);
}

}  // namespace
}  // namespace attune

#include "server/booked_study.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/testing/builders.h"

namespace attune {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::IsNull;

BookedStudy MakeBooked(StudySpec spec = MakeStudySpec()) {
  return BookedStudy(MakeStudy(std::move(spec)), Depth::kWhole);
}

TEST(BookedStudyTest, KnowsWhichTrialsWaitAndRun) {
  BookedStudy study = MakeBooked();
  study.PutTrial(MakeTrial(1));
  study.PutTrial(MakeTrial(2, Running{.lease = {.worker = {"w"}}}));
  study.PutTrial(MakeCompletedTrial(3, 0.5));
  EXPECT_THAT(study.waiting(), ElementsAre(1));
  EXPECT_THAT(study.running(), ElementsAre(2));
  EXPECT_EQ(study.created(), 3);
  study.PutTrial(MakeCompletedTrial(2, 0.4));
  EXPECT_THAT(study.running(), IsEmpty());
}

TEST(BookedStudyTest, RemembersEveryTriedPoint) {
  BookedStudy study = MakeBooked();
  study.PutTrial(MakeTrial(1, Waiting{}, {{"x", 0.25}}));
  EXPECT_THAT(study.search_view().tried,
              ElementsAre(FingerprintOf(Parameters{{"x", 0.25}})));
}

TEST(BookedStudyTest, DropsWhatStorageHasOfAFinishedTrial) {
  BookedStudy study = MakeBooked();
  study.AddMeasurement(1, {.step = 1, .metrics = {{"loss", 0.5}}});
  study.PutTrial(MakeCompletedTrial(1, 0.5));
  study.PutTrial(MakeTrial(2, Cancelled{}));
  EXPECT_FALSE(LacksAttempts(*study.FindTrial(1)));
  study.DropStored(1);
  study.DropStored(2);
  Trial expected = MakeCompletedTrial(1, 0.5);
  expected.attempts.clear();
  EXPECT_EQ(*study.FindTrial(1), expected);
  EXPECT_EQ(study.FindTrial(1)->attempts.capacity(), 0U);
  EXPECT_FALSE(study.HasProgress(1));
  EXPECT_TRUE(LacksAttempts(*study.FindTrial(1)));
  EXPECT_FALSE(LacksAttempts(*study.FindTrial(2)));  // it never had one
}

TEST(BookedStudyTest, KnowsARequestWhoseAttemptIsDropped) {
  BookedStudy study = MakeBooked();
  Trial trial = MakeCompletedTrial(1, 0.5);
  trial.attempts[0].request_id = "r";
  study.PutTrial(trial);
  study.DropStored(1);
  EXPECT_THAT(study.SuggestedBy("r"), ElementsAre(1));
}

TEST(BookedStudyTest, HasNoTrialOfAnotherNumber) {
  BookedStudy study = MakeBooked();
  study.PutTrial(MakeTrial(1));
  EXPECT_THAT(study.FindTrial(0), IsNull());
  EXPECT_THAT(study.FindTrial(2), IsNull());
  EXPECT_EQ(study.FindTrial(1)->id.number, 1);
}

TEST(BookedStudyTest, HandsOutNoMoreThanMaxParallelAtOnce) {
  StudySpec spec = MakeStudySpec();
  spec.budget.max_parallel = 1;
  BookedStudy study = MakeBooked(std::move(spec));
  EXPECT_TRUE(study.CanHandOut());
  study.PutTrial(MakeTrial(1, Running{.lease = {.worker = {"w"}}}));
  EXPECT_FALSE(study.CanHandOut());
  study.PutTrial(MakeCompletedTrial(1, 0.5));
  EXPECT_TRUE(study.CanHandOut());
}

TEST(BookedStudyTest, CreatesNoMoreThanMaxTrialsButHandsOutWaitingOnes) {
  StudySpec spec = MakeStudySpec();
  spec.budget.max_trials = 1;
  BookedStudy study = MakeBooked(std::move(spec));
  EXPECT_TRUE(study.MayCreate());
  study.PutTrial(MakeTrial(1, Running{.lease = {.worker = {"w"}}}));
  EXPECT_FALSE(study.MayCreate());
  EXPECT_FALSE(study.CanHandOut());
  study.PutTrial(MakeTrial(1, Waiting{.attempt = 1, .lost = 1}));
  EXPECT_TRUE(study.CanHandOut());
}

TEST(BookedStudyTest, HandsOutNothingUnlessActiveAndInTime) {
  BookedStudy study = MakeBooked();
  Study paused = study.study();
  paused.state = StudyState::kPaused;
  study.SetStudy(paused);
  EXPECT_FALSE(study.CanHandOut());
  BookedStudy over = MakeBooked();
  over.SetTimeOver();
  EXPECT_FALSE(over.CanHandOut());
  BookedStudy searched = MakeBooked();
  searched.EndSearch("tried");
  EXPECT_FALSE(searched.CanHandOut());
}

// Puts `count` failed trials behind those that are there.
void Fail(int64_t count, BookedStudy& study) {
  for (int64_t i = 0; i < count; ++i) {
    study.PutTrial(MakeTrial(study.created() + 1, Failed{}));
  }
}

TEST(BookedStudyTest, FailsTooOftenWithTenFailuresAndNoResult) {
  BookedStudy study = MakeBooked();
  Fail(9, study);
  EXPECT_FALSE(study.FailsTooOften());
  Fail(1, study);
  EXPECT_TRUE(study.FailsTooOften());
  study.PutTrial(MakeCompletedTrial(11, 0.5));
  Fail(20, study);
  EXPECT_FALSE(study.FailsTooOften());
}

TEST(BookedStudyTest, FailsTooOftenWithMaxFailedWhateverWasCompleted) {
  StudySpec spec = MakeStudySpec();
  spec.budget.max_failed = 2;
  BookedStudy study = MakeBooked(std::move(spec));
  study.PutTrial(MakeCompletedTrial(1, 0.5));
  Fail(1, study);
  EXPECT_FALSE(study.FailsTooOften());
  study.PutTrial(MakeTrial(3, Infeasible{}));
  EXPECT_FALSE(study.FailsTooOften());
  Fail(1, study);
  EXPECT_TRUE(study.FailsTooOften());
}

TEST(BookedStudyTest, CountsFailuresSinceTheStateWasSet) {
  StudySpec spec = MakeStudySpec();
  spec.budget.max_failed = 2;
  BookedStudy study = MakeBooked(spec);
  Fail(2, study);
  Study resumed = study.study();
  resumed.update_time = TestTime() + absl::Hours(1);
  study.SetStudy(resumed);
  EXPECT_EQ(study.failed(), 0);
  // As it is read from storage.
  BookedStudy read(resumed, Depth::kWhole);
  Fail(2, read);
  EXPECT_EQ(read.failed(), 0);
}

TEST(BookedStudyTest, ShowsTheStoppingRuleFinishedCurves) {
  StudySpec spec = MakeStudySpec();
  spec.stopping = Stopping{.name = "median"};
  BookedStudy study = MakeBooked(std::move(spec));
  study.AddMeasurement(1, {.step = 1, .metrics = {{"loss", 0.5}}});
  study.PutTrial(MakeCompletedTrial(1, 0.5));
  study.DropStored(1);
  study.AddMeasurement(2, {.step = 1, .metrics = {{"loss", 0.7}}});
  study.PutTrial(MakeTrial(2, Running{.lease = {.worker = {"w"}}}));
  study.AddMeasurement(3, {.step = 1, .metrics = {{"loss", 0.9}}});
  study.PutTrial(MakeTrial(3, Failed{}));
  const StoppingView view = study.stopping_view(2);
  EXPECT_EQ(view.trial, (Curve{{1, 0.7}}));
  EXPECT_EQ(view.finished, (std::map<int64_t, Curve>{{1, {{1, 0.5}}}}));
  EXPECT_EQ(view.completed, 1);
}

TEST(BookedStudyTest, ASuggestionHoldsUntilATrialIsCreated) {
  BookedStudy study = MakeBooked();
  study.SetNextSuggestion({.parameters = {{"x", 0.1}}, .tag = ""});
  EXPECT_TRUE(study.next_suggestion().has_value());
  study.PutTrial(MakeTrial(1));
  EXPECT_FALSE(study.next_suggestion().has_value());
}

}  // namespace
}  // namespace attune

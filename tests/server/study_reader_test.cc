#include "server/study_reader.h"

#include <optional>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "storage/memory_storage.h"
#include "tests/testing/builders.h"
#include "tests/testing/status_matchers.h"

namespace attune {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::Pointee;

Trial RunningTrial(int64_t number) {
  return MakeTrial(number, Running{.lease = {.worker = {"w"},
                                             .attempt = 1,
                                             .deadline = TestTime()}});
}

TrialMeasurements LossOf(int64_t number, double loss) {
  return {.trial = {.study = {1}, .number = number},
          .measurements = {{.step = 1, .metrics = {{"loss", loss}}}}};
}

class StudyReaderTest : public testing::Test {
 protected:
  Study Store(StudyState state, std::vector<Trial> trials,
              Stopping stopping = Stopping()) {
    StudySpec spec = MakeStudySpec();
    spec.stopping = stopping;
    Study study = MakeStudy(spec);
    study.state = state;
    WriteBatch batch = {.studies = {study}, .trials = trials};
    for (const Trial& trial : trials) {
      batch.measurements.push_back(LossOf(trial.id.number, 0.5));
    }
    ATTUNE_EXPECT_OK(storage_.Commit(batch));
    return study;
  }

  MemoryStorage storage_;
};

TEST_F(StudyReaderTest, ReadsWhatCanStillAdvance) {
  const Study study =
      Store(StudyState::kActive, {MakeCompletedTrial(1, 0.5), RunningTrial(2)});
  ATTUNE_ASSERT_OK_AND_ASSIGN(const BookedStudy booked,
                              ReadBookedStudy(storage_, study));
  EXPECT_EQ(booked.depth(), Depth::kWhole);
  EXPECT_EQ(booked.created(), 2);
  EXPECT_THAT(booked.running(), ElementsAre(2));
  EXPECT_THAT(booked.progress(2).Latest("loss"), Pointee(0.5));
  EXPECT_FALSE(booked.HasProgress(1));
  EXPECT_TRUE(LacksAttempts(*booked.FindTrial(1)));
  EXPECT_EQ(booked.FindTrial(2)->attempts, RunningTrial(2).attempts);
}

TEST_F(StudyReaderTest, ReadsAnyNumberOfTrials) {
  for (const int64_t count : {999, 1000, 1001}) {
    std::vector<Trial> trials;
    for (int64_t number = 1; number < count; ++number) {
      trials.push_back(MakeCompletedTrial(number, 0.5));
    }
    trials.push_back(RunningTrial(count));
    const Study study = Store(StudyState::kActive, trials);
    ATTUNE_ASSERT_OK_AND_ASSIGN(const BookedStudy booked,
                                ReadBookedStudy(storage_, study));
    EXPECT_EQ(booked.created(), count);
    EXPECT_THAT(booked.progress(count).Latest("loss"), Pointee(0.5));
    ATTUNE_ASSERT_OK(storage_.Commit({.deleted_studies = {study.id}}));
  }
}

TEST_F(StudyReaderTest, ReadsFinishedCurvesForTheStoppingRule) {
  const Study study =
      Store(StudyState::kActive, {MakeCompletedTrial(1, 0.5), RunningTrial(2)},
            Stopping{.name = "median"});
  ATTUNE_ASSERT_OK_AND_ASSIGN(const BookedStudy booked,
                              ReadBookedStudy(storage_, study));
  EXPECT_EQ(booked.stopping_view(2).finished,
            (std::map<int64_t, Curve>{{1, {{1, 0.5}}}}));
}

TEST_F(StudyReaderTest, StudiesAtRestAreLight) {
  const Study study =
      Store(StudyState::kCompleted, {MakeCompletedTrial(1, 0.5)});
  ATTUNE_ASSERT_OK_AND_ASSIGN(const BookedStudy booked,
                              ReadBookedStudy(storage_, study));
  EXPECT_EQ(booked.depth(), Depth::kLight);
  EXPECT_THAT(booked.trials(), IsEmpty());
}

TEST_F(StudyReaderTest, AStoppedStudyIsLightOnceNothingRuns) {
  const Study running = Store(StudyState::kStopped, {RunningTrial(1)});
  ATTUNE_ASSERT_OK_AND_ASSIGN(const BookedStudy booked,
                              ReadBookedStudy(storage_, running));
  EXPECT_EQ(booked.depth(), Depth::kWhole);
  Trial waiting = MakeTrial(1);
  waiting.revision = 2;
  ATTUNE_ASSERT_OK(storage_.Commit({.trials = {waiting}}));
  ATTUNE_ASSERT_OK_AND_ASSIGN(const BookedStudy light,
                              ReadBookedStudy(storage_, running));
  EXPECT_EQ(light.depth(), Depth::kLight);
  ATTUNE_ASSERT_OK_AND_ASSIGN(const BookedStudy whole,
                              ReadWholeStudy(storage_, running));
  EXPECT_THAT(whole.waiting(), ElementsAre(1));
}

TEST_F(StudyReaderTest, ReadsOneTrialOfALightStudy) {
  Store(StudyState::kCompleted, {MakeCompletedTrial(1, 0.5)});
  ATTUNE_ASSERT_OK_AND_ASSIGN(
      const std::optional<StoredTrial> found,
      ReadStoredTrial(storage_, {.study = {1}, .number = 1}));
  ASSERT_TRUE(found.has_value());
  EXPECT_EQ(found->trial, MakeCompletedTrial(1, 0.5));
  EXPECT_TRUE(found->progress.HasStep(1));
  ATTUNE_ASSERT_OK_AND_ASSIGN(
      const std::optional<StoredTrial> missing,
      ReadStoredTrial(storage_, {.study = {1}, .number = 2}));
  EXPECT_FALSE(missing.has_value());
}

TEST_F(StudyReaderTest, AGapInTheNumbersIsDataLoss) {
  const Study study = Store(StudyState::kActive, {MakeTrial(2)});
  EXPECT_THAT(ReadBookedStudy(storage_, study),
              StatusIs(absl::StatusCode::kDataLoss));
}

}  // namespace
}  // namespace attune

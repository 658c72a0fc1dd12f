#include "client/progress.h"

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/client/fake_coordinator.h"
#include "tests/testing/status_matchers.h"

namespace attune {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

pb::Trial MakeTrial(int64_t number, pb::Trial::State state, int64_t end = 0) {
  pb::Trial trial;
  trial.set_name(absl::StrCat("studies/s/trials/", number));
  trial.set_number(number);
  trial.set_state(state);
  if (end > 0) trial.mutable_end_time()->set_seconds(end);
  return trial;
}

std::vector<int64_t> Numbers(const std::vector<pb::Trial>& trials) {
  std::vector<int64_t> numbers;
  for (const pb::Trial& trial : trials) numbers.push_back(trial.number());
  return numbers;
}

TEST(ProgressTest, TheFirstLookTellsNothingOfThePast) {
  FakeCoordinator coordinator;
  coordinator.SetTrial(MakeTrial(1, pb::Trial::COMPLETED, 10));
  coordinator.SetTrial(MakeTrial(2, pb::Trial::RUNNING));
  StudyClient client(coordinator.address());
  ProgressReader reader(&client, "s");
  ATTUNE_ASSERT_OK_AND_ASSIGN(const Progress progress, reader.Look());
  EXPECT_THAT(progress.finished, IsEmpty());
  EXPECT_THAT(Numbers(progress.running), ElementsAre(2));
  ASSERT_TRUE(progress.best.has_value());
  EXPECT_EQ(progress.best->number(), 1);
}

TEST(ProgressTest, EachTrialThatFinishesIsToldOnceInItsOrder) {
  FakeCoordinator coordinator;
  coordinator.SetTrial(MakeTrial(1, pb::Trial::RUNNING));
  coordinator.SetTrial(MakeTrial(2, pb::Trial::WAITING));
  StudyClient client(coordinator.address());
  ProgressReader reader(&client, "s");
  ATTUNE_ASSERT_OK(reader.Look());
  // 3 is created and finished between two looks, before 1.
  coordinator.SetTrial(MakeTrial(1, pb::Trial::FAILED, 30));
  coordinator.SetTrial(MakeTrial(3, pb::Trial::COMPLETED, 20));
  ATTUNE_ASSERT_OK_AND_ASSIGN(Progress progress, reader.Look());
  EXPECT_THAT(Numbers(progress.finished), ElementsAre(3, 1));
  coordinator.SetTrial(MakeTrial(2, pb::Trial::RUNNING));
  ATTUNE_ASSERT_OK_AND_ASSIGN(progress, reader.Look());
  EXPECT_THAT(progress.finished, IsEmpty());
  coordinator.SetTrial(MakeTrial(2, pb::Trial::PRUNED, 40));
  ATTUNE_ASSERT_OK_AND_ASSIGN(progress, reader.Look());
  EXPECT_THAT(Numbers(progress.finished), ElementsAre(2));
}

TEST(ProgressTest, OfAFrontTheBestByTheFirstObjectiveIsTold) {
  FakeCoordinator coordinator;
  {
    absl::MutexLock lock(&coordinator.mutex);
    pb::StudySpec& spec = *coordinator.study.mutable_spec();
    spec.add_objectives()->set_goal(pb::GOAL_MAXIMIZE);
    spec.add_objectives()->set_goal(pb::GOAL_MINIMIZE);
  }
  StudyClient client(coordinator.address());
  ProgressReader reader(&client, "s");
  ATTUNE_ASSERT_OK_AND_ASSIGN(Progress progress, reader.Look());
  EXPECT_FALSE(progress.best.has_value());
  for (const int64_t number : {1, 2, 3}) {
    pb::Trial trial = MakeTrial(number, pb::Trial::COMPLETED, 10);
    trial.add_objectives(number == 2 ? 0.9 : 0.5);
    coordinator.SetTrial(trial);
  }
  ATTUNE_ASSERT_OK_AND_ASSIGN(progress, reader.Look());
  EXPECT_EQ(progress.front, 3);
  ASSERT_TRUE(progress.best.has_value());
  EXPECT_EQ(progress.best->number(), 2);
}

TEST(ProgressTest, AStoppedStudyIsOverWhenNothingRuns) {
  Progress progress;
  progress.study.set_state(pb::Study::ACTIVE);
  EXPECT_FALSE(IsOver(progress));
  progress.study.set_state(pb::Study::STOPPED);
  progress.running.emplace_back();
  EXPECT_FALSE(IsOver(progress));
  progress.running.clear();
  EXPECT_TRUE(IsOver(progress));
  progress.study.set_state(pb::Study::PAUSED);
  EXPECT_FALSE(IsOver(progress));
  progress.study.set_state(pb::Study::COMPLETED);
  EXPECT_TRUE(IsOver(progress));
}

TEST(TimeLeftTest, GoesByHowFastTrialsFinished) {
  const absl::Time start = absl::FromUnixSeconds(1000);
  TimeLeft speed;
  EXPECT_EQ(speed.Estimate(10), std::nullopt);
  speed.Add(start, 2);
  EXPECT_EQ(speed.Estimate(10), std::nullopt);
  speed.Add(start + absl::Seconds(20), 4);
  EXPECT_EQ(speed.Estimate(10), absl::Seconds(60));
  EXPECT_EQ(speed.Estimate(4), absl::ZeroDuration());
}

TEST(TimeLeftTest, ForgetsWhatIsLongAgo) {
  const absl::Time start = absl::FromUnixSeconds(1000);
  TimeLeft speed;
  speed.Add(start, 0);
  speed.Add(start + absl::Minutes(60), 1);
  speed.Add(start + absl::Minutes(61), 61);
  EXPECT_EQ(speed.Estimate(121), absl::Minutes(1));
}

TEST(TimeLeftTest, TheBudgetOfTimeIsAnEndAsWell) {
  const absl::Time now = absl::FromUnixSeconds(1000);
  pb::Study study;
  EXPECT_EQ(StudyTimeLeft(study, TimeLeft(), now), std::nullopt);
  study.mutable_create_time()->set_seconds(940);
  study.mutable_spec()->mutable_budget()->mutable_max_duration()->set_seconds(
      90);
  EXPECT_EQ(StudyTimeLeft(study, TimeLeft(), now), absl::Seconds(30));
  EXPECT_EQ(StudyTimeLeft(study, TimeLeft(), now + absl::Hours(1)),
            absl::ZeroDuration());
}

}  // namespace
}  // namespace attune

#include "server/attempt_event.h"

#include <cmath>
#include <limits>
#include <variant>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/testing/builders.h"

namespace attune {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

TrialProgress Reported(std::vector<Measurement> measurements) {
  TrialProgress progress;
  for (const Measurement& measurement : measurements) progress.Add(measurement);
  return progress;
}

TEST(AttemptEventTest, ObjectivesAreTheLastValuesOfTheirMetrics) {
  const TrialProgress progress =
      Reported({{.step = 1, .metrics = {{"loss", 3.0}}},
                {.step = 2, .metrics = {{"loss", 2.0}, {"accuracy", 0.5}}}});
  const TrialEvent event =
      AttemptEvent(MakeStudySpec(), progress, Finished(), 4);
  const auto& completed = std::get<AttemptCompleted>(event);
  EXPECT_EQ(completed.attempt, 4);
  EXPECT_THAT(completed.objectives, ElementsAre(2.0));
}

TEST(AttemptEventTest, AnInfiniteObjectiveIsOne) {
  const double infinity = std::numeric_limits<double>::infinity();
  const TrialEvent event = AttemptEvent(
      MakeStudySpec(), Reported({{.step = 1, .metrics = {{"loss", infinity}}}}),
      Finished(), 1);
  EXPECT_THAT(std::get<AttemptCompleted>(event).objectives,
              ElementsAre(infinity));
}

TEST(AttemptEventTest, AMissingMetricFailsForGoodAndNamesWhatWasReported) {
  const TrialEvent event = AttemptEvent(
      MakeStudySpec(),
      Reported({{.step = 1, .metrics = {{"acc", 0.5}, {"err", 0.1}}}}),
      Finished(), 1);
  const auto& failed = std::get<AttemptFailed>(event);
  EXPECT_EQ(failed.cause, std::string(cause::kMetricMissing));
  EXPECT_TRUE(failed.permanent);
  EXPECT_THAT(failed.message, HasSubstr("'loss'"));
  EXPECT_THAT(failed.message, HasSubstr("acc, err"));
}

TEST(AttemptEventTest, ANanObjectiveFailsForGood) {
  const TrialEvent event = AttemptEvent(
      MakeStudySpec(), Reported({{.step = 1, .metrics = {{"loss", NAN}}}}),
      Finished(), 1);
  const auto& failed = std::get<AttemptFailed>(event);
  EXPECT_EQ(failed.cause, std::string(cause::kNonFiniteObjective));
  EXPECT_TRUE(failed.permanent);
}

TEST(AttemptEventTest, OtherEndsAreWhatTheWorkerSays) {
  const StudySpec spec = MakeStudySpec();
  EXPECT_EQ(
      std::get<AttemptStopped>(AttemptEvent(spec, {}, Stopped(), 2)).attempt,
      2);
  EXPECT_EQ(std::get<AttemptDiverged>(
                AttemptEvent(spec, {}, Diverged{.reason = "nan at 3"}, 2))
                .reason,
            "nan at 3");
  const TrialEvent broken =
      AttemptEvent(spec, {}, Broken{.message = "no data"}, 2);
  const auto& failed = std::get<AttemptFailed>(broken);
  EXPECT_EQ(failed.cause, std::string(cause::kWorkerError));
  EXPECT_EQ(failed.message, "no data");
  EXPECT_EQ(failed.max_attempts, spec.max_attempts);
  EXPECT_FALSE(failed.permanent);
}

}  // namespace
}  // namespace attune

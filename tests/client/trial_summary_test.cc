#include "client/trial_summary.h"

#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace attune {
namespace {

using testing::HasSubstr;

StudySpec OneRate() {
  StudySpec spec;
  spec.name = "mlp";
  spec.objectives = {{.metric = "loss", .goal = Goal::kMinimize}};
  spec.space.parameters = {
      {.name = "rate", .domain = DoubleRange{.min = 0.0, .max = 1.0}}};
  return spec;
}

pb::Trial Completed() {
  pb::Trial trial;
  trial.set_number(7);
  trial.set_state(pb::Trial::COMPLETED);
  (*trial.mutable_parameters()->mutable_values())["rate"].set_double_value(
      0.1234567890123);
  trial.add_objectives(0.5);
  (*trial.mutable_metrics())["loss"] = 0.625;
  (*trial.mutable_metrics())["accuracy"] = 0.987654321;
  trial.set_last_step(3);
  trial.mutable_create_time()->set_seconds(10);
  trial.mutable_start_time()->set_seconds(20);
  trial.mutable_end_time()->set_seconds(95);
  for (const char* outcome : {"LEASE_EXPIRED", "COMPLETED"}) {
    pb::Attempt& attempt = *trial.add_attempts();
    attempt.set_number(trial.attempts_size());
    attempt.set_worker("w/1");
    attempt.mutable_start_time()->set_seconds(20);
    attempt.mutable_end_time()->set_seconds(95);
    attempt.set_outcome(outcome);
  }
  return trial;
}

std::string SummaryOf(const pb::Trial& trial) {
  return FormatLines(TrialLines(trial, OneRate(), {{"model", "/a/7/m"}},
                                absl::FromUnixSeconds(100)),
                     {});
}

TEST(TrialSummaryTest, HasEverythingWithEveryDigit) {
  const std::string text = SummaryOf(Completed());
  for (const char* part :
       {"7 of mlp\n", "completed\n", "loss 0.5\n", "  rate",
        "0.1234567890123\n", "  accuracy", "0.987654321\n", "0.625\n",
        "last step   3\n", "1m15s\n",
        "attempt 1   lease expired, by w/1, from ",
        "attempt 2   completed, by w/1", "model       /a/7/m\n"}) {
    EXPECT_THAT(text, HasSubstr(part));
  }
}

TEST(TrialSummaryTest, AFailureHasItsCauseAndItsReason) {
  pb::Trial trial = Completed();
  trial.set_state(pb::Trial::FAILED);
  trial.set_failure_cause("WORKER_ERROR");
  trial.set_state_reason("no\x1b data");
  EXPECT_THAT(SummaryOf(trial),
              HasSubstr("failed (worker error): no\\033 data\n"));
}

TEST(TrialSummaryTest, ATrialThatWaitsHasNoTimesButItsCreation) {
  pb::Trial trial;
  trial.set_number(1);
  trial.set_state(pb::Trial::WAITING);
  trial.mutable_create_time()->set_seconds(10);
  const std::string text = SummaryOf(trial);
  EXPECT_THAT(text, HasSubstr("metrics     none reported\n"));
  EXPECT_THAT(text, HasSubstr("created "));
  EXPECT_THAT(text, testing::Not(HasSubstr("started ")));
}

TEST(TrialSummaryTest, JsonHasItToo) {
  const Listing listing = ListTrial(Completed(), OneRate(), {{"model", "m"}},
                                    absl::FromUnixSeconds(100));
  ASSERT_EQ(listing.json.size(), 1);
  const Json& json = listing.json[0];
  EXPECT_EQ(json["metrics"].dump(), R"({"accuracy":0.987654321,"loss":0.625})");
  EXPECT_EQ(json["last_step"], 3);
  EXPECT_EQ(json["ended"], "1970-01-01T00:01:35.000Z");
  EXPECT_EQ(json["attempts"], 2);
  EXPECT_EQ(json["attempt_list"][0]["outcome"], "lease_expired");
  EXPECT_EQ(json["model"], "m");
}

}  // namespace
}  // namespace attune

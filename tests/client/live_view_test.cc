#include "client/live_view.h"

#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace attune {
namespace {

using testing::AllOf;
using testing::Each;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::ResultOf;

View MakeView() {
  View view;
  view.now = absl::FromUnixSeconds(100);
  view.time_left = absl::Seconds(40);
  view.spec.name = "mlp";
  view.spec.objectives = {{.metric = "accuracy", .goal = Goal::kMaximize}};
  view.spec.space.parameters = {
      {.name = "rate", .domain = DoubleRange{.min = 0.0, .max = 1.0}}};
  view.spec.task = NetworkTask{};
  pb::Study& study = view.progress.study;
  study.set_state(pb::Study::ACTIVE);
  study.mutable_spec()->mutable_budget()->set_max_trials(30);
  (*study.mutable_trial_counts())["completed"] = 11;
  (*study.mutable_trial_counts())["failed"] = 1;
  pb::Trial best;
  best.set_number(7);
  best.set_state(pb::Trial::COMPLETED);
  best.add_objectives(0.8812);
  (*best.mutable_parameters()->mutable_values())["rate"].set_double_value(0.5);
  view.progress.best = best;
  pb::Trial running;
  running.set_number(13);
  running.set_state(pb::Trial::RUNNING);
  running.set_last_step(3);
  (*running.mutable_metrics())["accuracy"] = 0.861;
  running.mutable_start_time()->set_seconds(88);
  view.progress.running = {running};
  return view;
}

TEST(LiveViewTest, ShowsDoneRunningBestAndTimeLeft) {
  EXPECT_THAT(
      RenderView(MakeView(), {}),
      ElementsAre(
          "mlp  active  12 of 30 trials done, 1 running, 1 failed, about 40s "
          "left",
          "[################                        ]",
          "best: trial 7  accuracy 0.8812  rate=0.5",
          "running  epoch  accuracy  time  parameters",
          AllOf(HasSubstr("13      3     0.861   12s"))));
}

TEST(LiveViewTest, CountsStepsWhereTheTrainingReportsThem) {
  View view = MakeView();
  view.spec.task =
      NetworkTask{.settings = {{"report_every_steps", int64_t{10}}}};
  EXPECT_THAT(RenderView(view, {}),
              testing::Contains("running  step  accuracy  time  parameters"));
}

TEST(LiveViewTest, NoLineIsWiderThanTheTerminal) {
  View view = MakeView();
  view.note = std::string(200, 'x');
  EXPECT_THAT(RenderView(view, {.width = 30}),
              Each(ResultOf([](const std::string& line) { return Width(line); },
                            testing::Le(30))));
}

TEST(LiveViewTest, ManyRunningTrialsAreCounted) {
  View view = MakeView();
  view.progress.running.resize(20, view.progress.running[0]);
  EXPECT_EQ(RenderView(view, {}).back(), "... and 8 more");
}

TEST(LiveViewTest, WithoutALimitThereIsNoBar) {
  View view = MakeView();
  view.progress.study.mutable_spec()->clear_budget();
  view.progress.running.clear();
  view.progress.best.reset();
  view.time_left.reset();
  EXPECT_THAT(RenderView(view, {}),
              ElementsAre("mlp  active  12 trials done, 0 running, 1 failed"));
}

TEST(LiveViewTest, AFinishedTrialIsALineWithTheBest) {
  const View view = MakeView();
  pb::Trial trial;
  trial.set_number(5);
  trial.set_state(pb::Trial::INFEASIBLE);
  trial.set_state_reason("the loss is nan at step 3");
  trial.mutable_start_time()->set_seconds(10);
  trial.mutable_end_time()->set_seconds(12);
  (*trial.mutable_parameters()->mutable_values())["rate"].set_double_value(1.0);
  EXPECT_EQ(FinishedLine(trial, view),
            "trial 5 infeasible  2.0s  rate=1  (the loss is nan at step 3)  "
            "best 0.8812 (trial 7)");
}

TEST(LiveViewTest, OfSeveralObjectivesTheFirstDecidesAndTheFrontIsCounted) {
  View view = MakeView();
  view.spec.objectives.push_back({.metric = "size"});
  view.progress.best->add_objectives(120.0);
  view.progress.front = 5;
  EXPECT_THAT(RenderView(view, {}),
              testing::Contains("best by accuracy, of a front of 5: trial 7  "
                                "accuracy 0.8812, size 120  rate=0.5"));
  EXPECT_THAT(FinishedLine(*view.progress.best, view),
              testing::EndsWith("accuracy 0.8812, size 120  0.0s  rate=0.5  "
                                "best 0.8812 (trial 7), 5 in the front"));
}

TEST(LiveViewTest, AHaltedStudyHasNoTimeLeft) {
  View view = MakeView();
  view.progress.study.set_state(pb::Study::PAUSED);
  EXPECT_EQ(StatusLine(view), "12 of 30 trials done, 1 running, 1 failed");
  view.progress.study.set_state_reason("3 trials failed: \x1b");
  EXPECT_EQ(StatusLine(view),
            "12 of 30 trials done, 1 running, 1 failed; paused, as 3 trials "
            "failed: \\033");
}

}  // namespace
}  // namespace attune

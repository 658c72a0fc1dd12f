#include "client/report.h"

#include <cmath>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace attune {
namespace {

using testing::ElementsAre;

StudySpec MakeSpec() {
  StudySpec spec;
  spec.name = "s";
  spec.objectives = {{.metric = "loss", .goal = Goal::kMinimize}};
  spec.space.parameters = {
      {.name = "rate", .domain = DoubleRange{.min = 0.0, .max = 1.0}},
      {.name = "state", .domain = Choice{.values = {std::string("a")}}}};
  return spec;
}

pb::Trial MakeTrial(int64_t number, pb::Trial::State state) {
  pb::Trial trial;
  trial.set_number(number);
  trial.set_state(state);
  (*trial.mutable_parameters()->mutable_values())["rate"].set_double_value(
      0.25);
  return trial;
}

std::vector<std::string> Titles(const Table& table) {
  std::vector<std::string> titles;
  for (const Column& column : table.columns) titles.push_back(column.title);
  return titles;
}

TEST(ReportTest, JsonOfATrialIsFlatAndTyped) {
  pb::Trial trial = MakeTrial(7, pb::Trial::COMPLETED);
  trial.add_objectives(0.5);
  trial.add_attempts();
  trial.set_worker("w");
  trial.mutable_start_time()->set_seconds(0);
  trial.mutable_end_time()->set_seconds(2);
  trial.mutable_end_time()->set_nanos(500'000'000);
  const Listing listing = ListTrials({trial}, MakeSpec(), /*ranked=*/false,
                                     absl::FromUnixSeconds(100));
  EXPECT_EQ(listing.json.dump(),
            R"([{"trial":7,"state":"completed","objectives":{"loss":0.5},)"
            R"("parameters":{"rate":0.25},"attempts":1,"worker":"w",)"
            R"("started":"1970-01-01T00:00:00.000Z","duration_s":2.5,)"
            R"("reason":""}])");
}

TEST(ReportTest, ATrialThatWaitsHasNeitherStartNorObjective) {
  const Listing listing =
      ListTrials({MakeTrial(1, pb::Trial::WAITING)}, MakeSpec(),
                 /*ranked=*/false, absl::FromUnixSeconds(100));
  EXPECT_TRUE(listing.json[0]["started"].is_null());
  EXPECT_TRUE(listing.json[0]["duration_s"].is_null());
  EXPECT_EQ(listing.json[0]["objectives"].dump(), "{}");
}

TEST(ReportTest, ARunningTrialHasRunUntilNow) {
  pb::Trial trial = MakeTrial(1, pb::Trial::RUNNING);
  trial.mutable_start_time()->set_seconds(90);
  (*trial.mutable_metrics())["loss"] = 0.75;
  const Listing listing = ListTrials({trial}, MakeSpec(), /*ranked=*/false,
                                     absl::FromUnixSeconds(100));
  EXPECT_EQ(listing.json[0]["duration_s"], 10.0);
  // The table shows the last value, but it is no result.
  EXPECT_EQ(listing.table.rows[0][2].text, "0.75");
  EXPECT_EQ(listing.table.rows[0][2].style, Style::kDim);
  EXPECT_EQ(listing.json[0]["objectives"].dump(), "{}");
}

TEST(ReportTest, CsvHasAColumnForEachParameter) {
  const Listing listing =
      ListTrials({MakeTrial(1, pb::Trial::WAITING)}, MakeSpec(),
                 /*ranked=*/false, absl::FromUnixSeconds(100));
  EXPECT_EQ(FormatCsv(listing.csv, listing.json),
            "trial,state,loss,rate,parameters.state,attempts,worker,started,"
            "duration_s,reason\n"
            "1,waiting,,0.25,,0,,,,\n");
}

TEST(ReportTest, TheBestHaveARankAndNoState) {
  pb::Trial trial = MakeTrial(7, pb::Trial::COMPLETED);
  trial.add_objectives(NAN);
  const Listing best = ListTrials({trial}, MakeSpec(), /*ranked=*/true,
                                  absl::FromUnixSeconds(100));
  EXPECT_THAT(Titles(best.table),
              ElementsAre("rank", "trial", "loss", "rate", "state", "time"));
  EXPECT_EQ(best.json[0]["objectives"]["loss"], "NaN");
}

TEST(ReportTest, MetricsAreThereIfTheyAreAskedFor) {
  pb::Trial trial = MakeTrial(1, pb::Trial::RUNNING);
  (*trial.mutable_metrics())["loss"] = 0.75;
  (*trial.mutable_metrics())["accuracy"] = 0.5;
  (*trial.mutable_metrics())["rate"] = 0.125;
  const Listing listing =
      ListTrials({trial, MakeTrial(2, pb::Trial::WAITING)}, MakeSpec(),
                 /*ranked=*/false, absl::FromUnixSeconds(100),
                 /*with_metrics=*/true);
  // That of the objective is there already.
  EXPECT_THAT(Titles(listing.table),
              ElementsAre("trial", "state", "loss", "rate", "state", "accuracy",
                          "metrics.rate", "time", "worker"));
  EXPECT_EQ(listing.table.rows[0][5].text, "0.5");
  EXPECT_EQ(listing.table.rows[1][5].text, "");
  EXPECT_EQ(listing.json[0]["metrics"].dump(),
            R"({"accuracy":0.5,"loss":0.75,"rate":0.125})");
  EXPECT_EQ(FormatCsv(listing.csv, listing.json),
            "trial,state,loss,rate,parameters.state,accuracy,metrics.rate,"
            "attempts,worker,"
            "started,duration_s,reason\n"
            "1,running,,0.25,,0.5,0.125,0,,,,\n"
            "2,waiting,,0.25,,,,0,,,,\n");
}

TEST(ReportTest, TheLastErrorsAreThoseThatDiffer) {
  std::vector<pb::Trial> trials;
  for (const char* reason :
       {"old", "no data", "no data", "nan", "no data", "full", "no data"}) {
    pb::Trial& trial = trials.emplace_back(
        MakeTrial(static_cast<int>(trials.size()) + 1, pb::Trial::FAILED));
    trial.set_state_reason(reason);
    trial.mutable_end_time()->set_seconds(trial.number());
  }
  std::vector<std::string> texts;
  for (const TrialError& error : LastErrors(trials)) {
    texts.push_back(absl::StrCat(error.trial.number(), " ",
                                 error.trial.state_reason(), " +",
                                 error.others));
  }
  EXPECT_THAT(texts, ElementsAre("7 no data +3", "6 full +0", "4 nan +0"));
}

StudySpec TwoObjectives() {
  StudySpec spec = MakeSpec();
  spec.objectives.push_back({.metric = "speed", .goal = Goal::kMaximize});
  return spec;
}

TEST(ReportTest, EachObjectiveHasAColumn) {
  pb::Trial done = MakeTrial(1, pb::Trial::COMPLETED);
  done.add_objectives(0.5);
  done.add_objectives(20.0);
  pb::Trial running = MakeTrial(2, pb::Trial::RUNNING);
  (*running.mutable_metrics())["speed"] = 10.0;
  const Listing listing =
      ListTrials({done, running}, TwoObjectives(), /*ranked=*/false,
                 absl::FromUnixSeconds(100));
  EXPECT_THAT(Titles(listing.table),
              ElementsAre("trial", "state", "loss", "speed", "rate", "state",
                          "time", "worker"));
  EXPECT_EQ(listing.table.rows[0][3].text, "20");
  EXPECT_EQ(listing.table.rows[1][2].text, "");
  EXPECT_EQ(listing.table.rows[1][3].text, "10");
  EXPECT_EQ(listing.json[0]["objectives"].dump(),
            R"({"loss":0.5,"speed":20.0})");
  EXPECT_EQ(ObjectivesText(done, TwoObjectives()), "loss 0.5, speed 20");
  EXPECT_EQ(ObjectivesText(running, TwoObjectives()), "speed 10");
}

TEST(ReportTest, AFrontHasNoRanks) {
  pb::Trial trial = MakeTrial(7, pb::Trial::COMPLETED);
  const Listing best = ListTrials({trial}, TwoObjectives(), /*ranked=*/true,
                                  absl::FromUnixSeconds(100));
  EXPECT_THAT(Titles(best.table),
              ElementsAre("trial", "loss", "speed", "rate", "state", "time"));
}

TEST(ReportTest, TheBestOfAFrontIsThatByTheFirstObjective) {
  pb::StudySpec spec;
  spec.add_objectives()->set_goal(pb::GOAL_MAXIMIZE);
  spec.add_objectives()->set_goal(pb::GOAL_MINIMIZE);
  std::vector<pb::Trial> front;
  for (const double value : {1.0, 3.0, 2.0}) {
    front.push_back(MakeTrial(static_cast<int64_t>(front.size()) + 1,
                              pb::Trial::COMPLETED));
    front.back().add_objectives(value);
    front.back().add_objectives(value);
  }
  ASSERT_NE(BestByFirst(front, spec), nullptr);
  EXPECT_EQ(BestByFirst(front, spec)->number(), 2);
  spec.mutable_objectives(0)->set_goal(pb::GOAL_MINIMIZE);
  EXPECT_EQ(BestByFirst(front, spec)->number(), 1);
  EXPECT_EQ(BestByFirst({}, spec), nullptr);
}

TEST(ReportTest, WithoutASearchSpaceAllParametersOfTheTrialsAreShown) {
  StudySpec spec = MakeSpec();
  spec.space = {};
  pb::Trial first = MakeTrial(1, pb::Trial::WAITING);
  pb::Trial second;
  second.set_number(2);
  (*second.mutable_parameters()->mutable_values())["kind"].set_string_value(
      "b");
  const Listing listing = ListTrials({first, second}, spec, /*ranked=*/false,
                                     absl::FromUnixSeconds(100));
  EXPECT_THAT(
      Titles(listing.table),
      ElementsAre("trial", "state", "loss", "kind", "rate", "time", "worker"));
  EXPECT_FALSE(listing.table.columns[3].is_number);
  EXPECT_TRUE(listing.table.columns[4].is_number);
  EXPECT_EQ(listing.table.rows[1][3].text, "b");
  EXPECT_EQ(listing.json[0]["parameters"].dump(), R"({"rate":0.25})");
  EXPECT_EQ(listing.csv[3].title, "kind");
  EXPECT_EQ(ParametersLine(second, spec), "kind=b");
}

TEST(ReportTest, AttributesAndWhatIsTriedAgainAreThereIfThereIsAny) {
  pb::Trial trial = MakeTrial(7, pb::Trial::WAITING);
  trial.set_retry_of(3);
  (*trial.mutable_attributes())["source"] = "paper";
  const Listing listing =
      ListTrials({trial, MakeTrial(8, pb::Trial::WAITING)}, MakeSpec(),
                 /*ranked=*/false, absl::FromUnixSeconds(100));
  EXPECT_EQ(listing.json[0]["retry_of"], 3);
  EXPECT_EQ(listing.json[0]["attributes"]["source"], "paper");
  EXPECT_FALSE(listing.json[1].contains("retry_of"));
  EXPECT_FALSE(listing.json[1].contains("attributes"));
  EXPECT_THAT(Titles(listing.table), testing::Contains("retry of"));
}

TEST(ReportTest, ReasonsAreShownIfThereAreAny) {
  pb::Trial trial = MakeTrial(7, pb::Trial::FAILED);
  trial.set_state_reason("out of memory");
  const Listing listing = ListTrials({trial}, MakeSpec(), /*ranked=*/false,
                                     absl::FromUnixSeconds(100));
  EXPECT_EQ(listing.table.columns.back().title, "reason");
  EXPECT_EQ(listing.table.rows[0].back().text, "out of memory");
}

TEST(ReportTest, StudiesShowWhatIsDoneAndTheirBest) {
  pb::Study study;
  study.set_name("studies/s");
  study.set_state(pb::Study::ACTIVE);
  study.mutable_spec()->mutable_budget()->set_max_trials(30);
  study.mutable_spec()->add_objectives()->set_metric("loss");
  (*study.mutable_trial_counts())["completed"] = 4;
  (*study.mutable_trial_counts())["failed"] = 1;
  (*study.mutable_trial_counts())["running"] = 2;
  (*study.mutable_trial_counts())["waiting"] = 3;
  pb::Trial best = MakeTrial(3, pb::Trial::COMPLETED);
  best.add_objectives(0.125);
  const Listing listing =
      ListStudies({{.study = study, .best = {best}}, {.study = study}});
  EXPECT_EQ(listing.table.rows[0][0].text, "s");
  EXPECT_EQ(listing.table.rows[0][2].text, "5/30");
  EXPECT_EQ(listing.table.rows[0][4].text, "0.125");
  EXPECT_EQ(listing.json[0]["finished"], 5);
  EXPECT_EQ(listing.json[0]["running"], 2);
  EXPECT_EQ(listing.json[0]["best_trial"], 3);
  EXPECT_TRUE(listing.json[1]["best"].is_null());
}

TEST(ReportTest, ParametersOfALineStandInTheOrderOfTheStudy) {
  pb::Trial trial = MakeTrial(1, pb::Trial::RUNNING);
  (*trial.mutable_parameters()->mutable_values())["state"].set_string_value(
      "a\x1b");
  EXPECT_EQ(ParametersLine(trial, MakeSpec()), "rate=0.25 state=a\\033");
}

}  // namespace
}  // namespace attune

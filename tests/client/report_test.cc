#include "client/report.h"

#include <cmath>
#include <string>
#include <vector>

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

TEST(ReportTest, SettingsAreAllThere) {
  const Listing listing = ListSettings();
  ASSERT_GE(listing.table.rows.size(), 20);
  bool found = false;
  for (const Json& row : listing.json) {
    if (row["setting"] != "learning_rate") continue;
    found = true;
    EXPECT_EQ(row["values"], "number > 0");
    EXPECT_TRUE(row["default"].is_number_float());
    EXPECT_TRUE(row["tunable"].get<bool>());
    EXPECT_EQ(row["optimizer_defaults"]["adadelta"], 1.0);
  }
  EXPECT_TRUE(found);
}

TEST(ReportTest, ASettingsZeroIsAmongItsValues) {
  for (const auto& row : ListSettings().table.rows) {
    if (row[0].text == "clip_norm") {
      EXPECT_EQ(row[1].text, "0 or number >= 1e-12");
    }
  }
}

TEST(ReportTest, ASettingsDefaultsAreThoseOfEveryOptimizer) {
  for (const auto& row : ListSettings().table.rows) {
    if (row[0].text == "beta2") {
      EXPECT_EQ(row[2].text, "0.999, lion 0.99");
    }
    if (row[0].text == "beta1") {
      EXPECT_EQ(row[2].text, "0.9");
    }
  }
}

TEST(ReportTest, ParametersOfALineStandInTheOrderOfTheStudy) {
  pb::Trial trial = MakeTrial(1, pb::Trial::RUNNING);
  (*trial.mutable_parameters()->mutable_values())["state"].set_string_value(
      "a\x1b");
  EXPECT_EQ(ParametersLine(trial, MakeSpec()), "rate=0.25 state=a\\033");
}

}  // namespace
}  // namespace attune

#ifndef ATTUNE_TESTS_TESTING_STORAGE_CONTRACT_TRIALS_H_
#define ATTUNE_TESTS_TESTING_STORAGE_CONTRACT_TRIALS_H_

#include <cmath>
#include <cstdint>
#include <limits>
#include <string>
#include <variant>
#include <vector>

#include "core/ranking.h"
#include "tests/testing/storage_contract.h"

// What every Storage must do with trials and measurements.
namespace attune {

// ---- trials -----------------------------------------------------------------

TEST_P(StorageContractTest, KeepsTheTypeAndValueOfParameters) {
  constexpr int64_t kBig = (int64_t{1} << 53) + 1;
  const Trial trial = MakeTrial(1, Waiting{},
                                {{"double", 1.0},
                                 {"negative_zero", -0.0},
                                 {"tiny", 5e-324},
                                 {"third", 1.0 / 3.0},
                                 {"int", int64_t{1}},
                                 {"big", kBig},
                                 {"least", std::numeric_limits<int64_t>::min()},
                                 {"text", std::string("1.0")},
                                 {"empty", std::string()},
                                 {"odd", std::string("\x01'\"\\\n\xc3\xa9")},
                                 {"zero", std::string(1, '\0')},
                                 {"truth", true},
                                 {"infinite", -kInfinity}});
  const Trial read = StoredAndRead(trial);
  EXPECT_EQ(read, trial);
  EXPECT_TRUE(
      std::signbit(std::get<double>(read.parameters.at("negative_zero"))));
}

TEST_P(StorageContractTest, KeepsAWaitingTrial) {
  const Trial trial = MakeTrial(1, Waiting{.attempt = 2, .lost = 1});
  EXPECT_EQ(StoredAndRead(trial), trial);
}

TEST_P(StorageContractTest, KeepsARunningTrial) {
  const Trial trial = MakeTrial(1, Running{.lease = {.worker = {"host:1.2/3"},
                                                     .attempt = 3,
                                                     .deadline = TestTime()},
                                           .lost = 2,
                                           .stop_requested = std::nullopt});
  EXPECT_EQ(StoredAndRead(trial), trial);
}

TEST_P(StorageContractTest, KeepsARequestToStop) {
  const Trial trial =
      MakeTrial(1, Running{.lease = {.worker = {"w"}, .deadline = TestTime()},
                           .stop_requested = ""});
  EXPECT_EQ(StoredAndRead(trial), trial);
}

TEST_P(StorageContractTest, KeepsACompletedTrial) {
  const Trial trial = MakeCompletedTrial(1, 1.0 / 3.0);
  EXPECT_EQ(StoredAndRead(trial), trial);
}

TEST_P(StorageContractTest, KeepsSeveralAndInfiniteObjectives) {
  const Trial trial =
      MakeTrial(1, Completed{.objectives = {-kInfinity, 2.0, kInfinity, 0.1}});
  EXPECT_EQ(StoredAndRead(trial), trial);
}

TEST_P(StorageContractTest, KeepsAPrunedTrial) {
  const Trial trial = MakeTrial(1, Pruned{.attempt = 2, .reason = "median"});
  EXPECT_EQ(StoredAndRead(trial), trial);
}

TEST_P(StorageContractTest, KeepsAnInfeasibleTrial) {
  const Trial trial = MakeTrial(1, Infeasible{.attempt = 1, .reason = ""});
  EXPECT_EQ(StoredAndRead(trial), trial);
}

TEST_P(StorageContractTest, KeepsAFailedTrial) {
  const Trial trial =
      MakeTrial(1, Failed{.attempt = 3,
                          .cause = std::string(cause::kWorkerError),
                          .message = "no file\nat all"});
  EXPECT_EQ(StoredAndRead(trial), trial);
}

TEST_P(StorageContractTest, KeepsATrialThatWasCancelledBeforeItBegan) {
  const Trial trial = MakeTrial(1, Cancelled{.attempt = 0, .reason = "asked"});
  EXPECT_EQ(StoredAndRead(trial), trial);
}

TEST_P(StorageContractTest, KeepsTagAndSeenRevision) {
  Trial trial = MakeTrial(1);
  trial.tag = "bracket 2";
  trial.seen_revision = 17;
  EXPECT_EQ(StoredAndRead(trial), trial);
}

TEST_P(StorageContractTest, KeepsWhoCreatedATrialAndWhatIsNotedOnIt) {
  Trial trial = MakeTrial(1);
  trial.attributes = {{"owner", "anna"}, {"note", "\"a\"\n{b}"}};
  trial.request_id = "0b5e";
  trial.retry_of = 4;
  EXPECT_EQ(StoredAndRead(trial), trial);
  trial.attributes = {{"owner", ""}};
  trial.revision = 2;
  ATTUNE_ASSERT_OK(storage_->Commit({.trials = {trial}}));
  EXPECT_THAT(Trials(), testing::ElementsAre(trial));
}

TEST_P(StorageContractTest, KeepsALeaseThatNeverEnds) {
  Trial trial = MakeTrial(
      1,
      Running{.lease = {.worker = {"me"}, .deadline = absl::InfiniteFuture()}});
  trial.attempts[0].request_id = "ask-1";
  EXPECT_EQ(StoredAndRead(trial), trial);
}

TEST_P(StorageContractTest, StoresALaterStateOverAnEarlierOne) {
  CommitStudy({MakeTrial(1)});
  Trial running =
      MakeTrial(1, Running{.lease = {.worker = {"w"}, .deadline = TestTime()},
                           .lost = 0,
                           .stop_requested = "median"});
  running.revision = 2;
  ATTUNE_ASSERT_OK(storage_->Commit({.trials = {running}}));
  EXPECT_THAT(Trials(), testing::ElementsAre(running));
  Trial completed = MakeCompletedTrial(1, 3.0, {{"y", int64_t{4}}});
  completed.revision = 3;
  ATTUNE_ASSERT_OK(storage_->Commit({.trials = {completed}}));
  EXPECT_THAT(Trials(), testing::ElementsAre(completed));
}

TEST_P(StorageContractTest, StoresSeveralNewAttemptsAtOnce) {
  CommitStudy({MakeTrial(1)});
  Trial trial = MakeTrial(1, Waiting{.attempt = 4, .lost = 2});
  trial.revision = 2;
  ATTUNE_ASSERT_OK(storage_->Commit({.trials = {trial}}));
  trial.attempts[1].outcome = "RELEASED";
  trial.revision = 3;
  ATTUNE_ASSERT_OK(storage_->Commit({.trials = {trial}}));
  EXPECT_THAT(Trials(), testing::ElementsAre(trial));
}

TEST_P(StorageContractTest, ListsEachTrialWithItsOwnAttempts) {
  std::vector<Trial> trials = {MakeCompletedTrial(1, 2.0), MakeTrial(2),
                               MakeTrial(3, Waiting{.attempt = 3}),
                               MakeCompletedTrial(4, 1.0),
                               MakeCompletedTrial(5, 3.0)};
  trials[4].attempts[0].worker = {"another"};
  CommitStudy(trials);
  using testing::ElementsAre;
  EXPECT_EQ(Trials(), trials);
  EXPECT_THAT(Trials({.finished = true}),
              ElementsAre(trials[0], trials[3], trials[4]));
  EXPECT_THAT(Trials({.order = TrialOrder::kBestFirst}),
              ElementsAre(trials[3], trials[0], trials[4]));
}

TEST_P(StorageContractTest, ListsTrialsByNumberAndPage) {
  CommitStudy({MakeTrial(2), MakeTrial(10), MakeTrial(1), MakeTrial(3)});
  using testing::ElementsAre;
  EXPECT_THAT(Numbers(), ElementsAre(1, 2, 3, 10));
  EXPECT_THAT(Numbers({.number = 3}), ElementsAre(3));
  EXPECT_THAT(Numbers({.number = 4}), ElementsAre());
  EXPECT_THAT(Numbers({.limit = 3}), ElementsAre(1, 2, 3));
  EXPECT_THAT(Numbers({.after_number = 2, .limit = 1}), ElementsAre(3));
  EXPECT_THAT(Numbers({.after_number = 10}), ElementsAre());
  EXPECT_THAT(Numbers({.number = 2, .after_number = 2}), ElementsAre());
  EXPECT_THAT(Numbers({.study = {2}}), ElementsAre());
}

TEST_P(StorageContractTest, ListsTrialsByTheirLastChange) {
  std::vector<Trial> trials = {MakeTrial(1), MakeTrial(2), MakeTrial(3)};
  trials[0].change = 9;
  trials[1].change = 4;
  trials[2].change = 6;
  CommitStudy(trials);
  EXPECT_THAT(Numbers({.order = TrialOrder::kByChange}),
              testing::ElementsAre(2, 3, 1));
  EXPECT_THAT(
      Numbers({.order = TrialOrder::kByChange, .after_change = 4, .limit = 1}),
      testing::ElementsAre(3));
  EXPECT_THAT(Numbers({.order = TrialOrder::kByChange, .after_change = 9}),
              testing::IsEmpty());
}

TEST_P(StorageContractTest, MeasurementsRaiseTheChangeOfTheirTrial) {
  Trial trial = MakeTrial(1);
  trial.change = 2;
  CommitStudy({trial});
  TrialMeasurements reported = {
      .trial = trial.id,
      .measurements = {{.step = 1, .metrics = {{"loss", 1.0}}}},
      .change = 5};
  ATTUNE_ASSERT_OK(storage_->Commit({.measurements = {reported}}));
  EXPECT_EQ(Trials()[0].change, 5);
  reported.measurements[0].step = 2;
  reported.change = 3;  // it never goes back
  ATTUNE_ASSERT_OK(storage_->Commit({.measurements = {reported}}));
  EXPECT_EQ(Trials()[0].change, 5);
}

TEST_P(StorageContractTest, ListsTrialsByState) {
  CommitStudy({MakeTrial(1), MakeCompletedTrial(2, 1.0), MakeTrial(3, Pruned{}),
               MakeTrial(4, Running{}), MakeTrial(5, Cancelled{})});
  using testing::ElementsAre;
  EXPECT_THAT(Numbers({.finished = true}), ElementsAre(2, 3, 5));
  EXPECT_THAT(Numbers({.finished = false}), ElementsAre(1, 4));
  EXPECT_THAT(Numbers({.states = {"pruned", "waiting"}}), ElementsAre(1, 3));
  EXPECT_THAT(Numbers({.finished = true, .states = {"pruned", "waiting"}}),
              ElementsAre(3));
  EXPECT_THAT(Numbers({.states = {"unheard-of"}}), ElementsAre());
  EXPECT_THAT(Numbers({.finished = true, .after_number = 2, .limit = 1}),
              ElementsAre(3));
  EXPECT_THAT(Numbers({.finished = true,
                       .states = {"waiting", "completed"},
                       .order = TrialOrder::kBestFirst}),
              ElementsAre(2));
  EXPECT_THAT(Numbers({.finished = false, .order = TrialOrder::kBestFirst}),
              ElementsAre());
}

TEST_P(StorageContractTest, CountsTrialsByState) {
  CommitStudy({MakeTrial(1), MakeTrial(2), MakeCompletedTrial(3, 1.0)});
  CommitStudy({MakeTrial(1, Waiting{}, {}, 2)}, Goal::kMinimize, 2, "other");
  EXPECT_THAT(storage_->CountTrials({1}),
              IsOkAndHolds(StateCounts{{"waiting", 2}, {"completed", 1}}));
}

TEST_P(StorageContractTest, ListsTheLowestFirstWhenMinimizing) {
  CommitStudy({MakeCompletedTrial(1, kInfinity), MakeCompletedTrial(2, -1.0),
               MakeTrial(3), MakeCompletedTrial(4, -kInfinity),
               MakeCompletedTrial(5, 3.0), MakeCompletedTrial(6, -1.0)});
  using testing::ElementsAre;
  EXPECT_THAT(Numbers({.order = TrialOrder::kBestFirst}),
              ElementsAre(4, 2, 6, 5, 1));
  EXPECT_THAT(Numbers({.order = TrialOrder::kBestFirst, .limit = 2}),
              ElementsAre(4, 2));
}

TEST_P(StorageContractTest, ListsTheHighestFirstWhenMaximizing) {
  CommitStudy({MakeCompletedTrial(1, kInfinity), MakeCompletedTrial(2, -1.0),
               MakeTrial(3, Pruned{}), MakeCompletedTrial(4, -kInfinity),
               MakeCompletedTrial(5, 3.0), MakeCompletedTrial(6, -1.0)},
              Goal::kMaximize);
  using testing::ElementsAre;
  EXPECT_THAT(Numbers({.order = TrialOrder::kBestFirst}),
              ElementsAre(1, 5, 2, 6, 4));
  EXPECT_THAT(Numbers({.order = TrialOrder::kBestFirst, .limit = 3}),
              ElementsAre(1, 5, 2));
}

TEST_P(StorageContractTest, ListsTheBestInTheOrderOfRanking) {
  for (const Goal goal : {Goal::kMinimize, Goal::kMaximize}) {
    const int64_t id = goal == Goal::kMinimize ? 1 : 2;
    std::vector<Trial> trials;
    for (int64_t number = 1; number <= 40; ++number) {
      trials.push_back(MakeCompletedTrial(
          number, static_cast<double>(number * 7 % 5) - 2.0));
      trials.back().id.study = {id};
    }
    CommitStudy(trials, goal, id, id == 1 ? "low" : "high");
    EXPECT_EQ(Trials({.study = {id}, .order = TrialOrder::kBestFirst}),
              BestTrials(trials, goal, 0));
  }
}

// ---- measurements -----------------------------------------------------------

TEST_P(StorageContractTest, KeepsMeasurementsByTrialAndStep) {
  CommitStudy({MakeTrial(1), MakeTrial(2), MakeTrial(3)});
  const Measurement early = {.step = 0, .metrics = {{"b", 1.0}, {"a", 2.0}}};
  const Measurement late = {.step = 10, .metrics = {{"a", 1.0 / 3.0}}};
  ATTUNE_ASSERT_OK(Report(3, {late}));
  ATTUNE_ASSERT_OK(Report(3, {early}));
  ATTUNE_ASSERT_OK(Report(1, {early}));
  const TrialMeasurements first = {{{1}, 1}, {early}};
  const TrialMeasurements third = {{{1}, 3}, {early, late}};
  using testing::ElementsAre;
  EXPECT_THAT(Measurements(), ElementsAre(first, third));
  EXPECT_THAT(Measurements({.numbers = std::vector<int64_t>{3, 2, 3, 9}}),
              ElementsAre(third));
  EXPECT_THAT(Measurements({.numbers = std::vector<int64_t>{}}), ElementsAre());
}

TEST_P(StorageContractTest, KeepsValuesThatAreNotFinite) {
  CommitStudy({MakeTrial(1)});
  const Measurement measurement = {.step = 1,
                                   .metrics = {{"down", -kInfinity},
                                               {"nan", kNan},
                                               {"tiny", 5e-324},
                                               {"up", kInfinity},
                                               {"zero", -0.0}}};
  ATTUNE_ASSERT_OK(Report(1, {measurement}));
  const std::vector<TrialMeasurements> read = Measurements();
  ASSERT_EQ(read.size(), 1);
  EXPECT_EQ(read[0].measurements[0], measurement);
  EXPECT_EQ(Measurements({.latest_only = true}), read);
}

TEST_P(StorageContractTest, KeepsTheFirstValuesOfAStep) {
  CommitStudy({MakeTrial(1)});
  const Measurement first = {.step = 5, .metrics = {{"b", kNan}, {"c", 1.0}}};
  ATTUNE_ASSERT_OK(Report(1, {first, {.step = 5, .metrics = {{"b", 2.0}}}}));
  ATTUNE_ASSERT_OK(Report(1, {{.step = 5, .metrics = {{"a", 3.0}}}}));
  EXPECT_THAT(Measurements(),
              testing::ElementsAre(TrialMeasurements{{{1}, 1}, {first}}));
  EXPECT_EQ(Measurements({.latest_only = true}), Measurements());
}

TEST_P(StorageContractTest, KeepsNoMeasurementWithoutMetrics) {
  CommitStudy({MakeTrial(1)});
  ATTUNE_ASSERT_OK(Report(1, {{.step = 5, .metrics = {}}}));
  EXPECT_TRUE(Measurements().empty());
  EXPECT_TRUE(Measurements({.latest_only = true}).empty());
}

TEST_P(StorageContractTest, ListsTheLatestValueOfEachMetric) {
  CommitStudy({MakeTrial(1), MakeTrial(2)});
  ATTUNE_ASSERT_OK(Report(1, {{.step = 7, .metrics = {{"a", 7.0}}}}));
  ATTUNE_ASSERT_OK(Report(1, {{.step = 3, .metrics = {{"a", 3.0}, {"b", 4.0}}},
                              {.step = 9, .metrics = {{"c", kNan}}}}));
  ATTUNE_ASSERT_OK(Report(2, {{.step = 1, .metrics = {{"a", 1.0}}}}));
  const TrialMeasurements first = {
      {{1}, 1},
      {{.step = 9, .metrics = {{"a", 7.0}, {"b", 4.0}, {"c", kNan}}}}};
  const TrialMeasurements second = {{{1}, 2},
                                    {{.step = 1, .metrics = {{"a", 1.0}}}}};
  EXPECT_THAT(Measurements({.latest_only = true}),
              testing::ElementsAre(first, second));
  EXPECT_THAT(
      Measurements({.numbers = std::vector<int64_t>{2}, .latest_only = true}),
      testing::ElementsAre(second));
}

}  // namespace attune

#endif  // ATTUNE_TESTS_TESTING_STORAGE_CONTRACT_TRIALS_H_

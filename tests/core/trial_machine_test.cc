#include "core/trial_machine.h"

#include <fstream>
#include <functional>
#include <iterator>
#include <limits>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "core/error.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/testing/builders.h"
#include "tests/testing/status_matchers.h"

namespace attune {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

constexpr double kNan = std::numeric_limits<double>::quiet_NaN();
constexpr double kInf = std::numeric_limits<double>::infinity();

// In every state of the table the last attempt is the second, and the first
// was lost.
constexpr int kAttempt = 2;
constexpr int kManyAttempts = 9;
const absl::Time kDeadline = TestTime() + absl::Minutes(1);
const absl::Time kRenewed = kDeadline + absl::Minutes(1);

Running MakeRunning() {
  return {.lease = {.worker = {"host:1/0"},
                    .attempt = kAttempt,
                    .deadline = kDeadline},
          .lost = 1,
          .stop_requested = std::nullopt};
}

Running MakeStopping() {
  Running running = MakeRunning();
  running.stop_requested = "slow";
  return running;
}

// The columns of the table in docs/protocol.md.
std::map<std::string, TrialState> Columns() {
  return {
      {"Waiting", Waiting{.attempt = kAttempt, .lost = 1}},
      {"Running", MakeRunning()},
      {"Stopping", MakeStopping()},
      {"Completed", Completed{.attempt = kAttempt, .objectives = {0.5}}},
      {"Pruned", Pruned{.attempt = kAttempt, .reason = "slow"}},
      {"Infeasible", Infeasible{.attempt = kAttempt, .reason = "diverged"}},
      {"Failed", Failed{.attempt = kAttempt,
                        .cause = std::string(cause::kWorkerError),
                        .message = "no data"}},
      {"Expired", Failed{.attempt = kAttempt,
                         .cause = std::string(cause::kLeaseExpired),
                         .message = "gone"}},
      {"Cancelled", Cancelled{.attempt = kAttempt, .reason = "by hand"}},
  };
}

struct Happening {
  TrialEvent event;
  absl::Time now;
};

AttemptFailed MakeFailed(int attempt, int max_attempts, bool permanent,
                         const char* message = "no data") {
  return {.attempt = attempt,
          .max_attempts = max_attempts,
          .cause = std::string(cause::kWorkerError),
          .message = message,
          .permanent = permanent};
}

// The rows of the table, by event and case; more than one where the case does
// not say all.
std::map<std::string, std::vector<Happening>> Rows() {
  const absl::Time now = TestTime();
  const absl::Time past = kDeadline;
  const auto others = [now](auto event) {
    std::vector<Happening> happenings;
    for (const int attempt : {0, 1, kAttempt + 1}) {
      event.attempt = attempt;
      happenings.push_back({event, now});
    }
    return happenings;
  };
  const LeaseRenewed renewed{.attempt = kAttempt, .deadline = kRenewed};
  const LeaseReleased released{.attempt = kAttempt};
  const AttemptCompleted completed{.attempt = kAttempt, .objectives = {0.5}};
  const AttemptCompleted infinite{.attempt = kAttempt, .objectives = {kInf}};
  const AttemptCompleted nan{.attempt = kAttempt, .objectives = {1.0, kNan}};
  const AttemptStopped stopped{.attempt = kAttempt};
  const AttemptDiverged diverged{.attempt = kAttempt, .reason = "diverged"};
  const AttemptFailed retried = MakeFailed(kAttempt, kManyAttempts, false);
  const AttemptFailed last = MakeFailed(kAttempt, 2, false);
  const AttemptFailed permanent = MakeFailed(kAttempt, kManyAttempts, true);
  return {
      {"LeaseGranted|", {{LeaseGranted{{"host:2/0"}, kRenewed}, now}}},
      {"LeaseRenewed|its attempt", {{renewed, now}, {renewed, past}}},
      {"LeaseRenewed|another attempt", others(renewed)},
      {"LeaseReleased|its attempt", {{released, now}, {released, past}}},
      {"LeaseReleased|another attempt", others(released)},
      {"LeaseExpired|before the deadline",
       {{LeaseExpired{kManyAttempts}, past - absl::Nanoseconds(1)},
        {LeaseExpired{1}, now}}},
      {"LeaseExpired|attempts left",
       {{LeaseExpired{kManyAttempts}, past}, {LeaseExpired{3}, kRenewed}}},
      {"LeaseExpired|last attempt",
       {{LeaseExpired{2}, past}, {LeaseExpired{1}, past}}},
      {"StopRequested|", {{StopRequested{"slow"}, now}}},
      {"AttemptCompleted|its attempt",
       {{completed, now}, {completed, past}, {infinite, now}}},
      {"AttemptCompleted|its attempt, objective NaN", {{nan, now}}},
      {"AttemptCompleted|another attempt", others(completed)},
      {"AttemptStopped|its attempt", {{stopped, now}}},
      {"AttemptStopped|another attempt", others(stopped)},
      {"AttemptDiverged|its attempt",
       {{diverged, now},
        {AttemptDiverged{.attempt = kAttempt, .reason = "other"}, now}}},
      {"AttemptDiverged|another attempt", others(diverged)},
      {"AttemptFailed|its attempt, attempts left",
       {{retried, now},
        {MakeFailed(kAttempt, kManyAttempts, false, "other"), now}}},
      {"AttemptFailed|its attempt, last attempt",
       {{last, now}, {MakeFailed(kAttempt, 2, false, "other"), now}}},
      {"AttemptFailed|its attempt, permanent",
       {{permanent, now},
        {MakeFailed(kAttempt, kManyAttempts, true, "other"), now}}},
      {"AttemptFailed|another attempt", others(retried)},
      {"CancelRequested|", {{CancelRequested{"other"}, now}}},
  };
}

// The name of the column that `state` belongs to.
std::string ColumnOf(const TrialState& state) {
  if (const auto* running = std::get_if<Running>(&state)) {
    return running->stop_requested.has_value() ? "Stopping" : "Running";
  }
  const auto* failed = std::get_if<Failed>(&state);
  if (failed != nullptr && failed->cause == cause::kLeaseExpired) {
    return "Expired";
  }
  std::string name(StateName(state));
  name[0] = absl::ascii_toupper(static_cast<unsigned char>(name[0]));
  return name;
}

// Whether the finished `state` is what the running attempt would finish with by
// the event. A failure that finished the trial was its last or permanent.
bool Repeats(const TrialState& state, const Happening& happening) {
  TrialEvent event = happening.event;
  if (auto* failed = std::get_if<AttemptFailed>(&event)) {
    failed->permanent = true;
  }
  const auto first = Next(MakeRunning(), event, happening.now);
  return first.ok() && *first == state;
}

void ExpectCell(const TrialState& state, const Happening& happening,
                const std::string& cell) {
  const absl::StatusOr<TrialState> next =
      Next(state, happening.event, happening.now);
  const bool repeats = Repeats(state, happening);
  if (cell == "same" || (cell == "same or TRIAL_FINISHED" && repeats)) {
    ASSERT_THAT(next, IsOk());
    EXPECT_TRUE(*next == state);
  } else if (absl::ascii_isupper(static_cast<unsigned char>(cell[1])) ||
             cell == "same or TRIAL_FINISHED") {
    EXPECT_THAT(next, StatusIs(absl::StatusCode::kFailedPrecondition));
    EXPECT_THAT(
        next,
        HasReason(cell == "same or TRIAL_FINISHED" ? "TRIAL_FINISHED" : cell));
    EXPECT_FALSE(next.status().message().empty());
  } else {
    ASSERT_THAT(next, IsOk());
    EXPECT_EQ(ColumnOf(*next), cell);
    const int attempt = std::holds_alternative<LeaseGranted>(happening.event)
                            ? kAttempt + 1
                            : kAttempt;
    EXPECT_EQ(LastAttempt(*next), attempt);
  }
}

std::vector<std::string> Cells(absl::string_view line) {
  std::vector<std::string> cells = absl::StrSplit(line, '|');
  if (cells.size() < 2) return {};
  cells.erase(cells.begin());
  cells.pop_back();
  for (std::string& cell : cells) absl::StripAsciiWhitespace(&cell);
  return cells;
}

// The lines of the first table of docs/protocol.md.
std::vector<std::vector<std::string>> ReadTable() {
  std::ifstream file(absl::StrCat(ATTUNE_SOURCE_DIR, "/docs/protocol.md"));
  std::vector<std::vector<std::string>> table;
  std::string line;
  while (std::getline(file, line)) {
    if (absl::StartsWith(line, "| event |") || !table.empty()) {
      if (!absl::StartsWith(line, "|")) break;
      if (!absl::StartsWith(line, "|--")) table.push_back(Cells(line));
    }
  }
  return table;
}

TEST(TrialMachineTableTest, NextDoesWhatEveryCellOfTheDocumentSays) {
  const std::vector<std::vector<std::string>> table = ReadTable();
  ASSERT_THAT(table, SizeIs(testing::Ge(2u)));
  const std::vector<std::string>& header = table.front();
  const std::map<std::string, TrialState> columns = Columns();
  std::map<std::string, std::vector<Happening>> rows = Rows();
  ASSERT_THAT(header, SizeIs(columns.size() + 2));
  for (size_t line = 1; line < table.size(); ++line) {
    const std::vector<std::string>& cells = table[line];
    ASSERT_THAT(cells, SizeIs(header.size()));
    const std::string row = absl::StrCat(cells[0], "|", cells[1]);
    ASSERT_EQ(rows.count(row), 1u) << row << " is unknown, or there twice";
    for (const Happening& happening : rows[row]) {
      EXPECT_EQ(EventName(happening.event), cells[0]);
      for (size_t i = 2; i < cells.size(); ++i) {
        SCOPED_TRACE(absl::StrCat(row, " in ", header[i]));
        ASSERT_EQ(columns.count(header[i]), 1u);
        ExpectCell(columns.at(header[i]), happening, cells[i]);
      }
    }
    rows.erase(row);
  }
  for (const auto& [row, happenings] : rows) {
    ADD_FAILURE() << "docs/protocol.md says nothing of " << row;
  }
}

TEST(TrialMachineTableTest, EveryKindOfEventHasARow) {
  std::set<size_t> kinds;
  for (const auto& [row, happenings] : Rows()) {
    kinds.insert(happenings.front().event.index());
  }
  EXPECT_THAT(kinds, SizeIs(std::variant_size_v<TrialEvent>));
}

// Whatever finishes a trial may be said again.
TEST(TrialMachineTableTest, WhatAnAttemptSaidItMaySayAgain) {
  int repeated = 0;
  for (const TrialState& before :
       {TrialState(MakeRunning()), TrialState(MakeStopping())}) {
    for (const auto& [row, happenings] : Rows()) {
      for (const Happening& happening : happenings) {
        if (std::holds_alternative<LeaseExpired>(happening.event)) continue;
        const auto next = Next(before, happening.event, happening.now);
        if (!next.ok()) continue;
        SCOPED_TRACE(row);
        const auto again = Next(*next, happening.event, happening.now);
        ASSERT_THAT(again, IsOk());
        EXPECT_TRUE(*again == *next);
        ++repeated;
      }
    }
  }
  EXPECT_GT(repeated, 20);
}

TEST(TrialMachineTest, GrantingCountsAttemptsAndKeepsLosses) {
  const LeaseGranted granted{.worker = {"w"}, .deadline = kDeadline};
  EXPECT_THAT(
      Next(Waiting{}, granted, TestTime()),
      IsOkAndHolds(TrialState(Running{
          .lease = {.worker = {"w"}, .attempt = 1, .deadline = kDeadline}})));
  EXPECT_THAT(
      Next(Waiting{.attempt = 4, .lost = 2}, granted, TestTime()),
      IsOkAndHolds(TrialState(Running{
          .lease = {.worker = {"w"}, .attempt = 5, .deadline = kDeadline},
          .lost = 2})));
}

TEST(TrialMachineTest, NothingWasEverSaidOfATrialThatNeverRan) {
  EXPECT_THAT(Next(Waiting{}, LeaseReleased{.attempt = 0}, TestTime()),
              HasReason(reason::kLeaseLost));
  EXPECT_THAT(Next(Waiting{}, MakeFailed(0, 3, false), TestTime()),
              HasReason(reason::kLeaseLost));
}

TEST(TrialMachineTest, RenewingMovesTheDeadlineAndNothingElse) {
  Running expected = MakeStopping();
  expected.lease.deadline = kRenewed;
  EXPECT_THAT(
      Next(MakeStopping(), LeaseRenewed{kAttempt, kRenewed}, TestTime()),
      IsOkAndHolds(TrialState(expected)));
}

TEST(TrialMachineTest, OnlyLostAttemptsCount) {
  EXPECT_THAT(Next(MakeRunning(), LeaseReleased{kAttempt}, TestTime()),
              IsOkAndHolds(TrialState(Waiting{.attempt = 2, .lost = 1})));
  EXPECT_THAT(Next(MakeRunning(), LeaseExpired{3}, kDeadline),
              IsOkAndHolds(TrialState(Waiting{.attempt = 2, .lost = 2})));
  EXPECT_THAT(Next(MakeRunning(), MakeFailed(kAttempt, 3, false), TestTime()),
              IsOkAndHolds(TrialState(Waiting{.attempt = 2, .lost = 2})));
}

TEST(TrialMachineTest, TheFirstReasonToStopIsKept) {
  EXPECT_THAT(Next(MakeStopping(), StopRequested{"by hand"}, TestTime()),
              IsOkAndHolds(TrialState(MakeStopping())));
}

TEST(TrialMachineTest, APrunedTrialKnowsWhy) {
  const TrialState pruned = Pruned{.attempt = kAttempt, .reason = "slow"};
  EXPECT_THAT(Next(MakeStopping(), AttemptStopped{kAttempt}, TestTime()),
              IsOkAndHolds(pruned));
  EXPECT_THAT(Next(MakeStopping(), LeaseExpired{1}, kDeadline),
              IsOkAndHolds(pruned));
  EXPECT_THAT(Next(MakeStopping(), LeaseReleased{kAttempt}, TestTime()),
              IsOkAndHolds(pruned));
}

TEST(TrialMachineTest, InfiniteObjectivesAreLegalAndNanIsNot) {
  EXPECT_THAT(Next(MakeRunning(), AttemptCompleted{kAttempt, {-kInf, kInf}},
                   TestTime()),
              IsOkAndHolds(TrialState(Completed{.attempt = kAttempt,
                                                .objectives = {-kInf, kInf}})));
  EXPECT_THAT(
      Next(MakeRunning(), AttemptCompleted{kAttempt, {kInf, kNan}}, TestTime()),
      IsOkAndHolds(
          TrialState(Failed{.attempt = kAttempt,
                            .cause = std::string(cause::kNonFiniteObjective),
                            .message = "objective 2 of 2 is NaN"})));
}

TEST(TrialMachineTest, AFailureKeepsItsCauseAndMessage) {
  EXPECT_THAT(Next(MakeRunning(), MakeFailed(kAttempt, 2, false), TestTime()),
              IsOkAndHolds(Columns().at("Failed")));
  const auto expired = Next(MakeRunning(), LeaseExpired{2}, kDeadline);
  ASSERT_THAT(expired, IsOk());
  EXPECT_THAT(StateReason(*expired),
              testing::AllOf(HasSubstr("LEASE_EXPIRED"), HasSubstr("host:1/0"),
                             HasSubstr("2 of 2")));
}

TEST(TrialMachineTest, CancellingKeepsTheReasonOfTheFirst) {
  EXPECT_THAT(
      Next(Waiting{}, CancelRequested{"by hand"}, TestTime()),
      IsOkAndHolds(TrialState(Cancelled{.attempt = 0, .reason = "by hand"})));
  EXPECT_THAT(
      Next(Columns().at("Cancelled"), CancelRequested{"other"}, TestTime()),
      IsOkAndHolds(Columns().at("Cancelled")));
}

TEST(TrialMachineTest, ARefusalSaysWhoRunsTheTrial) {
  EXPECT_THAT(
      Next(MakeRunning(), LeaseRenewed{1, kRenewed}, TestTime()),
      StatusIs(absl::StatusCode::kFailedPrecondition,
               std::string("the lease of attempt 1 has ended; attempt 2 runs "
                           "on host:1/0")));
}

TEST(TrialMachineDeathTest, AnAttemptCannotCompleteWithoutObjectives) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  EXPECT_DEATH(static_cast<void>(Next(
                   MakeRunning(), AttemptCompleted{kAttempt, {}}, TestTime())),
               "objectives");
}

// Advances through all of `events`, a second apart.
Trial AdvanceAll(Trial trial, const std::vector<TrialEvent>& events) {
  absl::Time now = TestTime();
  for (const TrialEvent& event : events) {
    now += absl::Seconds(1);
    const absl::StatusOr<Trial> next = Advance(trial, event, now);
    EXPECT_THAT(next, IsOk()) << EventName(event);
    if (!next.ok()) break;
    trial = *next;
  }
  return trial;
}

absl::Time Second(int second) { return TestTime() + absl::Seconds(second); }

TEST(AdvanceTest, RecordsEveryAttempt) {
  const Trial trial =
      AdvanceAll(MakeTrial(7),
                 {LeaseGranted{{"a"}, Second(2)}, LeaseExpired{3},
                  LeaseGranted{{"b"}, kDeadline}, LeaseReleased{2},
                  LeaseGranted{{"c"}, kDeadline}, MakeFailed(3, 3, false),
                  LeaseGranted{{"d"}, kDeadline}, AttemptCompleted{4, {0.5}}});
  EXPECT_THAT(
      trial.attempts,
      ElementsAre(Attempt{1, {"a"}, Second(1), Second(2), "LEASE_EXPIRED"},
                  Attempt{2, {"b"}, Second(3), Second(4), "RELEASED"},
                  Attempt{3, {"c"}, Second(5), Second(6), "WORKER_ERROR"},
                  Attempt{4, {"d"}, Second(7), Second(8), "COMPLETED"}));
  EXPECT_EQ(trial.start_time, Second(1));
  EXPECT_EQ(trial.end_time, Second(8));
  EXPECT_EQ(trial.revision, 1 + 8);
}

TEST(AdvanceTest, ARunningTrialHasAnOpenAttempt) {
  const Trial trial =
      AdvanceAll(MakeTrial(7), {LeaseGranted{{"a"}, kDeadline}});
  EXPECT_THAT(trial.attempts,
              ElementsAre(Attempt{1, {"a"}, Second(1), std::nullopt, ""}));
  EXPECT_EQ(trial.start_time, Second(1));
  EXPECT_EQ(trial.end_time, std::nullopt);
}

struct OutcomeCase {
  std::string name;
  std::vector<TrialEvent> events;
  std::string outcome;
};

class AdvanceOutcomeTest : public testing::TestWithParam<OutcomeCase> {};

TEST_P(AdvanceOutcomeTest, RecordsHowTheAttemptEnded) {
  std::vector<TrialEvent> events = {LeaseGranted{{"a"}, Second(2)}};
  events.insert(events.end(), GetParam().events.begin(),
                GetParam().events.end());
  const Trial trial = AdvanceAll(MakeTrial(7), events);
  ASSERT_THAT(trial.attempts, SizeIs(1));
  EXPECT_EQ(trial.attempts[0].outcome, GetParam().outcome);
  EXPECT_EQ(trial.attempts[0].end_time,
            Second(static_cast<int>(events.size())));
  EXPECT_EQ(trial.end_time.has_value(), IsFinished(trial.state));
}

INSTANTIATE_TEST_SUITE_P(
    All, AdvanceOutcomeTest,
    testing::Values(
        OutcomeCase{
            "Stopped", {StopRequested{"slow"}, AttemptStopped{1}}, "PRUNED"},
        OutcomeCase{"Diverged", {AttemptDiverged{1, "inf"}}, "INFEASIBLE"},
        OutcomeCase{"Cancelled", {CancelRequested{"by hand"}}, "CANCELLED"},
        OutcomeCase{
            "NaN", {AttemptCompleted{1, {kNan}}}, "NON_FINITE_OBJECTIVE"},
        OutcomeCase{"Failed", {MakeFailed(1, 1, false)}, "WORKER_ERROR"},
        OutcomeCase{"Released", {LeaseReleased{1}}, "RELEASED"},
        OutcomeCase{"ReleasedWhileStopping",
                    {StopRequested{"slow"}, LeaseReleased{1}},
                    "RELEASED"},
        OutcomeCase{"ExpiredWhileStopping",
                    {StopRequested{"slow"}, LeaseExpired{1}},
                    "LEASE_EXPIRED"}),
    [](const auto& test) { return test.param.name; });

TEST(AdvanceTest, ACancelledTrialThatNeverRanHasNoAttempt) {
  const Trial trial = AdvanceAll(MakeTrial(7), {CancelRequested{"by hand"}});
  EXPECT_THAT(trial.attempts, IsEmpty());
  EXPECT_EQ(trial.start_time, std::nullopt);
  EXPECT_EQ(trial.end_time, Second(1));
}

TEST(AdvanceTest, ARenewalDoesNotCountAsARevision) {
  const Trial before = MakeTrial(7, MakeRunning());
  ATTUNE_ASSERT_OK_AND_ASSIGN(
      const Trial after,
      Advance(before, LeaseRenewed{kAttempt, kRenewed}, TestTime()));
  Trial expected = before;
  std::get<Running>(expected.state).lease.deadline = kRenewed;
  EXPECT_TRUE(after == expected);
}

TEST(AdvanceTest, ARequestToStopIsARevision) {
  ATTUNE_ASSERT_OK_AND_ASSIGN(
      const Trial trial,
      Advance(MakeTrial(7, MakeRunning()), StopRequested{"slow"}, TestTime()));
  EXPECT_EQ(trial.revision, 2);
}

TEST(AdvanceTest, ARepetitionChangesNothing) {
  const Trial trial = MakeTrial(7, Columns().at("Completed"));
  EXPECT_THAT(Advance(trial, AttemptCompleted{kAttempt, {0.5}}, kRenewed),
              IsOkAndHolds(trial));
}

TEST(AdvanceTest, ARefusalNamesTheTrial) {
  const auto refused = Advance(MakeTrial(7), StopRequested{"slow"}, TestTime());
  EXPECT_THAT(refused, StatusIs(absl::StatusCode::kFailedPrecondition,
                                HasSubstr("trial 7: ")));
  EXPECT_THAT(refused, HasReason(reason::kTrialState));
}

}  // namespace
}  // namespace attune

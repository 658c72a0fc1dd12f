// Cancel() and Retry() of client/commands/commands.h, and Stop() of some
// trials.
#include "client/commands/change_trials.h"

#include <functional>
#include <set>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "client/commands/common.h"
#include "core/status_macros.h"

namespace attune {
namespace {

// What is done to each of the trials.
struct TrialChange {
  absl::string_view done;      // `cancelled`
  absl::string_view expected;  // of a trial that allows it
  std::function<bool(pb::Trial::State)> allows;
  std::function<absl::StatusOr<pb::Trial>(const OpenStudy&, int64_t)> apply;
};

// All are looked at before one is changed, so that a wrong number among them
// does no half of the work.
absl::Status CheckAll(const OpenStudy& open, const std::set<int64_t>& numbers,
                      const TrialChange& change) {
  for (const int64_t number : numbers) {
    ATTUNE_ASSIGN_OR_RETURN(
        const pb::Trial trial,
        open.connection->client().GetTrial(open.name, number));
    if (change.allows(trial.state())) continue;
    return absl::FailedPreconditionError(absl::StrCat(
        "trial ", number, " of `", open.name, "` is ", StateWord(trial.state()),
        ", expected ", change.expected, "; no trial was ", change.done));
  }
  return absl::OkStatus();
}

absl::Status ChangeTrials(const Globals& globals, const TrialOptions& options,
                          const TrialChange& change) {
  ATTUNE_ASSIGN_OR_RETURN(const OpenStudy open,
                          Open(globals, options.study, Use::kChange));
  const std::set<int64_t> numbers(options.trials.begin(), options.trials.end());
  ATTUNE_RETURN_IF_ERROR(CheckAll(open, numbers, change));
  std::vector<pb::Trial> changed;
  absl::Status status;
  for (const int64_t number : numbers) {
    absl::StatusOr<pb::Trial> trial = change.apply(open, number);
    status = trial.status();
    if (!status.ok()) break;  // it has changed since it was looked at
    changed.push_back(*std::move(trial));
  }
  if (!changed.empty()) {
    ATTUNE_RETURN_IF_ERROR(
        Print(ListTrials(changed, open.spec, /*ranked=*/false, absl::Now()),
              globals));
  }
  ATTUNE_RETURN_IF_ERROR(status);
  ATTUNE_ASSIGN_OR_RETURN(const pb::Study now,
                          open.connection->client().GetStudy(open.name));
  if (Count(now, "waiting") > 0) SayHowToRun(open, now, globals);
  return absl::OkStatus();
}

}  // namespace

absl::Status Cancel(const Globals& globals, const TrialOptions& options) {
  const auto allows = [](pb::Trial::State state) {
    return state == pb::Trial::WAITING || state == pb::Trial::RUNNING ||
           state == pb::Trial::CANCELLED;
  };
  const auto apply = [&options](const OpenStudy& open, int64_t number) {
    return open.connection->client().CancelTrial(open.name, number,
                                                 options.reason);
  };
  return ChangeTrials(globals, options,
                      {.done = "cancelled",
                       .expected = "one that waits or runs",
                       .allows = allows,
                       .apply = apply});
}

absl::Status Retry(const Globals& globals, const TrialOptions& options) {
  const auto allows = [](pb::Trial::State state) {
    return state != pb::Trial::WAITING && state != pb::Trial::RUNNING &&
           state != pb::Trial::COMPLETED;
  };
  const auto apply = [](const OpenStudy& open, int64_t number) {
    return open.connection->client().RetryTrial(open.name, number);
  };
  return ChangeTrials(globals, options,
                      {.done = "tried again",
                       .expected = "one that ended without being completed",
                       .allows = allows,
                       .apply = apply});
}

absl::Status StopTrials(const Globals& globals, const TrialOptions& options) {
  const auto allows = [](pb::Trial::State state) {
    return state == pb::Trial::RUNNING;
  };
  const auto apply = [&options](const OpenStudy& open, int64_t number) {
    return open.connection->client().StopTrial(open.name, number,
                                               options.reason);
  };
  return ChangeTrials(globals, options,
                      {.done = "stopped",
                       .expected = "one that runs",
                       .allows = allows,
                       .apply = apply});
}

}  // namespace attune

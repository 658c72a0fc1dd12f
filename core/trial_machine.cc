#include "core/trial_machine.h"

#include <cmath>
#include <cstddef>
#include <optional>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "core/check.h"
#include "core/error.h"
#include "core/overloaded.h"
#include "core/status_macros.h"

namespace attune {
namespace {

using NextState = absl::StatusOr<TrialState>;

absl::Status Refuse(absl::string_view reason, absl::string_view message) {
  return Error(absl::StatusCode::kFailedPrecondition, reason, message);
}

// How the state stands, for a refusal's message.
std::string Describe(const TrialState& state) {
  if (const auto* running = std::get_if<Running>(&state)) {
    return absl::StrCat("attempt ", running->lease.attempt, " runs on ",
                        running->lease.worker.value);
  }
  return absl::StrCat("the trial is ", StateName(state));
}

absl::Status RefuseState(const TrialState& state, const TrialEvent& event) {
  return Refuse(
      IsFinished(state) ? reason::kTrialFinished : reason::kTrialState,
      absl::StrCat(EventName(event), " refused: ", Describe(state)));
}

absl::Status RefuseAttempt(const TrialState& state, int attempt) {
  return Refuse(reason::kLeaseLost,
                absl::StrCat("the lease of attempt ", attempt, " has ended; ",
                             Describe(state)));
}

// The running attempt, if it is `attempt`.
const Running* RunningAttempt(const TrialState& state, int attempt) {
  const auto* running = std::get_if<Running>(&state);
  return running != nullptr && running->lease.attempt == attempt ? running
                                                                 : nullptr;
}

// Whether the trial finished by `attempt`'s own words. A cancelled trial and
// one whose last lease expired were taken away from their worker.
bool FinishedBy(const TrialState& state, int attempt) {
  if (!IsFinished(state) || std::holds_alternative<Cancelled>(state)) {
    return false;
  }
  const auto* failed = std::get_if<Failed>(&state);
  if (failed != nullptr && failed->cause == cause::kLeaseExpired) return false;
  return LastAttempt(state) == attempt;
}

// Whether `attempt` ended before without a result, so that the trial waits, or
// would wait had it not been asked to stop. It may say so again.
bool EndedWithoutResult(const TrialState& state, int attempt) {
  return (std::holds_alternative<Waiting>(state) ||
          std::holds_alternative<Pruned>(state)) &&
         attempt >= 1 && LastAttempt(state) == attempt;
}

// Where a trial goes whose attempt ended without a result, with `lost` attempts
// lost by now. One that was asked to stop need not run again.
TrialState WithoutResult(const Running& running, int lost) {
  if (running.stop_requested.has_value()) {
    return Pruned{.attempt = running.lease.attempt,
                  .reason = *running.stop_requested};
  }
  return Waiting{.attempt = running.lease.attempt, .lost = lost};
}

// The answer to a worker that ends its attempt with `result`: right for the
// running attempt, and for the one that said just this before.
NextState Finish(const TrialState& state, const TrialEvent& event, int attempt,
                 TrialState result) {
  if (RunningAttempt(state, attempt) != nullptr) return result;
  if (!FinishedBy(state, attempt)) return RefuseAttempt(state, attempt);
  if (state == result) return state;
  return RefuseState(state, event);
}

NextState OnGranted(const TrialState& state, const LeaseGranted& event) {
  const auto* waiting = std::get_if<Waiting>(&state);
  if (waiting == nullptr) return RefuseState(state, event);
  return Running{.lease = {.worker = event.worker,
                           .attempt = waiting->attempt + 1,
                           .deadline = event.deadline},
                 .lost = waiting->lost,
                 .stop_requested = std::nullopt};
}

NextState OnRenewed(const TrialState& state, const LeaseRenewed& event) {
  const Running* running = RunningAttempt(state, event.attempt);
  if (running == nullptr) return RefuseAttempt(state, event.attempt);
  Running next = *running;
  if (next.lease.deadline != absl::InfiniteFuture()) {
    next.lease.deadline = event.deadline;
  }
  return next;
}

NextState OnReleased(const TrialState& state, const LeaseReleased& event) {
  if (const Running* running = RunningAttempt(state, event.attempt)) {
    return WithoutResult(*running, running->lost);
  }
  if (EndedWithoutResult(state, event.attempt)) return state;
  if (FinishedBy(state, event.attempt)) return RefuseState(state, event);
  return RefuseAttempt(state, event.attempt);
}

NextState OnExpired(const TrialState& state, const LeaseExpired& event,
                    absl::Time now) {
  const auto* running = std::get_if<Running>(&state);
  if (running == nullptr) return RefuseState(state, event);
  const Lease& lease = running->lease;
  if (now < lease.deadline) {
    return Refuse(
        reason::kTrialState,
        absl::StrCat("the lease of attempt ", lease.attempt, " on ",
                     lease.worker.value, " has ",
                     absl::FormatDuration(lease.deadline - now), " left"));
  }
  const int lost = running->lost + 1;
  if (running->stop_requested.has_value() || lost < event.max_attempts) {
    return WithoutResult(*running, lost);
  }
  return Failed{.attempt = lease.attempt,
                .cause = std::string(cause::kLeaseExpired),
                .message = absl::StrCat(
                    "nothing was heard of ", lease.worker.value, " in time; ",
                    lost, " of ", event.max_attempts, " attempts are lost")};
}

NextState OnStopRequested(const TrialState& state, const StopRequested& event) {
  const auto* running = std::get_if<Running>(&state);
  if (running == nullptr) return RefuseState(state, event);
  Running next = *running;
  if (!next.stop_requested.has_value()) next.stop_requested = event.reason;
  return next;
}

NextState OnCompleted(const TrialState& state, const AttemptCompleted& event) {
  ATTUNE_CHECK(!event.objectives.empty());
  for (size_t i = 0; i < event.objectives.size(); ++i) {
    if (!std::isnan(event.objectives[i])) continue;
    return Finish(
        state, event, event.attempt,
        Failed{.attempt = event.attempt,
               .cause = std::string(cause::kNonFiniteObjective),
               .message = absl::StrCat("objective ", i + 1, " of ",
                                       event.objectives.size(), " is NaN")});
  }
  return Finish(
      state, event, event.attempt,
      Completed{.attempt = event.attempt, .objectives = event.objectives});
}

NextState OnStopped(const TrialState& state, const AttemptStopped& event) {
  if (const Running* running = RunningAttempt(state, event.attempt)) {
    if (!running->stop_requested.has_value()) {
      return Refuse(reason::kTrialState,
                    absl::StrCat("attempt ", event.attempt,
                                 " says it was stopped; nobody asked it to"));
    }
    return Pruned{.attempt = event.attempt, .reason = *running->stop_requested};
  }
  if (std::holds_alternative<Pruned>(state) &&
      LastAttempt(state) == event.attempt) {
    return state;
  }
  if (FinishedBy(state, event.attempt)) return RefuseState(state, event);
  return RefuseAttempt(state, event.attempt);
}

NextState OnDiverged(const TrialState& state, const AttemptDiverged& event) {
  return Finish(state, event, event.attempt,
                Infeasible{.attempt = event.attempt, .reason = event.reason});
}

NextState OnFailed(const TrialState& state, const AttemptFailed& event) {
  if (!event.permanent) {
    if (const Running* running = RunningAttempt(state, event.attempt)) {
      const int lost = running->lost + 1;
      if (running->stop_requested.has_value() || lost < event.max_attempts) {
        return WithoutResult(*running, lost);
      }
    }
    if (EndedWithoutResult(state, event.attempt)) return state;
  }
  return Finish(state, event, event.attempt,
                Failed{.attempt = event.attempt,
                       .cause = event.cause,
                       .message = event.message});
}

NextState OnCancel(const TrialState& state, const CancelRequested& event) {
  if (std::holds_alternative<Cancelled>(state)) return state;
  if (IsFinished(state)) return RefuseState(state, event);
  return Cancelled{.attempt = LastAttempt(state), .reason = event.reason};
}

// Attempt::outcome of the attempt that `event` ended.
std::string AttemptOutcome(const TrialEvent& event, const TrialState& next) {
  return std::visit(
      Overloaded{
          [](const LeaseReleased&) -> std::string { return "RELEASED"; },
          [](const LeaseExpired&) { return std::string(cause::kLeaseExpired); },
          [&next](const AttemptCompleted&) -> std::string {
            const auto* failed = std::get_if<Failed>(&next);
            return failed == nullptr ? "COMPLETED" : failed->cause;
          },
          [](const AttemptStopped&) -> std::string { return "PRUNED"; },
          [](const AttemptDiverged&) -> std::string { return "INFEASIBLE"; },
          [](const AttemptFailed& failed) { return failed.cause; },
          [](const CancelRequested&) -> std::string { return "CANCELLED"; },
          [](const auto&) -> std::string {
            ATTUNE_CHECK(false && "the event does not end an attempt");
            return "";
          }},
      event);
}

}  // namespace

absl::StatusOr<TrialState> Next(const TrialState& state,
                                const TrialEvent& event, absl::Time now) {
  return std::visit(
      Overloaded{
          [&](const LeaseGranted& e) { return OnGranted(state, e); },
          [&](const LeaseRenewed& e) { return OnRenewed(state, e); },
          [&](const LeaseReleased& e) { return OnReleased(state, e); },
          [&](const LeaseExpired& e) { return OnExpired(state, e, now); },
          [&](const StopRequested& e) { return OnStopRequested(state, e); },
          [&](const AttemptCompleted& e) { return OnCompleted(state, e); },
          [&](const AttemptStopped& e) { return OnStopped(state, e); },
          [&](const AttemptDiverged& e) { return OnDiverged(state, e); },
          [&](const AttemptFailed& e) { return OnFailed(state, e); },
          [&](const CancelRequested& e) { return OnCancel(state, e); }},
      event);
}

absl::StatusOr<Trial> Advance(const Trial& trial, const TrialEvent& event,
                              absl::Time now) {
  absl::StatusOr<TrialState> state = Next(trial.state, event, now);
  if (!state.ok()) {
    return Refuse(Reason(state.status()),
                  absl::StrCat("trial ", trial.id.number, ": ",
                               state.status().message()));
  }
  Trial next = trial;
  if (*state == trial.state) return next;
  next.state = *std::move(state);
  if (std::holds_alternative<LeaseRenewed>(event)) return next;
  ++next.revision;

  const auto* before = std::get_if<Running>(&trial.state);
  const auto* after = std::get_if<Running>(&next.state);
  if (before == nullptr && after != nullptr) {
    next.attempts.push_back(
        {.number = after->lease.attempt,
         .worker = after->lease.worker,
         .start_time = now,
         .end_time = std::nullopt,
         .outcome = "",
         .request_id = std::get<LeaseGranted>(event).request_id});
    if (!next.start_time.has_value()) next.start_time = now;
  }
  if (before != nullptr && after == nullptr) {
    ATTUNE_CHECK(!next.attempts.empty());
    Attempt& attempt = next.attempts.back();
    ATTUNE_CHECK(attempt.number == before->lease.attempt);
    attempt.end_time = now;
    attempt.outcome = AttemptOutcome(event, next.state);
  }
  if (IsFinished(next.state)) next.end_time = now;
  return next;
}

absl::string_view EventName(const TrialEvent& event) {
  constexpr absl::string_view kNames[] = {
      "LeaseGranted",  "LeaseRenewed",     "LeaseReleased",  "LeaseExpired",
      "StopRequested", "AttemptCompleted", "AttemptStopped", "AttemptDiverged",
      "AttemptFailed", "CancelRequested",
  };
  static_assert(std::size(kNames) == std::variant_size_v<TrialEvent>);
  return kNames[event.index()];
}

}  // namespace attune

#include "worker/slot.h"

#include <algorithm>
#include <cstdint>
#include <string>
#include <utility>
#include <variant>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "core/log.h"

namespace attune {
namespace {

void LogTrial(LogLevel level, absl::string_view event, const Assignment& trial,
              const LogField& more) {
  Log(level, event,
      {{"study", trial.study},
       {"trial", absl::StrCat(trial.token.trial.number)},
       {"attempt", absl::StrCat(trial.token.attempt)},
       {"worker", trial.worker.value},
       more});
}

void LogEnd(const TrialSession& session) {
  const Assignment& trial = session.assignment();
  switch (*session.end()) {
    case SessionEnd::kDelivered: {
      const Outcome& outcome = *session.outcome();
      if (const auto* broken = std::get_if<Broken>(&outcome)) {
        LogTrial(LogLevel::kError, "trial_broken", trial,
                 {"error", broken->message});
      } else {
        LogTrial(LogLevel::kInfo, "trial_ended", trial,
                 {"outcome", std::string(OutcomeName(outcome))});
      }
      break;
    }
    case SessionEnd::kHandedBack:
      LogTrial(LogLevel::kInfo, "trial_handed_back", trial,
               {"outcome", "none"});
      break;
    case SessionEnd::kDropped:
      LogTrial(LogLevel::kWarning, "trial_dropped", trial,
               {"error", session.drop_reason().ToString()});
      break;
  }
}

}  // namespace

Slot::Slot(const SlotOptions& options, const SessionContext& context,
           LeaseKeeper* keeper, Rng rng)
    : options_(options),
      context_(context),
      keeper_(keeper),
      rng_(rng),
      backoff_(options.session.retry, rng.Split("lease")) {}

void Slot::Drain() {
  Mode work = Mode::kWork;  // never goes back from kHandBack
  wanted_.compare_exchange_strong(work, Mode::kDrain);
}

void Slot::HandBack() {
  wanted_ = Mode::kHandBack;
  const MutexLock lock(&mutex_);
  stop_.request_stop();
}

absl::Time Slot::Step() {
  if (done_) return absl::InfiniteFuture();
  const Mode wanted = wanted_;
  if (wanted != mode_) Enter(wanted);
  if (session_.has_value()) return StepSession();
  if (mode_ == Mode::kWork) return LeaseTrial(options_.lease_wait);
  return Leave();
}

void Slot::Enter(Mode mode) {
  mode_ = mode;
  mode_time_ = context_.clock->Now();
  if (mode == Mode::kHandBack && session_.has_value()) session_->HandBack();
}

absl::Time Slot::LeaseTrial(absl::Duration wait) {
  const absl::Time asked = context_.clock->Now();
  absl::StatusOr<LeaseReply> reply =
      context_.coordinator->LeaseTrials({.workers = {options_.worker},
                                         .study = options_.study,
                                         .with_task = options_.with_task,
                                         .wait = wait});
  if (!reply.ok()) return NoTrial(reply.status());
  unsure_ = false;
  last_refusal_ = absl::OkStatus();
  backoff_.Reset();
  for (Assignment& assignment : reply->assignments) {
    if (assignment.worker != options_.worker) continue;
    Begin(std::move(assignment));
    return context_.clock->Now();
  }
  if (reply->exhausted && options_.exit_when_done) {
    return Done(absl::OkStatus());
  }
  return asked + options_.idle_pause;
}

absl::Time Slot::NoTrial(const absl::Status& status) {
  if (IsRetryable(status)) {
    unsure_ = true;
    return context_.clock->Now() + backoff_.Next();
  }
  if (options_.exit_when_done && absl::IsNotFound(status)) {
    return Done(status);  // without its study it would never be done
  }
  // A study that is created later, a coordinator that is replaced: it may
  // change. One line says what is wrong, until something else is.
  if (status != last_refusal_) {
    last_refusal_ = status;
    Log(LogLevel::kWarning, "lease_refused",
        {{"worker", options_.worker.value}, {"error", status.ToString()}});
  }
  return context_.clock->Now() + options_.session.retry.max;
}

void Slot::Begin(Assignment assignment) {
  LogTrial(LogLevel::kInfo, "trial_started", assignment,
           {"parameters", ToString(assignment.parameters)});
  const LeaseToken token = assignment.token;
  std::stop_source stop;
  {
    const MutexLock lock(&mutex_);
    stop_ = stop;
  }
  keeper_->Hold(token, assignment.lease_duration, stop);
  session_.emplace(std::move(assignment), options_.session, context_,
                   rng_.Split(static_cast<uint64_t>(token.trial.number))
                       .Split(static_cast<uint64_t>(token.attempt)));
  // A trial that came while it was told to leave is nobody's loss yet.
  if (mode_ != Mode::kWork || wanted_ != Mode::kWork) session_->HandBack();
}

void Slot::HeedRenewals() {
  switch (keeper_->LastVerdict(session_->assignment().token)) {
    case Verdict::kContinue:
      break;
    case Verdict::kStop:
      session_->StopEarly();
      break;
    case Verdict::kLeaseLost:
      session_->LoseLease();
      break;
  }
}

absl::Time Slot::StepSession() {
  HeedRenewals();
  absl::Time next = context_.clock->Now();
  if (!session_->end().has_value()) {
    std::stop_token stop;
    {
      const MutexLock lock(&mutex_);
      stop = stop_.get_token();
    }
    next = session_->Step(stop);
  }
  if (session_->end().has_value()) {
    // Who is refused for what it says gets the same trial again at once, and
    // will be refused again.
    const bool refused = *session_->end() == SessionEnd::kDropped &&
                         absl::IsInvalidArgument(session_->drop_reason());
    EndSession();
    return context_.clock->Now() +
           (refused ? options_.session.retry.max : absl::ZeroDuration());
  }
  const absl::Time give_up = GiveUpTime();
  if (context_.clock->Now() < give_up) return std::min(next, give_up);
  const std::string undelivered = session_->Undelivered();
  keeper_->Drop(session_->assignment().token);
  session_.reset();
  Log(LogLevel::kError, "not_delivered", {{"what", undelivered}});
  return Done(absl::UnavailableError(absl::StrCat(
      "the coordinator could not be reached; not delivered: ", undelivered)));
}

void Slot::EndSession() {
  LogEnd(*session_);
  keeper_->Drop(session_->assignment().token);
  session_.reset();
}

absl::Time Slot::GiveUpTime() const {
  const std::optional<absl::Time> away = session_->away_since();
  const std::optional<absl::Time> waiting = session_->waiting_since();
  if (mode_ == Mode::kWork || !away.has_value() || !waiting.has_value()) {
    return absl::InfiniteFuture();
  }
  const absl::Duration patience = mode_ == Mode::kDrain
                                      ? options_.drain_patience
                                      : options_.hand_back_patience;
  return std::max({*away, mode_time_, *waiting}) + patience;
}

absl::Time Slot::Leave() {
  if (!unsure_) return Done(absl::OkStatus());
  // A call for a trial that was cut off may have got one. Asking again, without
  // waiting, says which, and Begin() hands it back. If this finds nobody, the
  // lease ends by itself.
  unsure_ = false;
  const absl::Time next = LeaseTrial(absl::ZeroDuration());
  unsure_ = false;
  return session_.has_value() || done_ ? next : Done(absl::OkStatus());
}

absl::Time Slot::Done(const absl::Status& result) {
  done_ = true;
  result_ = result;
  return absl::InfiniteFuture();
}

}  // namespace attune

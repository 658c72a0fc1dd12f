#include "worker/trial_session.h"

#include <algorithm>
#include <utility>
#include <variant>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/types/span.h"
#include "core/check.h"
#include "core/log.h"
#include "core/overloaded.h"
#include "worker/within_memory.h"

namespace attune {

absl::string_view OutcomeName(const Outcome& outcome) {
  return std::visit(
      Overloaded{[](const Finished&) { return absl::string_view("finished"); },
                 [](const Stopped&) { return absl::string_view("stopped"); },
                 [](const Diverged&) { return absl::string_view("diverged"); },
                 [](const Broken&) { return absl::string_view("broken"); }},
      outcome);
}

TrialSession::TrialSession(Assignment assignment, const SessionOptions& options,
                           const SessionContext& context, Rng rng)
    : assignment_(std::move(assignment)),
      options_(options),
      context_(context),
      backoff_(options.retry, rng) {
  ATTUNE_CHECK(options.max_per_call >= 1);
  ATTUNE_CHECK(options.max_pending >= options.max_per_call);
}

absl::Time TrialSession::Step(const std::stop_token& stop) {
  ATTUNE_CHECK(!end_.has_value());
  if (outcome_.has_value()) return Finish();
  if (hand_back_) return Release();
  if (stop_early_) {
    End(Stopped{});
    return Finish();
  }
  if (IsFull() && !Report(0)) {
    return end_.has_value() ? context_.clock->Now() : retry_time_;
  }
  Train(stop);
  if (outcome_.has_value()) return Finish();
  Report(0);
  return context_.clock->Now();
}

void TrialSession::StopEarly() { stop_early_ = true; }

void TrialSession::LoseLease() {
  if (outcome_.has_value() || end_.has_value()) return;
  Drop(absl::FailedPreconditionError("a renewal found the lease lost"));
}

void TrialSession::HandBack() {
  hand_back_ = true;
  waiting_since_ = context_.clock->Now();
  // Whatever is done next is worth a try at once.
  retry_time_ = absl::InfinitePast();
}

std::optional<absl::Time> TrialSession::waiting_since() const {
  if (!outcome_.has_value() && !hand_back_ && !IsFull()) return std::nullopt;
  return waiting_since_;
}

std::string TrialSession::Undelivered() const {
  std::string text = absl::StrCat("trial ", assignment_.token.trial.number,
                                  " of study ", assignment_.study, ", attempt ",
                                  assignment_.token.attempt, ": ");
  if (!outcome_.has_value() && hand_back_) {
    return absl::StrCat(text, "it could not be handed back");
  }
  if (outcome_.has_value()) {
    absl::StrAppend(&text, "its end (", OutcomeName(*outcome_), ") and ");
  }
  return absl::StrCat(text, pending_.size(), " measurements");
}

void TrialSession::End(Outcome outcome) {
  outcome_ = std::move(outcome);
  waiting_since_ = context_.clock->Now();
}

void TrialSession::Start() {
  absl::StatusOr<std::unique_ptr<TrialRun>> run = WithinMemory(
      "the trial", [this] { return context_.runner->Start(assignment_); });
  if (run.ok()) {
    run_ = *std::move(run);
  } else {
    End(Broken{absl::StrCat("the trial could not be started: ",
                            run.status().message())});
  }
}

void TrialSession::Train(const std::stop_token& stop) {
  if (run_ == nullptr) Start();
  if (outcome_.has_value()) return;
  absl::StatusOr<std::variant<Measurement, Outcome>> news =
      WithinMemory("the trial", [&] { return run_->Advance(stop); });
  if (!news.ok()) {
    // Whoever asked it to stop says next what becomes of the trial.
    if (absl::IsCancelled(news.status()) && stop.stop_requested()) return;
    End(Broken{std::string(news.status().message())});
    run_.reset();  // other slots may need its memory
  } else if (auto* measurement = std::get_if<Measurement>(&*news)) {
    pending_.push_back(std::move(*measurement));
    waiting_since_ = context_.clock->Now();
  } else {
    End(std::get<Outcome>(*std::move(news)));
  }
}

bool TrialSession::Report(size_t keep) {
  while (pending_.size() > keep) {
    if (context_.clock->Now() < retry_time_) return false;
    const size_t count = std::min(pending_.size(), options_.max_per_call);
    const absl::StatusOr<Verdict> verdict =
        context_.coordinator->ReportMeasurements(
            assignment_.token, absl::MakeConstSpan(pending_).first(count));
    if (!Answered(verdict.status())) return false;
    if (!verdict.ok()) {
      Refused(verdict.status(), "ReportMeasurements");
      return false;
    }
    pending_.erase(pending_.begin(),
                   pending_.begin() + static_cast<ptrdiff_t>(count));
    if (*verdict == Verdict::kStop) stop_early_ = true;
    if (*verdict == Verdict::kLeaseLost) {
      Drop(absl::FailedPreconditionError("a report found the lease lost"));
      return false;
    }
  }
  return true;
}

absl::Time TrialSession::Finish() {
  if (context_.clock->Now() < retry_time_) return retry_time_;
  // What the last call takes along is stored in one transaction with the end.
  if (!Report(options_.max_per_call)) {
    return std::max(context_.clock->Now(), retry_time_);
  }
  const absl::Status status =
      context_.coordinator->FinishTrial(assignment_.token, pending_, *outcome_);
  if (!Answered(status)) return retry_time_;
  if (status.ok()) {
    // What is broken may get another attempt.
    EndSession(SessionEnd::kDelivered,
               !std::holds_alternative<Broken>(*outcome_) ||
                   assignment_.last_attempt || stop_early_);
  } else {
    Refused(status, "FinishTrial");
  }
  return context_.clock->Now();
}

absl::Time TrialSession::Release() {
  run_.reset();
  if (context_.clock->Now() < retry_time_) return retry_time_;
  const absl::Status status =
      context_.coordinator->ReleaseTrial(assignment_.token);
  if (!Answered(status)) return retry_time_;
  if (status.ok()) {
    // What was asked to stop does not run again.
    EndSession(SessionEnd::kHandedBack, stop_early_);
  } else {
    Drop(status);
  }
  return context_.clock->Now();
}

bool TrialSession::Answered(const absl::Status& status) {
  if (!IsRetryable(status)) {
    backoff_.Reset();
    retry_time_ = absl::InfinitePast();
    away_since_.reset();
    return true;
  }
  const absl::Time now = context_.clock->Now();
  retry_time_ = now + backoff_.Next();
  if (!away_since_.has_value()) away_since_ = now;
  return false;
}

void TrialSession::Refused(const absl::Status& status, absl::string_view call) {
  const bool gone =
      absl::IsFailedPrecondition(status) || absl::IsNotFound(status);
  const bool given_up =
      outcome_.has_value() && std::holds_alternative<Broken>(*outcome_);
  if (gone || (given_up && pending_.empty())) {
    Drop(status);
    return;
  }
  // The call is wrong and will stay so: the attempt has failed, and says why
  // without the measurements, which may be what is wrong.
  Log(LogLevel::kError, "report_refused",
      {{"study", assignment_.study},
       {"trial", absl::StrCat(assignment_.token.trial.number)},
       {"call", std::string(call)},
       {"dropped_measurements", absl::StrCat(pending_.size())},
       {"error", status.ToString()}});
  pending_.clear();
  if (!given_up) {
    End(Broken{absl::StrCat("the coordinator refused ", call, ": ",
                            status.ToString())});
  }
}

void TrialSession::Drop(const absl::Status& reason) {
  drop_reason_ = reason;
  EndSession(SessionEnd::kDropped, assignment_.last_attempt);
}

void TrialSession::EndSession(SessionEnd end, bool is_over) {
  end_ = end;
  run_.reset();
  pending_.clear();
  if (is_over) context_.runner->Discard(assignment_);
}

}  // namespace attune

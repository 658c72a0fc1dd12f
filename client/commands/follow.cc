#include "client/commands/follow.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "client/report.h"
#include "core/database_lock.h"
#include "core/status_macros.h"

namespace attune {
namespace {

// Not the coordinator's answer, but none.
bool IsAway(const absl::Status& status) {
  return status.code() == absl::StatusCode::kUnavailable ||
         status.code() == absl::StatusCode::kDeadlineExceeded;
}

}  // namespace

Follower::Follower(StudyClient* client, const std::string& study,
                   const StudySpec& spec, const SignalWaiter* signals,
                   const Globals& globals)
    : connection_(globals.connection),
      signals_(signals),
      reader_(client, study),
      view_(globals.color),
      spec_(spec) {}

absl::Status Follower::WaitForCoordinator(const absl::Status& status) {
  // It may be starting again, but elsewhere than on a Unix socket that one
  // command made for itself.
  constexpr absl::Duration kPatience = absl::Seconds(10);
  const absl::Time now = absl::Now();
  if (!away_since_.has_value()) {
    away_since_ = now;
    view_.Say(absl::StrCat(status.message(), "; waiting for it to come back"));
  }
  if (!connection_.server.empty() || now - *away_since_ < kPatience) {
    return absl::OkStatus();
  }
  ATTUNE_ASSIGN_OR_RETURN(const std::optional<DatabaseHolder> holder,
                          ReadDatabaseLock(connection_.database));
  if (holder.has_value()) return absl::OkStatus();
  return absl::UnavailableError(absl::StrCat(
      "the coordinator that served ", connection_.database, " has ended"));
}

absl::Status Follower::Look() {
  absl::StatusOr<Progress> progress = reader_.Look();
  if (IsAway(progress.status())) return WaitForCoordinator(progress.status());
  ATTUNE_RETURN_IF_ERROR(progress.status());
  if (away_since_.has_value()) view_.Say("the coordinator is back");
  away_since_.reset();
  const absl::Time now = absl::Now();
  speed_.Add(now, CountFinished(progress->study));
  is_over_ = IsOver(*progress);
  const pb::Study& study = progress->study;
  why_paused_ = study.state() == pb::Study::PAUSED ? study.state_reason() : "";
  NotePause(study);
  busy_workers_.clear();
  for (const pb::Trial& trial : progress->running) {
    busy_workers_.push_back(trial.worker());
  }
  View view = {.progress = *std::move(progress),
               .spec = spec_,
               .note = note_,
               .now = now};
  view.time_left = StudyTimeLeft(view.progress.study, speed_, now);
  view_.Show(view);
  return absl::OkStatus();
}

void Follower::NotePause(const pb::Study& study) {
  const bool is_paused = study.state() == pb::Study::PAUSED;
  if (is_paused == is_paused_) return;
  is_paused_ = is_paused;
  if (!is_paused) {
    view_.Say("the study goes on");
  } else if (study.state_reason().empty()) {
    view_.Say(absl::StrCat("the study was paused; attune resume ", spec_.name,
                           " lets it go on"));
  }
}

absl::Status Follower::Follow(
    const std::function<absl::StatusOr<Next>(bool)>& each) {
  constexpr absl::Duration kPause = absl::Milliseconds(200);
  while (true) {
    ATTUNE_RETURN_IF_ERROR(Look());
    ATTUNE_ASSIGN_OR_RETURN(Next next, each(/*signalled=*/false));
    if (next == Next::kGoOn && signals_->WaitFor(kPause)) {
      ATTUNE_ASSIGN_OR_RETURN(next, each(/*signalled=*/true));
    }
    if (next == Next::kLeave) return absl::OkStatus();
  }
}

}  // namespace attune

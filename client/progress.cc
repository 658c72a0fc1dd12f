#include "client/progress.h"

#include <algorithm>
#include <utility>

#include "client/report.h"
#include "core/status_macros.h"

namespace attune {
namespace {

bool IsFinishedState(pb::Trial::State state) {
  return state != pb::Trial::WAITING && state != pb::Trial::RUNNING;
}

int64_t CountAll(const pb::Study& study) {
  int64_t count = 0;
  for (const auto& [state, trials] : study.trial_counts()) count += trials;
  return count;
}

}  // namespace

bool IsOver(const Progress& progress) {
  return progress.study.state() == pb::Study::COMPLETED ||
         (progress.study.state() == pb::Study::STOPPED &&
          progress.running.empty());
}

absl::StatusOr<Progress> ProgressReader::Look() {
  Progress progress;
  ATTUNE_ASSIGN_OR_RETURN(progress.study, client_->GetStudy(study_));
  ATTUNE_ASSIGN_OR_RETURN(
      progress.running,
      client_->ListTrials(study_, {pb::Trial::RUNNING}, /*limit=*/0));
  ATTUNE_RETURN_IF_ERROR(ReadBest(progress));
  if (!has_looked_) {
    ATTUNE_ASSIGN_OR_RETURN(
        const std::vector<pb::Trial> waiting,
        client_->ListTrials(study_, {pb::Trial::WAITING}, /*limit=*/0));
    known_ = CountAll(progress.study);
    for (const auto& trials : {waiting, progress.running}) {
      for (const pb::Trial& trial : trials) {
        open_.insert(trial.number());
        known_ = std::max(known_, trial.number());
      }
    }
    has_looked_ = true;
    return progress;
  }
  ATTUNE_RETURN_IF_ERROR(ReadFinished(progress));
  return progress;
}

absl::Status ProgressReader::ReadBest(Progress& progress) {
  const pb::StudySpec& spec = progress.study.spec();
  const int64_t completed = Count(progress.study, "completed");
  if (completed != completed_) {
    ATTUNE_ASSIGN_OR_RETURN(
        const std::vector<pb::Trial> best,
        client_->ListBestTrials(study_, CountOfBest(HasFront(spec), 1)));
    if (const pb::Trial* first = BestByFirst(best, spec)) best_ = *first;
    front_ = HasFront(spec) ? best.size() : 0;
    completed_ = completed;
  }
  progress.best = best_;
  progress.front = front_;
  return absl::OkStatus();
}

absl::Status ProgressReader::ReadFinished(Progress& progress) {
  const int64_t count = CountAll(progress.study);
  while (known_ < count) open_.insert(++known_);
  for (const pb::Trial& trial : progress.running) {
    for (; known_ < trial.number();) open_.insert(++known_);
  }
  std::set<int64_t> running;
  for (const pb::Trial& trial : progress.running) {
    running.insert(trial.number());
  }
  for (auto number = open_.begin(); number != open_.end();) {
    if (running.count(*number) > 0) {
      ++number;
      continue;
    }
    ATTUNE_ASSIGN_OR_RETURN(pb::Trial trial,
                            client_->GetTrial(study_, *number));
    if (!IsFinishedState(trial.state())) {
      ++number;
      continue;
    }
    progress.finished.push_back(std::move(trial));
    number = open_.erase(number);
  }
  std::stable_sort(progress.finished.begin(), progress.finished.end(),
                   [](const pb::Trial& a, const pb::Trial& b) {
                     return ToTime(a.end_time()) < ToTime(b.end_time());
                   });
  return absl::OkStatus();
}

void TimeLeft::Add(absl::Time now, int64_t finished) {
  // Long enough for an average, short enough to notice another worker.
  constexpr absl::Duration kWindow = absl::Minutes(5);
  constexpr size_t kFewest = 2;
  if (!samples_.empty() && samples_.back().finished == finished) return;
  samples_.push_back({.time = now, .finished = finished});
  while (samples_.size() > kFewest && now - samples_[0].time > kWindow) {
    samples_.pop_front();
  }
}

std::optional<absl::Duration> TimeLeft::Estimate(int64_t total) const {
  if (samples_.empty()) return std::nullopt;
  const int64_t left = total - samples_.back().finished;
  if (left <= 0) return absl::ZeroDuration();
  const int64_t finished = samples_.back().finished - samples_[0].finished;
  if (finished <= 0) return std::nullopt;
  return (samples_.back().time - samples_[0].time) * left / finished;
}

std::optional<absl::Duration> StudyTimeLeft(const pb::Study& study,
                                            const TimeLeft& speed,
                                            absl::Time now) {
  const pb::Budget& budget = study.spec().budget();
  std::optional<absl::Duration> left;
  if (budget.optional_max_trials_case() == pb::Budget::kMaxTrials) {
    left = speed.Estimate(budget.max_trials());
  }
  if (budget.has_max_duration()) {
    const absl::Duration most =
        absl::Seconds(budget.max_duration().seconds()) +
        absl::Nanoseconds(budget.max_duration().nanos());
    const absl::Duration until = std::max(
        absl::ZeroDuration(), ToTime(study.create_time()) + most - now);
    left = left.has_value() ? std::min(*left, until) : until;
  }
  return left;
}

}  // namespace attune

#include "server/booked_study.h"

#include <algorithm>
#include <utility>
#include <variant>

#include "core/check.h"

namespace attune {
namespace {

bool CountsForStopping(const TrialState& state) {
  return std::holds_alternative<Completed>(state) ||
         std::holds_alternative<Pruned>(state);
}

const std::vector<int64_t>& None() {
  static const auto& none = *new std::vector<int64_t>();
  return none;
}

}  // namespace

bool LacksAttempts(const Trial& trial) {
  return trial.attempts.empty() && LastAttempt(trial.state) > 0;
}

BookedStudy::BookedStudy(Study study, Depth depth)
    : study_(std::move(study)), depth_(depth), last_change_(study_.change) {
  const std::optional<Objective> metric = StoppingMetric(study_.spec);
  if (metric.has_value()) curve_metric_ = metric->metric;
}

void BookedStudy::SetStudy(Study study) {
  if (study.spec.budget.max_duration != study_.spec.budget.max_duration) {
    time_over_ = false;
  }
  study_ = std::move(study);
  last_change_ = std::max(last_change_, study_.change);
  failed_ = 0;
}

void BookedStudy::SetChange(int64_t number, int64_t change) {
  trials_[static_cast<size_t>(number - 1)].change = change;
}

const Trial* BookedStudy::FindTrial(int64_t number) const {
  if (number < 1 || number > created()) return nullptr;
  return &trials_[static_cast<size_t>(number - 1)];
}

void BookedStudy::PutTrial(Trial trial) {
  ATTUNE_CHECK(depth_ == Depth::kWhole);
  const int64_t number = trial.id.number;
  ATTUNE_CHECK(number >= 1 && number <= created() + 1);
  const bool is_new = number == created() + 1;
  last_change_ = std::max(last_change_, trial.change);
  const bool was_finished = !is_new && IsFinished(FindTrial(number)->state);
  if (is_new) {
    tried_.insert(FingerprintOf(trial.parameters));
    trials_.push_back(std::move(trial));
    next_suggestion_.reset();
  } else {
    trials_[static_cast<size_t>(number - 1)] = std::move(trial);
  }
  IndexRequests(*FindTrial(number));
  const TrialState& state = FindTrial(number)->state;
  waiting_.erase(number);
  running_.erase(number);
  if (std::holds_alternative<Waiting>(state)) {
    waiting_.insert(number);
  } else if (std::holds_alternative<Running>(state)) {
    running_.insert(number);
  } else if (!was_finished) {
    if (std::holds_alternative<Completed>(state)) ++completed_;
    if (std::holds_alternative<Failed>(state) &&
        FindTrial(number)->end_time >= study_.update_time) {
      ++failed_;
    }
    if (!curve_metric_.empty() && CountsForStopping(state)) {
      finished_curves_.emplace(number, progress(number).curve());
    }
  }
}

void BookedStudy::IndexRequests(const Trial& trial) {
  const auto add = [&trial](const std::string& request_id, ByRequest& index) {
    if (request_id.empty()) return;
    std::vector<int64_t>& numbers = index[request_id];
    const auto place =
        std::lower_bound(numbers.begin(), numbers.end(), trial.id.number);
    if (place != numbers.end() && *place == trial.id.number) return;
    numbers.insert(place, trial.id.number);
  };
  add(trial.request_id, created_by_);
  for (const Attempt& attempt : trial.attempts) {
    add(attempt.request_id, suggested_by_);
  }
}

const std::vector<int64_t>& BookedStudy::CreatedBy(
    absl::string_view request_id) const {
  const auto found = created_by_.find(request_id);
  return found == created_by_.end() ? None() : found->second;
}

const std::vector<int64_t>& BookedStudy::SuggestedBy(
    absl::string_view request_id) const {
  const auto found = suggested_by_.find(request_id);
  return found == suggested_by_.end() ? None() : found->second;
}

void BookedStudy::MoveDeadline(int64_t number, absl::Time deadline) {
  ATTUNE_CHECK(running_.contains(number));
  Trial& trial = trials_[static_cast<size_t>(number - 1)];
  std::get<Running>(trial.state).lease.deadline = deadline;
}

bool BookedStudy::AddMeasurement(int64_t number,
                                 const Measurement& measurement) {
  auto [place, is_new] = progress_.try_emplace(number, curve_metric_);
  return place->second.Add(measurement);
}

const TrialProgress& BookedStudy::progress(int64_t number) const {
  static const auto& none = *new TrialProgress();
  const auto found = progress_.find(number);
  return found == progress_.end() ? none : found->second;
}

void BookedStudy::DropStored(int64_t number) {
  Trial& trial = trials_[static_cast<size_t>(number - 1)];
  ATTUNE_CHECK(IsFinished(trial.state));
  progress_.erase(number);
  // With their memory, which clear() would keep, as would `= {}`.
  trial.attempts = std::vector<Attempt>();
}

StoppingView BookedStudy::stopping_view(int64_t number) const {
  return {.trial = progress(number).curve(),
          .finished = finished_curves_,
          .completed = completed_};
}

bool BookedStudy::FailsTooOften() const {
  const std::optional<int64_t>& most = study_.spec.budget.max_failed;
  if (most.has_value()) return failed_ >= *most;
  return completed_ == 0 && failed_ >= kMostFailedAtFirst;
}

bool BookedStudy::MayCreate() const {
  const std::optional<int64_t>& most = study_.spec.budget.max_trials;
  return !time_over_ && !search_ended_.has_value() &&
         (!most.has_value() || created() < *most);
}

bool BookedStudy::CanHandOut() const {
  const std::optional<int64_t>& most = study_.spec.budget.max_parallel;
  return depth_ == Depth::kWhole && study_.state == StudyState::kActive &&
         !time_over_ &&
         (!waiting_.empty() || (HasSearch(study_.spec) && MayCreate())) &&
         (!most.has_value() || static_cast<int64_t>(running_.size()) < *most);
}

}  // namespace attune

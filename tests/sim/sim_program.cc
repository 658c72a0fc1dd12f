#include "tests/sim/sim_program.h"

#include <algorithm>
#include <utility>
#include <variant>

#include "absl/strings/str_cat.h"

namespace attune {
namespace {

// Nobody answered, so it may be repeated.
bool IsUnanswered(const absl::Status& status) {
  return absl::IsDeadlineExceeded(status) || absl::IsUnavailable(status);
}

}  // namespace

StudySpec OwnStudy(Rng rng) {
  StudySpec spec;
  spec.name = kOwnStudy;
  spec.objectives = {{.metric = "loss", .goal = Goal::kMinimize}};
  if (rng.Below(2) == 0) {
    spec.objectives.push_back({.metric = "size", .goal = Goal::kMaximize});
  }
  if (rng.Below(2) == 0) {
    spec.space.parameters = {{.name = "rate", .domain = DoubleRange{}},
                             {.name = "width", .domain = IntRange{.max = 64}}};
  }
  spec.budget.max_trials = 4 + static_cast<int64_t>(rng.Below(9));
  spec.max_attempts = 1 + static_cast<int>(rng.Below(3));
  spec.seed = rng.Below(1000);
  return spec;
}

SimProgram::SimProgram(const std::vector<StudySpec>& studies,
                       FlakyNetwork* network, const Clock* clock, Rng rng)
    : studies_(studies),
      network_(network),
      clock_(clock),
      rng_(rng),
      next_(clock->Now()) {}

const StudySpec& SimProgram::AnyStudy() {
  return studies_[rng_.Below(studies_.size())];
}

std::string SimProgram::NewId(absl::string_view what) {
  return absl::StrCat(what, "-", ++ids_);
}

Parameters SimProgram::RandomPoint() {
  // Some of them again and again.
  const auto place = static_cast<int64_t>(rng_.Below(8));
  return {{"rate", static_cast<double>(place) / 8.0}, {"width", place}};
}

std::optional<absl::StatusOr<Reply>> SimProgram::Persist(
    const Command& command) {
  absl::StatusOr<Reply> answer = network_->Call(command, link_);
  if (!answer.ok() && IsUnanswered(answer.status())) {
    // Or it is lost with the program.
    if (rng_.Below(8) > 0) unanswered_ = command;
    return std::nullopt;
  }
  return answer;
}

void SimProgram::Forget(const LeaseToken& token) {
  held_.erase(
      std::remove_if(held_.begin(), held_.end(),
                     [&](const Assignment& one) { return one.token == token; }),
      held_.end());
}

void SimProgram::Step(const Storage& storage) {
  next_ = clock_->Now() + absl::Seconds(rng_.Uniform(0.2, calm_ ? 2.0 : 6.0));
  if (unanswered_.has_value()) {
    const Command command = *std::exchange(unanswered_, std::nullopt);
    const auto answer = Persist(command);
    if (!answer.has_value() || !answer->ok()) return;
    if (const auto* lease = std::get_if<LeaseReply>(&**answer)) {
      held_ = lease->assignments;
    }
    return;
  }
  if (calm_) return EndAll(storage);
  Work(storage);
}

void SimProgram::Work(const Storage& storage) {
  switch (rng_.Below(8)) {
    case 0:
      return Create();
    case 1:
    case 2:
      return Ask();
    case 3:
    case 4:
    case 5:
      return Tell();
    case 6:
      if (rng_.Below(4) == 0) held_.clear();  // it is started anew
      return;
    default:
      return Meddle(storage);
  }
}

void SimProgram::Create() {
  CreateTrials create = {
      .study = own().name, .trials = {}, .request_id = NewId("create")};
  const size_t count = 1 + rng_.Below(3);
  for (size_t i = 0; i < count; ++i) {
    create.trials.push_back({.parameters = RandomPoint(), .attributes = {}});
  }
  Persist(create);
}

void SimProgram::Ask() {
  if (asks_.empty() || rng_.Below(3) > 0) {
    asks_.push_back({.study = own().name,
                     .worker = {absl::StrCat("program-", rng_.Below(2))},
                     .count = 1 + static_cast<int64_t>(rng_.Below(2)),
                     .request_id = NewId("ask")});
  } else {
    // An old one once more, whatever has become of its trials.
    std::swap(asks_[rng_.Below(asks_.size())], asks_.back());
  }
  const auto answer = Persist(asks_.back());
  if (!answer.has_value() || !answer->ok()) return;
  const auto& reply = std::get<LeaseReply>(**answer);
  held_.insert(held_.end(), reply.assignments.begin(), reply.assignments.end());
}

void SimProgram::Tell() {
  if (held_.empty()) return;
  TellOf(held_[rng_.Below(held_.size())], rng_.Below(2) == 0);
}

void SimProgram::TellOf(const Assignment& assignment, bool to_the_end) {
  const LeaseToken token = assignment.token;
  Measurement measurement = {.step = ++steps_, .metrics = {}};
  for (const Objective& objective : assignment.objectives) {
    measurement.metrics[objective.metric] =
        static_cast<double>(rng_.Below(6));  // often the same
  }
  absl::StatusOr<Reply> answer;
  if (!to_the_end) {
    answer = network_->Call(ReportMeasurements{token, {measurement}}, link_);
  } else if (!calm_ && rng_.Below(5) == 0) {
    answer = network_->Call(ReleaseTrial{token}, link_);
  } else {
    Outcome outcome = Finished();
    if (rng_.Below(6) == 0) outcome = Broken{"it does not work"};
    answer = network_->Call(FinishTrial{token, {measurement}, outcome}, link_);
  }
  if (to_the_end ? answer.ok() || !IsUnanswered(answer.status())
                 : absl::IsFailedPrecondition(answer.status())) {
    Forget(token);
  }
}

void SimProgram::Meddle(const Storage& storage) {
  switch (rng_.Below(6)) {
    case 0:
      (void)network_->Call(PauseStudy{own().name}, link_);
      return;
    case 1:
    case 2:
      (void)network_->Call(ResumeStudy{own().name}, link_);
      return;
    case 3:
      return Update(storage);
    default:
      return MeddleWithTrial();
  }
}

void SimProgram::MeddleWithTrial() {
  const std::string& study = AnyStudy().name;
  const auto number = 1 + static_cast<int64_t>(rng_.Below(8));
  switch (rng_.Below(4)) {
    case 0:
      Persist(CancelTrial{study, number, ""});
      return;
    case 1:
      Persist(StopTrial{study, number, "not needed"});
      return;
    case 2:
      Persist(RetryTrial{study, number});
      return;
    default: {
      const Attributes attributes = {{"note", absl::StrCat(rng_.Below(5))}};
      Persist(UpdateTrial{study, number, std::nullopt, attributes});
    }
  }
}

void SimProgram::Update(const Storage& storage) {
  const StudySpec& spec = AnyStudy();
  UpdateStudy update;
  update.study = spec.name;
  const auto found = storage.ListStudies({.name = spec.name});
  if (!found.ok() || found->empty()) return;
  if (rng_.Below(2) == 0) update.revision = found->front().revision;
  switch (rng_.Below(4)) {
    case 0:
      update.fields = {StudyField::kAttributes};
      update.attributes = {{"owner", absl::StrCat(rng_.Below(3))}};
      break;
    case 1:
      update.fields = {StudyField::kMaxParallel};
      update.budget.max_parallel = 1 + static_cast<int64_t>(rng_.Below(3));
      break;
    case 2:
      update.fields = {StudyField::kMaxFailed};
      update.budget.max_failed = 1 + static_cast<int64_t>(rng_.Below(3));
      break;
    default:
      if (!spec.budget.max_trials.has_value()) return;
      update.fields = {StudyField::kMaxTrials};
      update.budget.max_trials =
          *spec.budget.max_trials + static_cast<int64_t>(rng_.Below(4));
  }
  Persist(update);
}

// So that its study, and what it meddled with, comes to an end.
void SimProgram::EndAll(const Storage& storage) {
  if (!held_.empty()) return TellOf(held_.front(), /*to_the_end=*/true);
  for (const StudySpec& spec : studies_) {
    const auto found = storage.ListStudies({.name = spec.name});
    if (!found.ok() || found->empty()) continue;
    const Study& study = found->front();
    const auto running = storage.ListTrials(
        {.study = study.id, .states = {"running", "waiting"}});
    if (!running.ok()) return;
    for (const Trial& trial : *running) {
      const auto* lease = std::get_if<Running>(&trial.state);
      const bool forgotten =
          lease != nullptr && lease->lease.deadline == absl::InfiniteFuture();
      if (forgotten) {
        Persist(CancelTrial{spec.name, trial.id.number, "forgotten"});
        return;
      }
    }
    if (spec.name != own().name || HasSearch(spec) || !running->empty() ||
        study.state != StudyState::kActive) {
      continue;
    }
    return Create();
  }
}

}  // namespace attune

#include "tests/sim/told_model.h"

#include <algorithm>
#include <cmath>
#include <variant>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "core/overloaded.h"

namespace attune {
namespace {

const std::vector<Measurement>* MeasurementsOf(const Command& command) {
  if (const auto* report = std::get_if<ReportMeasurements>(&command)) {
    return &report->measurements;
  }
  if (const auto* finish = std::get_if<FinishTrial>(&command)) {
    return &finish->measurements;
  }
  return nullptr;
}

TrialId TrialOf(const Command& command) {
  if (const auto* report = std::get_if<ReportMeasurements>(&command)) {
    return report->token.trial;
  }
  return std::get<FinishTrial>(command).token.trial;
}

// The state in which a trial with these measurements ends as `outcome`, in
// words; empty if it may go on.
std::string EndOf(const Study& study, const ToldModel::Steps& steps,
                  const Outcome& outcome) {
  if (std::holds_alternative<Broken>(outcome)) return "";
  if (std::holds_alternative<Diverged>(outcome)) return "infeasible";
  if (std::holds_alternative<Stopped>(outcome)) return "pruned";
  std::vector<double> objectives;
  for (const Objective& objective : study.spec.objectives) {
    std::optional<double> last;
    for (const auto& [step, measurement] : steps) {
      const auto value = measurement.metrics.find(objective.metric);
      if (value != measurement.metrics.end()) last = value->second;
    }
    // It was never reported, or is no number.
    if (!last.has_value() || !std::isfinite(*last)) return "failed";
    objectives.push_back(*last);
  }
  return absl::StrCat("completed at ", absl::StrJoin(objectives, " "));
}

std::string InWords(const TrialState& state) {
  if (const auto* completed = std::get_if<Completed>(&state)) {
    return absl::StrCat("completed at ",
                        absl::StrJoin(completed->objectives, " "));
  }
  return std::string(StateName(state));
}

}  // namespace

void ToldModel::OnArrival(const Command& command) {
  const std::vector<Measurement>* sent = MeasurementsOf(command);
  if (sent == nullptr) return;
  Told& told = trials_[TrialOf(command)];
  for (const Measurement& measurement : *sent) {
    auto& values = told.sent[measurement.step];
    if (std::find(values.begin(), values.end(), measurement) == values.end()) {
      values.push_back(measurement);
    }
  }
}

void ToldModel::OnAnswer(const Command& command,
                         const absl::StatusOr<Reply>& answer) {
  if (!answer.ok()) return;
  if (const auto* lease = std::get_if<LeaseReply>(&*answer)) {
    for (const Assignment& assignment : lease->assignments) {
      const LeaseToken& token = assignment.token;
      trials_[token.trial].attempts[token.attempt] = assignment.worker;
    }
  }
  if (const std::vector<Measurement>* sent = MeasurementsOf(command)) {
    Told& told = trials_[TrialOf(command)];
    for (const Measurement& measurement : *sent) {
      told.acknowledged.insert(measurement.step);
    }
  }
  if (const auto* finish = std::get_if<FinishTrial>(&command)) OnEnd(*finish);
}

void ToldModel::OnEnd(const FinishTrial& finish) {
  if (std::holds_alternative<Broken>(finish.outcome)) return;
  auto& end = trials_[finish.token.trial].end;
  if (!end.has_value()) end = {finish.token.attempt, finish.outcome};
}

std::set<int64_t> ToldModel::NumbersOf(StudyId study) const {
  std::set<int64_t> numbers;
  for (auto at = trials_.lower_bound({.study = study, .number = 0});
       at != trials_.end() && at->first.study == study; ++at) {
    if (!at->second.attempts.empty()) numbers.insert(at->first.number);
  }
  return numbers;
}

std::optional<std::string> ToldModel::Compare(const Study& study,
                                              const Trial& trial,
                                              const Steps& stored) const {
  const auto found = trials_.find(trial.id);
  const Told told = found == trials_.end() ? Told() : found->second;
  for (const int64_t step : told.acknowledged) {
    if (!stored.contains(step)) {
      return absl::StrCat("step ", step, " was acknowledged and is not stored");
    }
  }
  for (const auto& [step, measurement] : stored) {
    const auto sent = told.sent.find(step);
    if (sent == told.sent.end() ||
        std::find(sent->second.begin(), sent->second.end(), measurement) ==
            sent->second.end()) {
      return absl::StrCat("step ", step, " is stored as nobody reported it");
    }
  }
  for (const auto& [number, worker] : told.attempts) {
    const auto at = static_cast<size_t>(number) - 1;
    if (at >= trial.attempts.size() || trial.attempts[at].worker != worker) {
      return absl::StrCat("attempt ", number, " was given to ", worker.value,
                          " and the record does not say so");
    }
  }
  if (!told.end.has_value()) return std::nullopt;
  const auto& [attempt, outcome] = *told.end;
  const std::string end = EndOf(study, stored, outcome);
  if (InWords(trial.state) != end || LastAttempt(trial.state) != attempt) {
    return absl::StrCat("attempt ", attempt, " ended it as ", end,
                        ", and it is ", InWords(trial.state), " with attempt ",
                        LastAttempt(trial.state));
  }
  return std::nullopt;
}

}  // namespace attune

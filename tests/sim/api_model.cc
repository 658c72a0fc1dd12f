#include "tests/sim/api_model.h"

#include <algorithm>
#include <variant>

#include "absl/strings/str_cat.h"

namespace attune {
namespace {

// The largest that was asked for; nullopt: once there was no limit.
std::optional<int64_t> Largest(const std::set<std::optional<int64_t>>& asked) {
  if (asked.empty() || asked.contains(std::nullopt)) return std::nullopt;
  return *asked.rbegin();
}

const Trial* Find(const std::vector<Trial>& trials, int64_t number) {
  const auto at = static_cast<size_t>(number) - 1;
  return at < trials.size() ? &trials[at] : nullptr;
}

// The trial that a reply is about, if it is one.
const Trial* OnlyTrial(const absl::StatusOr<Reply>& answer) {
  const auto* reply = std::get_if<TrialsReply>(&*answer);
  return reply != nullptr && reply->trials.size() == 1 ? &reply->trials.front()
                                                       : nullptr;
}

// Whether by one objective the first value is worse than the second, with the
// goal's sign.
bool IsWorse(double a, double b, Goal goal) {
  return goal == Goal::kMinimize ? a > b : a < b;
}

}  // namespace

void ApiModel::OnArrival(const Command& command) {
  if (const auto* create = std::get_if<CreateStudy>(&command)) {
    Asked& asked = studies_[create->spec.name];
    asked.max_trials.insert(create->spec.budget.max_trials);
    asked.max_parallel.insert(create->spec.budget.max_parallel);
    asked.max_failed.insert(create->spec.budget.max_failed);
  }
  if (const auto* update = std::get_if<UpdateStudy>(&command)) {
    Asked& asked = studies_[update->study];
    const auto note = [&](StudyField field, const std::optional<int64_t>& value,
                          std::set<std::optional<int64_t>>& values) {
      if (update->fields.contains(field)) values.insert(value);
    };
    const Budget& budget = update->budget;
    note(StudyField::kMaxTrials, budget.max_trials, asked.max_trials);
    note(StudyField::kMaxParallel, budget.max_parallel, asked.max_parallel);
    note(StudyField::kMaxFailed, budget.max_failed, asked.max_failed);
  }
  if (const auto* create = std::get_if<CreateTrials>(&command)) {
    std::vector<Parameters> points;
    for (const PlannedTrial& trial : create->trials) {
      points.push_back(trial.parameters);
    }
    studies_[create->study].created[create->request_id] = points;
  }
  if (const auto* suggest = std::get_if<SuggestTrials>(&command)) {
    studies_[suggest->study].suggested[suggest->request_id] = suggest->count;
  }
}

std::optional<std::string> ApiModel::OnAnswer(
    const Command& command, const absl::StatusOr<Reply>& answer) {
  if (!answer.ok()) return std::nullopt;
  if (const auto* update = std::get_if<UpdateStudy>(&command)) {
    const int64_t revision = std::get<Study>(*answer).revision;
    if (update->revision.has_value() && revision != *update->revision &&
        revision != *update->revision + 1) {
      return absl::StrCat("study ", update->study, " was changed at revision ",
                          revision - 1, ", asked was for ", *update->revision);
    }
  }
  if (const auto* create = std::get_if<CreateTrials>(&command)) {
    studies_[create->study].create_done.insert(create->request_id);
  }
  if (const auto* suggest = std::get_if<SuggestTrials>(&command)) {
    const auto& reply = std::get<LeaseReply>(*answer);
    if (static_cast<int64_t>(reply.assignments.size()) > suggest->count) {
      return absl::StrCat("more trials were suggested than the ",
                          suggest->count, " asked for");
    }
    for (const Assignment& assignment : reply.assignments) {
      const LeaseToken& token = assignment.token;
      studies_[suggest->study].given[{token.trial.number, token.attempt}] =
          suggest->request_id;
    }
  }
  if (const auto* cancel = std::get_if<CancelTrial>(&command)) {
    studies_[cancel->study].cancelled.insert(cancel->number);
  }
  if (const auto* retry = std::get_if<RetryTrial>(&command)) {
    const Trial* trial = OnlyTrial(answer);
    if (trial == nullptr) return "a retry was answered with no trial";
    studies_[retry->study].retries[trial->id.number] = retry->number;
  }
  return std::nullopt;
}

std::optional<std::string> ApiModel::Compare(
    const Study& study, const std::vector<Trial>& trials) const {
  const auto found = studies_.find(study.spec.name);
  if (found == studies_.end()) return "nobody asked for it";
  const Asked& asked = found->second;
  if (auto wrong = CompareBudget(study, asked, trials.size())) return wrong;
  if (auto wrong = CompareCreated(asked, trials)) return wrong;
  if (auto wrong = CompareSuggested(asked, trials)) return wrong;
  return CompareChanged(asked, trials);
}

std::optional<std::string> ApiModel::CompareBudget(const Study& study,
                                                   const Asked& asked,
                                                   size_t created) {
  const std::optional<int64_t> most = Largest(asked.max_trials);
  if (most.has_value() && static_cast<int64_t>(created) > *most) {
    return absl::StrCat("it has ", created, " trials of ", *most);
  }
  const Budget& budget = study.spec.budget;
  if (!asked.max_parallel.contains(budget.max_parallel) ||
      !asked.max_failed.contains(budget.max_failed)) {
    return "it has a budget that nobody asked for";
  }
  return std::nullopt;
}

// Of each request_id all trials or none, once, as they were asked for.
std::optional<std::string> ApiModel::CompareCreated(
    const Asked& asked, const std::vector<Trial>& trials) {
  std::map<std::string, std::vector<Parameters>> stored;
  for (const Trial& trial : trials) {
    if (!trial.request_id.empty()) {
      stored[trial.request_id].push_back(trial.parameters);
    }
  }
  for (const auto& [id, points] : stored) {
    const auto wish = asked.created.find(id);
    if (wish == asked.created.end() || points != wish->second) {
      return absl::StrCat("request ", id, " has ", points.size(),
                          " trials that were not asked for so");
    }
  }
  for (const std::string& id : asked.create_done) {
    if (!stored.contains(id)) {
      return absl::StrCat("the trials of request ", id,
                          " were acknowledged and are not stored");
    }
  }
  return std::nullopt;
}

std::optional<std::string> ApiModel::CompareSuggested(
    const Asked& asked, const std::vector<Trial>& trials) {
  std::map<std::string, std::set<int64_t>> stored;
  for (const Trial& trial : trials) {
    for (const Attempt& attempt : trial.attempts) {
      if (!attempt.request_id.empty()) {
        stored[attempt.request_id].insert(trial.id.number);
      }
    }
  }
  for (const auto& [id, numbers] : stored) {
    const auto wish = asked.suggested.find(id);
    if (wish == asked.suggested.end() ||
        static_cast<int64_t>(numbers.size()) > wish->second) {
      return absl::StrCat("request ", id, " was suggested ", numbers.size(),
                          " trials, which it did not ask for");
    }
  }
  for (const auto& [attempt, id] : asked.given) {
    const Trial* trial = Find(trials, attempt.first);
    const auto at = static_cast<size_t>(attempt.second) - 1;
    if (trial == nullptr || at >= trial->attempts.size() ||
        trial->attempts[at].request_id != id) {
      return absl::StrCat("attempt ", attempt.second, " of trial ",
                          attempt.first, " was suggested to ", id,
                          " and the record does not say so");
    }
  }
  return std::nullopt;
}

std::optional<std::string> ApiModel::CompareChanged(
    const Asked& asked, const std::vector<Trial>& trials) {
  for (const int64_t number : asked.cancelled) {
    const Trial* trial = Find(trials, number);
    if (trial == nullptr || !std::holds_alternative<Cancelled>(trial->state)) {
      return absl::StrCat("trial ", number, " was cancelled, and it is not");
    }
  }
  for (const auto& [number, of] : asked.retries) {
    const Trial* trial = Find(trials, number);
    const Trial* ended = Find(trials, of);
    if (trial == nullptr || ended == nullptr || trial->retry_of != of ||
        trial->parameters != ended->parameters) {
      return absl::StrCat("trial ", number, " is no retry of ", of);
    }
  }
  std::set<int64_t> open;
  for (const Trial& trial : trials) {
    if (!trial.retry_of.has_value() || IsFinished(trial.state)) continue;
    if (!open.insert(*trial.retry_of).second) {
      return absl::StrCat("trial ", *trial.retry_of,
                          " is tried again twice at the same time");
    }
  }
  return std::nullopt;
}

std::set<int64_t> PlainFront(const std::vector<Trial>& trials,
                             const std::vector<Objective>& objectives) {
  std::set<int64_t> front;
  for (const Trial& one : trials) {
    const auto* mine = std::get_if<Completed>(&one.state);
    if (mine == nullptr) continue;
    bool is_beaten = false;
    for (const Trial& other : trials) {
      const auto* its = std::get_if<Completed>(&other.state);
      if (its == nullptr) continue;
      bool is_better = false;
      bool is_worse = false;
      for (size_t i = 0; i < objectives.size(); ++i) {
        const double a = its->objectives[i];
        const double b = mine->objectives[i];
        is_better |= IsWorse(b, a, objectives[i].goal);
        is_worse |= IsWorse(a, b, objectives[i].goal);
      }
      is_beaten |= is_better && !is_worse;
    }
    if (!is_beaten) front.insert(one.id.number);
  }
  return front;
}

}  // namespace attune

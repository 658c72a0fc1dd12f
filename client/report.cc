#include "client/report.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <optional>
#include <set>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/strip.h"
#include "core/ranking.h"
#include "proto/convert.h"

namespace attune {
namespace {

constexpr int kObjectiveDigits = 6;

const pb::ParameterValue* FindValue(const pb::Trial& trial,
                                    const std::string& name) {
  const auto found = trial.parameters().values().find(name);
  return found == trial.parameters().values().end() ? nullptr : &found->second;
}

Json JsonParameters(const pb::Trial& trial, const StudySpec& spec) {
  Json json = Json::object();
  for (const std::string& name : ParameterNames({trial}, spec)) {
    const pb::ParameterValue* found = FindValue(trial, name);
    if (found == nullptr) continue;
    const auto value = FromProto(*found);
    if (value.ok()) json[name] = JsonValue(*value);
  }
  return json;
}

Json JsonObjectives(const pb::Trial& trial, const StudySpec& spec) {
  Json json = Json::object();
  for (size_t i = 0; i < spec.objectives.size(); ++i) {
    const int index = static_cast<int>(i);
    if (index < trial.objectives_size()) {
      json[spec.objectives[i].metric] = JsonNumber(trial.objectives(index));
    }
  }
  return json;
}

// With the last values of the objectives.
Json JsonMetrics(const pb::Trial& trial) {
  Json json = Json::object();
  for (const std::string& name : MetricNames({trial})) {
    json[name] = JsonNumber(trial.metrics().at(name));
  }
  return json;
}

// Those that have no column as objectives.
std::vector<std::string> OtherMetrics(const std::vector<pb::Trial>& trials,
                                      const StudySpec& spec) {
  std::vector<std::string> names = MetricNames(trials);
  for (const Objective& objective : spec.objectives) {
    std::erase(names, objective.metric);
  }
  return names;
}

bool IsRetry(const pb::Trial& trial) {
  return trial.optional_retry_of_case() == pb::Trial::kRetryOf;
}

Json JsonTrial(const pb::Trial& trial, const StudySpec& spec, absl::Time now) {
  Json json = {{"trial", trial.number()},
               {"state", StateWord(trial.state())},
               {"objectives", JsonObjectives(trial, spec)},
               {"parameters", JsonParameters(trial, spec)},
               {"attempts", trial.attempts_size()},
               {"worker", trial.worker()},
               {"started", nullptr},
               {"duration_s", nullptr},
               {"reason", trial.state_reason()}};
  if (trial.has_start_time()) {
    json["started"] = JsonTime(ToTime(trial.start_time()));
    json["duration_s"] =
        std::round(absl::ToDoubleMilliseconds(RunTime(trial, now))) / 1000.0;
  }
  if (IsRetry(trial)) json["retry_of"] = trial.retry_of();
  if (!trial.attributes().empty()) {
    json["attributes"] = FromProto(trial.attributes());
  }
  return json;
}

// A column for each objective and parameter, named after it; one whose name is
// taken is named with its group.
std::vector<CsvColumn> TrialCsvColumns(const StudySpec& spec,
                                       const std::vector<std::string>& metrics,
                                       const std::vector<std::string>& names) {
  std::vector<CsvColumn> columns;
  std::set<std::string> titles = {"trial",   "state",      "attempts", "worker",
                                  "started", "duration_s", "reason"};
  const auto add_own = [&columns](const std::string& name) {
    columns.push_back({.title = name, .path = {name}});
  };
  const auto add = [&](const std::string& group, const std::string& name) {
    const std::string title =
        titles.insert(name).second ? name : absl::StrCat(group, ".", name);
    columns.push_back({.title = title, .path = {group, name}});
  };
  add_own("trial");
  add_own("state");
  for (const Objective& objective : spec.objectives) {
    add("objectives", objective.metric);
  }
  for (const std::string& name : names) add("parameters", name);
  for (const std::string& name : metrics) add("metrics", name);
  for (const char* name :
       {"attempts", "worker", "started", "duration_s", "reason"}) {
    add_own(name);
  }
  return columns;
}

// Whether all values of the parameter are numbers, in its domain, or if there
// is none in these trials.
bool HasNumbers(const std::string& name, const std::vector<pb::Trial>& trials,
                const StudySpec& spec) {
  const ParameterSpec* parameter = FindParameter(spec.space, name);
  if (parameter != nullptr) {
    const auto* choice = std::get_if<Choice>(&parameter->domain);
    return choice == nullptr ||
           std::all_of(choice->values.begin(), choice->values.end(),
                       [](const ParameterValue& value) {
                         return AsDouble(value).has_value();
                       });
  }
  return std::all_of(trials.begin(), trials.end(),
                     [&name](const pb::Trial& trial) {
                       const pb::ParameterValue* found = FindValue(trial, name);
                       if (found == nullptr) return true;
                       const auto value = FromProto(*found);
                       return value.ok() && AsDouble(*value).has_value();
                     });
}

Cell ObjectiveCell(const pb::Trial& trial, const StudySpec& spec, size_t i) {
  const std::optional<double> value = ObjectiveValue(trial, spec, i);
  if (!value.has_value()) return {};
  return {.text = ShortNumber(*value, kObjectiveDigits),
          .style = trial.objectives_size() > 0 ? Style::kPlain : Style::kDim};
}

Cell ParameterCell(const pb::Trial& trial, const std::string& name) {
  const pb::ParameterValue* found = FindValue(trial, name);
  if (found == nullptr) return {};
  const auto value = FromProto(*found);
  if (!value.ok()) return {.text = "?", .style = Style::kRed};
  return {.text = ShortValue(*value)};
}

Cell MetricCell(const pb::Trial& trial, const std::string& name) {
  const auto found = trial.metrics().find(name);
  if (found == trial.metrics().end()) return {};
  return {.text = ShortNumber(found->second, kObjectiveDigits)};
}

// Which columns a table of trials has.
struct TrialColumns {
  bool rank = false;
  bool state = true;
  bool retry_of = false;
  bool reason = false;
  std::vector<std::string> parameters;
  std::vector<std::string> metrics;
};

TrialColumns ColumnsOf(const std::vector<pb::Trial>& trials,
                       const StudySpec& spec, bool ranked,
                       const std::vector<std::string>& metrics) {
  const auto has_reason = [](const pb::Trial& trial) {
    return !trial.state_reason().empty();
  };
  return {.rank = ranked && !HasFront(spec),
          .state = !ranked,
          .retry_of = std::any_of(trials.begin(), trials.end(), IsRetry),
          .reason =
              !ranked && std::any_of(trials.begin(), trials.end(), has_reason),
          .parameters = ParameterNames(trials, spec),
          .metrics = metrics};
}

std::vector<Column> TrialTitles(const TrialColumns& columns,
                                const std::vector<pb::Trial>& trials,
                                const StudySpec& spec) {
  std::vector<Column> titles;
  if (columns.rank) titles.push_back({.title = "rank", .is_number = true});
  titles.push_back({.title = "trial", .is_number = true});
  if (columns.state) titles.push_back({.title = "state"});
  for (const Objective& objective : spec.objectives) {
    titles.push_back({.title = objective.metric, .is_number = true});
  }
  for (const std::string& name : columns.parameters) {
    titles.push_back(
        {.title = name, .is_number = HasNumbers(name, trials, spec)});
  }
  for (const std::string& name : columns.metrics) {
    const bool taken =
        std::find(columns.parameters.begin(), columns.parameters.end(), name) !=
        columns.parameters.end();
    titles.push_back({.title = absl::StrCat(taken ? "metrics." : "", name),
                      .is_number = true});
  }
  titles.push_back({.title = "time", .is_number = true, .is_optional = true});
  if (columns.retry_of) {
    titles.push_back(
        {.title = "retry of", .is_number = true, .is_optional = true});
  }
  if (columns.state) {
    titles.push_back({.title = "worker", .is_optional = true});
  }
  if (columns.reason) {
    titles.push_back({.title = "reason", .is_optional = true});
  }
  return titles;
}

Table TrialTable(const std::vector<pb::Trial>& trials, const StudySpec& spec,
                 bool ranked, const std::vector<std::string>& metrics,
                 absl::Time now) {
  const TrialColumns columns = ColumnsOf(trials, spec, ranked, metrics);
  Table table = {.columns = TrialTitles(columns, trials, spec), .rows = {}};
  for (const pb::Trial& trial : trials) {
    std::vector<Cell> row;
    if (columns.rank) row.push_back({absl::StrCat(table.rows.size() + 1)});
    row.push_back({absl::StrCat(trial.number())});
    if (columns.state) {
      row.push_back({.text = StateWord(trial.state()),
                     .style = StateStyle(trial.state())});
    }
    for (size_t i = 0; i < spec.objectives.size(); ++i) {
      row.push_back(ObjectiveCell(trial, spec, i));
    }
    for (const std::string& name : columns.parameters) {
      row.push_back(ParameterCell(trial, name));
    }
    for (const std::string& name : columns.metrics) {
      row.push_back(MetricCell(trial, name));
    }
    row.push_back({.text = trial.has_start_time()
                               ? ShortDuration(RunTime(trial, now))
                               : ""});
    if (columns.retry_of) {
      row.push_back({IsRetry(trial) ? absl::StrCat(trial.retry_of()) : ""});
    }
    if (columns.state) {
      row.push_back({.text = trial.worker(), .style = Style::kDim});
    }
    if (columns.reason) row.push_back({trial.state_reason()});
    table.rows.push_back(std::move(row));
  }
  return table;
}

Json JsonSummary(const StudySummary& summary, const std::string& name) {
  const pb::Study& study = summary.study;
  const pb::Budget& budget = study.spec().budget();
  Json json = {{"study", name},
               {"state", StateWord(study.state())},
               {"finished", CountFinished(study)},
               {"max_trials", nullptr},
               {"running", Count(study, "running")},
               {"best", nullptr},
               {"best_trial", nullptr},
               {"created", JsonTime(ToTime(study.create_time()))}};
  if (budget.optional_max_trials_case() == pb::Budget::kMaxTrials) {
    json["max_trials"] = budget.max_trials();
  }
  if (!summary.best.empty() && summary.best[0].objectives_size() > 0) {
    json["best"] = JsonNumber(summary.best[0].objectives(0));
    json["best_trial"] = summary.best[0].number();
  }
  if (!study.attributes().empty()) {
    json["attributes"] = FromProto(study.attributes());
  }
  return json;
}

}  // namespace

std::string StateWord(pb::Trial::State state) {
  return absl::AsciiStrToLower(pb::Trial::State_Name(state));
}

std::string StateWord(pb::Study::State state) {
  return absl::AsciiStrToLower(pb::Study::State_Name(state));
}

Style StateStyle(pb::Trial::State state) {
  switch (state) {
    case pb::Trial::RUNNING:
      return Style::kCyan;
    case pb::Trial::COMPLETED:
      return Style::kGreen;
    case pb::Trial::FAILED:
      return Style::kRed;
    case pb::Trial::INFEASIBLE:
      return Style::kYellow;
    case pb::Trial::PRUNED:
    case pb::Trial::CANCELLED:
      return Style::kDim;
    default:
      return Style::kPlain;
  }
}

absl::Time ToTime(const google::protobuf::Timestamp& timestamp) {
  return absl::FromUnixSeconds(timestamp.seconds()) +
         absl::Nanoseconds(timestamp.nanos());
}

absl::Duration RunTime(const pb::Trial& trial, absl::Time now) {
  if (!trial.has_start_time()) return absl::ZeroDuration();
  const absl::Time end = trial.has_end_time() ? ToTime(trial.end_time()) : now;
  return std::max(end - ToTime(trial.start_time()), absl::ZeroDuration());
}

int64_t Count(const pb::Study& study, const std::string& state) {
  const auto found = study.trial_counts().find(state);
  return found == study.trial_counts().end() ? 0 : found->second;
}

int64_t CountFinished(const pb::Study& study) {
  int64_t count = 0;
  for (const auto& [state, trials] : study.trial_counts()) {
    if (state != "waiting" && state != "running") count += trials;
  }
  return count;
}

std::optional<double> ObjectiveValue(const pb::Trial& trial,
                                     const StudySpec& spec, size_t index) {
  if (index >= spec.objectives.size()) return std::nullopt;
  const int position = static_cast<int>(index);
  if (position < trial.objectives_size()) return trial.objectives(position);
  const auto found = trial.metrics().find(spec.objectives[index].metric);
  if (found == trial.metrics().end()) return std::nullopt;
  return found->second;
}

std::string ObjectivesText(const pb::Trial& trial, const StudySpec& spec) {
  std::vector<std::string> parts;
  for (size_t i = 0; i < spec.objectives.size(); ++i) {
    const std::optional<double> value = ObjectiveValue(trial, spec, i);
    if (!value.has_value()) continue;
    parts.push_back(absl::StrCat(spec.objectives[i].metric, " ",
                                 ShortNumber(*value, kObjectiveDigits)));
  }
  return absl::StrJoin(parts, ", ");
}

std::string ParametersLine(const pb::Trial& trial, const StudySpec& spec) {
  std::vector<std::string> parts;
  for (const std::string& name : ParameterNames({trial}, spec)) {
    const Cell cell = ParameterCell(trial, name);
    if (!cell.text.empty()) {
      parts.push_back(absl::StrCat(name, "=", Printable(cell.text)));
    }
  }
  return absl::StrJoin(parts, " ");
}

bool HasFront(const pb::StudySpec& spec) { return spec.objectives_size() > 1; }

bool HasFront(const StudySpec& spec) { return spec.objectives.size() > 1; }

int CountOfBest(bool has_front, int count) {
  constexpr int kMost = 1000;  // that ListBestTrials gives
  return has_front ? kMost : count;
}

const pb::Trial* BestByFirst(const std::vector<pb::Trial>& best,
                             const pb::StudySpec& spec) {
  const Goal goal = spec.objectives_size() > 0 &&
                            spec.objectives(0).goal() == pb::GOAL_MAXIMIZE
                        ? Goal::kMaximize
                        : Goal::kMinimize;
  const pb::Trial* first = nullptr;
  for (const pb::Trial& trial : best) {
    if (first == nullptr ||
        (trial.objectives_size() > 0 && first->objectives_size() > 0 &&
         Better(trial.objectives(0), first->objectives(0), goal))) {
      first = &trial;
    }
  }
  return first;
}

std::vector<std::string> ParameterNames(const std::vector<pb::Trial>& trials,
                                        const StudySpec& spec) {
  std::vector<std::string> names;
  for (const ParameterSpec& parameter : spec.space.parameters) {
    names.push_back(parameter.name);
  }
  if (HasSearch(spec)) return names;
  std::set<std::string> found;
  for (const pb::Trial& trial : trials) {
    for (const auto& [name, value] : trial.parameters().values()) {
      found.insert(name);
    }
  }
  return {found.begin(), found.end()};
}

std::vector<std::string> MetricNames(const std::vector<pb::Trial>& trials) {
  std::set<std::string> found;
  for (const pb::Trial& trial : trials) {
    for (const auto& [name, value] : trial.metrics()) found.insert(name);
  }
  return {found.begin(), found.end()};
}

Listing ListTrials(const std::vector<pb::Trial>& trials, const StudySpec& spec,
                   bool ranked, absl::Time now, bool with_metrics) {
  const std::vector<std::string> metrics =
      with_metrics ? OtherMetrics(trials, spec) : std::vector<std::string>();
  Listing listing = {
      .table = TrialTable(trials, spec, ranked, metrics, now),
      .csv = TrialCsvColumns(spec, metrics, ParameterNames(trials, spec))};
  for (const pb::Trial& trial : trials) {
    listing.json.push_back(JsonTrial(trial, spec, now));
    if (with_metrics) listing.json.back()["metrics"] = JsonMetrics(trial);
  }
  return listing;
}

std::vector<TrialError> LastErrors(std::vector<pb::Trial> trials) {
  constexpr size_t kShown = 3;
  std::stable_sort(trials.begin(), trials.end(),
                   [](const pb::Trial& a, const pb::Trial& b) {
                     return ToTime(a.end_time()) > ToTime(b.end_time());
                   });
  std::vector<TrialError> errors;
  for (pb::Trial& trial : trials) {
    const auto same = std::find_if(
        errors.begin(), errors.end(), [&trial](const TrialError& error) {
          return error.trial.state_reason() == trial.state_reason();
        });
    if (same != errors.end()) {
      ++same->others;
    } else if (errors.size() < kShown) {
      errors.push_back({.trial = std::move(trial)});
    }
  }
  return errors;
}

Listing ListStudies(const std::vector<StudySummary>& studies) {
  Listing listing;
  listing.table.columns = {{.title = "study"},
                           {.title = "state"},
                           {.title = "trials", .is_number = true},
                           {.title = "running", .is_number = true},
                           {.title = "best", .is_number = true},
                           {.title = "metric", .is_optional = true},
                           {.title = "created", .is_optional = true}};
  for (const char* name : {"study", "state", "finished", "max_trials",
                           "running", "best", "best_trial", "created"}) {
    listing.csv.push_back({.title = name, .path = {name}});
  }
  for (const StudySummary& summary : studies) {
    const pb::Study& study = summary.study;
    const std::string name(absl::StripPrefix(study.name(), "studies/"));
    const Json json = JsonSummary(summary, name);
    const std::string most =
        json["max_trials"].is_null()
            ? ""
            : absl::StrCat("/", study.spec().budget().max_trials());
    const bool has_best =
        !summary.best.empty() && summary.best[0].objectives_size() > 0;
    listing.table.rows.push_back(
        {{.text = name},
         {.text = StateWord(study.state())},
         {.text = absl::StrCat(CountFinished(study), most)},
         {.text = absl::StrCat(Count(study, "running"))},
         {.text = has_best ? ShortNumber(summary.best[0].objectives(0),
                                         kObjectiveDigits)
                           : ""},
         {.text = study.spec().objectives_size() > 0
                      ? study.spec().objectives(0).metric()
                      : ""},
         {.text = ShortTime(ToTime(study.create_time()))}});
    listing.json.push_back(json);
  }
  return listing;
}

}  // namespace attune

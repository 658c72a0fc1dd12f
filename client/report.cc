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
#include "core/network_settings.h"
#include "proto/convert.h"

namespace attune {
namespace {

constexpr int kObjectiveDigits = 6;

Json JsonParameters(const pb::Trial& trial, const StudySpec& spec) {
  Json json = Json::object();
  for (const ParameterSpec& parameter : spec.space.parameters) {
    const auto found = trial.parameters().values().find(parameter.name);
    if (found == trial.parameters().values().end()) continue;
    const auto value = FromProto(found->second);
    if (value.ok()) json[parameter.name] = JsonValue(*value);
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
  return json;
}

// A column for each objective and parameter, named after it; one whose name is
// taken is named with its group.
std::vector<CsvColumn> TrialCsvColumns(const StudySpec& spec) {
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
  for (const ParameterSpec& parameter : spec.space.parameters) {
    add("parameters", parameter.name);
  }
  for (const char* name :
       {"attempts", "worker", "started", "duration_s", "reason"}) {
    add_own(name);
  }
  return columns;
}

bool HasNumbers(const Domain& domain) {
  const auto* choice = std::get_if<Choice>(&domain);
  return choice == nullptr ||
         std::all_of(choice->values.begin(), choice->values.end(),
                     [](const ParameterValue& value) {
                       return AsDouble(value).has_value();
                     });
}

Cell ObjectiveCell(const pb::Trial& trial, const StudySpec& spec) {
  const std::optional<double> value = FirstObjective(trial, spec);
  if (!value.has_value()) return {};
  return {.text = ShortNumber(*value, kObjectiveDigits),
          .style = trial.objectives_size() > 0 ? Style::kPlain : Style::kDim};
}

Cell ParameterCell(const pb::Trial& trial, const std::string& name) {
  const auto found = trial.parameters().values().find(name);
  if (found == trial.parameters().values().end()) return {};
  const auto value = FromProto(found->second);
  if (!value.ok()) return {.text = "?", .style = Style::kRed};
  return {.text = ShortValue(*value)};
}

Table TrialTable(const std::vector<pb::Trial>& trials, const StudySpec& spec,
                 bool ranked, absl::Time now) {
  Table table;
  const bool has_reasons = std::any_of(
      trials.begin(), trials.end(),
      [](const pb::Trial& trial) { return !trial.state_reason().empty(); });
  if (ranked) table.columns.push_back({.title = "rank", .is_number = true});
  table.columns.push_back({.title = "trial", .is_number = true});
  if (!ranked) table.columns.push_back({.title = "state"});
  if (!spec.objectives.empty()) {
    table.columns.push_back(
        {.title = spec.objectives[0].metric, .is_number = true});
  }
  for (const ParameterSpec& parameter : spec.space.parameters) {
    table.columns.push_back(
        {.title = parameter.name, .is_number = HasNumbers(parameter.domain)});
  }
  table.columns.push_back(
      {.title = "time", .is_number = true, .is_optional = true});
  if (!ranked) {
    table.columns.push_back({.title = "worker", .is_optional = true});
    if (has_reasons) {
      table.columns.push_back({.title = "reason", .is_optional = true});
    }
  }
  for (const pb::Trial& trial : trials) {
    std::vector<Cell> row;
    if (ranked) row.push_back({.text = absl::StrCat(table.rows.size() + 1)});
    row.push_back({.text = absl::StrCat(trial.number())});
    if (!ranked) {
      row.push_back({.text = StateWord(trial.state()),
                     .style = StateStyle(trial.state())});
    }
    if (!spec.objectives.empty()) row.push_back(ObjectiveCell(trial, spec));
    for (const ParameterSpec& parameter : spec.space.parameters) {
      row.push_back(ParameterCell(trial, parameter.name));
    }
    row.push_back({.text = trial.has_start_time()
                               ? ShortDuration(RunTime(trial, now))
                               : ""});
    if (!ranked) {
      row.push_back({.text = trial.worker(), .style = Style::kDim});
      if (has_reasons) row.push_back({.text = trial.state_reason()});
    }
    table.rows.push_back(std::move(row));
  }
  return table;
}

// `> 0`, `0 ... 1`, `sgd, adam`: the values that a setting can have.
std::string DescribeValues(const NetworkSetting& setting) {
  switch (setting.type) {
    case SettingType::kBool:
      return "true, false";
    case SettingType::kWord:
      return absl::StrJoin(setting.words, ", ");
    case SettingType::kText:
      return "text";
    case SettingType::kLayers:
      return "[256, 128]";
    case SettingType::kLayerList:
      return "[conv 5x5x6, pool 2, dense 120]";
    case SettingType::kBatch:
      return "integer >= 1, or full";
    case SettingType::kNames:
      return "[color, origin]";
    case SettingType::kWeights:
      return "none, balanced, or [1, 2.5]";
    case SettingType::kNumber:
    case SettingType::kInt:
      break;
  }
  const bool is_int = setting.type == SettingType::kInt;
  std::string range = absl::StrCat(setting.or_zero ? "0 or " : "",
                                   is_int ? "integer" : "number");
  const auto bound = [](double value) { return ShortNumber(value, 6); };
  // Bounds that are only there because there must be some say nothing.
  constexpr double kHuge = 1e6;
  if (std::abs(setting.min) < kHuge) {
    absl::StrAppend(&range,
                    setting.min_open ? " > " : " >= ", bound(setting.min));
  }
  if (std::abs(setting.max) < kHuge) {
    absl::StrAppend(&range,
                    setting.max_open ? " < " : " <= ", bound(setting.max));
  }
  return range;
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
  return json;
}

// `0.001, adadelta 1.0`.
std::string DescribeDefault(const NetworkSetting& setting) {
  if (!setting.has_default) return "-";
  const std::string usual = ShortValue(setting.default_value);
  std::string text = usual.empty() ? "-" : usual;
  for (const auto& [optimizer, value] : setting.optimizer_defaults) {
    absl::StrAppend(&text, ", ", optimizer, " ", ShortValue(value));
  }
  return text;
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

std::optional<double> FirstObjective(const pb::Trial& trial,
                                     const StudySpec& spec) {
  if (trial.objectives_size() > 0) return trial.objectives(0);
  if (spec.objectives.empty()) return std::nullopt;
  const auto found = trial.metrics().find(spec.objectives[0].metric);
  if (found == trial.metrics().end()) return std::nullopt;
  return found->second;
}

std::string ParametersLine(const pb::Trial& trial, const StudySpec& spec) {
  std::vector<std::string> parts;
  for (const ParameterSpec& parameter : spec.space.parameters) {
    const Cell cell = ParameterCell(trial, parameter.name);
    if (!cell.text.empty()) {
      parts.push_back(absl::StrCat(parameter.name, "=", Printable(cell.text)));
    }
  }
  return absl::StrJoin(parts, " ");
}

Listing ListTrials(const std::vector<pb::Trial>& trials, const StudySpec& spec,
                   bool ranked, absl::Time now) {
  Listing listing = {.table = TrialTable(trials, spec, ranked, now),
                     .csv = TrialCsvColumns(spec)};
  for (const pb::Trial& trial : trials) {
    listing.json.push_back(JsonTrial(trial, spec, now));
  }
  return listing;
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

Listing ListSettings() {
  Listing listing;
  listing.table.columns = {
      {.title = "setting"},
      {.title = "values", .wraps = true},
      {.title = "default"},
      {.title = "tunable", .is_optional = true},
      {.title = "what it does", .is_optional = true, .wraps = true}};
  for (const char* name : {"setting", "values", "default", "optimizer_defaults",
                           "tunable", "help"}) {
    listing.csv.push_back({.title = name, .path = {name}});
  }
  for (const NetworkSetting& setting : NetworkSettings()) {
    const std::string values = DescribeValues(setting);
    Json optimizer_defaults = Json::object();
    for (const auto& [optimizer, value] : setting.optimizer_defaults) {
      optimizer_defaults[std::string(optimizer)] = JsonValue(value);
    }
    listing.table.rows.push_back(
        {{.text = std::string(setting.name), .style = Style::kBold},
         {.text = values},
         {.text = DescribeDefault(setting)},
         {.text = setting.tunable ? "yes" : "no"},
         {.text = std::string(setting.help)}});
    listing.json.push_back(
        {{"setting", std::string(setting.name)},
         {"values", values},
         {"default", setting.has_default ? JsonValue(setting.default_value)
                                         : Json(nullptr)},
         {"optimizer_defaults", optimizer_defaults},
         {"tunable", setting.tunable},
         {"help", std::string(setting.help)}});
  }
  return listing;
}

}  // namespace attune

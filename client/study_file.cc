#include "client/study_file.h"

#include <algorithm>
#include <limits>
#include <optional>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "client/study_file_objectives.h"
#include "client/study_file_space.h"
#include "client/text_file.h"
#include "client/yaml_reader.h"
#include "core/error.h"
#include "core/network_settings.h"
#include "core/rule.h"
#include "core/status_macros.h"

namespace attune {
namespace {

std::vector<std::string> RuleNames(absl::Span<const Rule> rules) {
  std::vector<std::string> names;
  for (const Rule& rule : rules) names.emplace_back(rule.name);
  return names;
}

// Whether their values are legal, core says.
Parameters ReadRuleSettings(const MapReader& map, const Rule& rule,
                            FieldLog& log) {
  Parameters settings;
  for (const Setting& setting : rule.settings) {
    const auto field = map.Find(setting.name);
    if (!field.has_value()) continue;
    const auto value = ReadValue(*field, log);
    if (value.has_value()) settings.Set(setting.name, *value);
  }
  return settings;
}

// The map under the name of a rule, or nothing; nullopt if that is all.
std::optional<MapReader> ReadRuleMap(const Selection& selection,
                                     const Rule& rule, FieldLog& log) {
  if (!selection.settings.has_value()) return std::nullopt;
  const Field& field = *selection.settings;
  if (field.node.kind == YamlNode::Kind::kNull) return std::nullopt;
  std::vector<std::string> known;
  for (const Setting& setting : rule.settings) {
    known.emplace_back(setting.name);
  }
  if (rule.takes_metric) known.emplace_back("metric");
  if (known.empty()) {
    CheckNoSettings(selection, log);
    return std::nullopt;
  }
  if (!IsMap(field)) {
    AddUnexpected(
        field,
        absl::StrCat("a map of settings, such as {", known.front(), ": ",
                     ToString(rule.settings.front().default_value), "}"),
        log);
    return std::nullopt;
  }
  return MapReader(field, known, log);
}

Algorithm ReadAlgorithm(const Field& field, FieldLog& log) {
  const auto selection = ReadSelection(field, RuleNames(SearchRules()), log);
  if (!selection.has_value()) return {};
  Algorithm algorithm = {.name = selection->word};
  const Rule& rule = *FindRule(SearchRules(), selection->word);
  const auto map = ReadRuleMap(*selection, rule, log);
  if (map.has_value()) algorithm.settings = ReadRuleSettings(*map, rule, log);
  return algorithm;
}

Stopping ReadStopping(const Field& field, FieldLog& log) {
  const auto selection = ReadSelection(field, RuleNames(StoppingRules()), log);
  if (!selection.has_value()) return {};
  Stopping stopping = {.name = selection->word};
  const Rule& rule = *FindRule(StoppingRules(), selection->word);
  const auto map = ReadRuleMap(*selection, rule, log);
  if (!map.has_value()) return stopping;
  stopping.settings = ReadRuleSettings(*map, rule, log);
  if (const auto metric = map->Find("metric")) {
    stopping.metric = ReadObjective(*metric, log);
    // The violations of core name the metric by the whole field.
    log.Place(metric->name, log.Find(Part(metric->name, "metric")));
    if (log.IsBroken(Part(metric->name, "metric"))) {
      log.MarkBroken(metric->name);
    }
  }
  return stopping;
}

std::optional<absl::Duration> ReadDuration(const Field& field, FieldLog& log) {
  constexpr absl::string_view kExpected =
      "a duration such as 90s, 10m or 1h30m";
  const std::optional<std::string> text = ReadText(field, kExpected, log);
  if (!text.has_value()) return std::nullopt;
  absl::Duration duration;
  if (absl::ParseDuration(*text, &duration)) return duration;
  AddUnexpected(field, kExpected, log);
  return std::nullopt;
}

Budget ReadBudget(const Field& field, FieldLog& log) {
  Budget budget;
  if (!IsMap(field)) {
    AddUnexpected(field, "a map such as {max_trials: 60}", log);
    return budget;
  }
  const MapReader map(
      field, {"max_trials", "max_parallel", "max_duration", "max_failed"}, log);
  if (const auto max_trials = map.Find("max_trials")) {
    budget.max_trials = ReadInt(*max_trials, log);
  }
  if (const auto max_parallel = map.Find("max_parallel")) {
    budget.max_parallel = ReadInt(*max_parallel, log);
  }
  if (const auto max_duration = map.Find("max_duration")) {
    budget.max_duration = ReadDuration(*max_duration, log);
  }
  if (const auto max_failed = map.Find("max_failed")) {
    budget.max_failed = ReadInt(*max_failed, log);
  }
  return budget;
}

// A list of names or weights stands for the text that joins them by commas.
std::optional<ParameterValue> ReadSetting(const Field& field,
                                          absl::string_view name,
                                          FieldLog& log) {
  const Setting* const setting = FindNetworkSetting(name);
  const bool is_list = field.node.kind == YamlNode::Kind::kList;
  if (!is_list || setting == nullptr ||
      (setting->type != SettingType::kNames &&
       setting->type != SettingType::kWeights)) {
    return ReadValueOrLayers(field, log);
  }
  PlaceItems(field, log);
  std::vector<std::string> parts;
  bool legal = true;
  for (size_t i = 0; i < field.node.items.size(); ++i) {
    const Field item = {field.node.items[i], Item(field.name, i)};
    const std::optional<ParameterValue> value = ReadValue(item, log);
    parts.push_back(value.has_value() ? ToString(*value) : "");
    legal = legal && value.has_value();
    if (absl::StrContains(parts.back(), ',')) {
      AddUnexpected(item, "no commas in it", log);
      legal = false;
    }
  }
  if (!legal) return std::nullopt;
  return absl::StrJoin(parts, ",");
}

NetworkTask ReadTrain(const Field& field, FieldLog& log) {
  NetworkTask task;
  if (!IsMap(field)) {
    AddUnexpected(field, "a map such as {dataset: fashion-mnist}", log);
    return task;
  }
  for (const YamlEntry& entry : field.node.entries) {
    const Field setting = {entry.value, Part(field.name, entry.key)};
    const bool is_scalar = entry.value.kind == YamlNode::Kind::kScalar;
    log.Place(setting.name, is_scalar ? entry.value.at : entry.at);
    if (const auto value = ReadSetting(setting, entry.key, log)) {
      task.settings.Set(entry.key, *value);
    }
  }
  return task;
}

FunctionTask ReadFunction(const Field& field, FieldLog& log) {
  constexpr absl::string_view kExpected = "the name of a function";
  FunctionTask task;
  if (!IsMap(field)) {
    task.name = ReadText(field, kExpected, log).value_or("");
    return task;
  }
  const MapReader map(field, {"name"}, log);
  if (const auto name = map.Required("name", kExpected)) {
    task.name = ReadText(*name, kExpected, log).value_or("");
  }
  return task;
}

Task ReadTask(const MapReader& file, FieldLog& log) {
  const std::optional<Field> train = file.Find("train");
  const std::optional<Field> function = file.Find("function");
  if (train.has_value() && function.has_value()) {
    const Position at =
        std::max(file.KeyPosition("train"), file.KeyPosition("function"));
    log.Add(at, "function", "found beside `train`, expected one of them");
    return std::monostate();
  }
  if (train.has_value()) return ReadTrain(*train, log);
  if (function.has_value()) return ReadFunction(*function, log);
  return std::monostate();
}

void ReadNumbers(const MapReader& file, StudySpec& spec, FieldLog& log) {
  if (const auto attempts = file.Find("max_attempts")) {
    const int64_t count = ReadInt(*attempts, log).value_or(spec.max_attempts);
    spec.max_attempts = static_cast<int>(
        std::clamp<int64_t>(count, std::numeric_limits<int>::min(),
                            std::numeric_limits<int>::max()));
  }
  if (const auto seed = file.Find("seed")) {
    const int64_t number = ReadInt(*seed, log).value_or(0);
    if (number < 0) {
      AddUnexpected(*seed, "an integer of at least 0", log);
    } else {
      spec.seed = static_cast<uint64_t>(number);
    }
  }
}

// Values are kept as they are written.
Attributes ReadAttributes(const Field& field, FieldLog& log) {
  Attributes attributes;
  if (!IsMap(field)) {
    AddUnexpected(field, "a map such as {owner: anna}", log);
    return attributes;
  }
  for (const YamlEntry& entry : field.node.entries) {
    const Field value = {entry.value, Part(field.name, entry.key)};
    const bool is_scalar = entry.value.kind == YamlNode::Kind::kScalar;
    log.Place(value.name, is_scalar ? entry.value.at : entry.at);
    if (!is_scalar) {
      AddUnexpected(value, "a text, a number, true or false", log);
      continue;
    }
    attributes[entry.key] = entry.value.text;
    for (Violation& violation :
         Validate({{entry.key, entry.value.text}}, field.name)) {
      log.Add(entry.at, value.name, std::move(violation.description));
    }
  }
  if (attributes.size() > kMaxAttributes) {
    for (Violation& violation : Validate(attributes, field.name)) {
      log.Add(log.Find(field.name), field.name,
              std::move(violation.description));
    }
  }
  return attributes;
}

std::string ProblemsText(const std::vector<FileProblem>& problems,
                         const std::string& path) {
  return absl::StrJoin(
      problems, "\n", [&path](std::string* out, const FileProblem& p) {
        absl::StrAppend(out, path, ":", p.at.line, ":", p.at.column, ": ",
                        p.field, p.field.empty() ? "" : ": ", p.description);
      });
}

StudySpec ReadSpec(const MapReader& file, FieldLog& log) {
  StudySpec spec;
  if (const auto name = file.Required("name", "the name of the study")) {
    spec.name =
        ReadText(*name, "a name in lower-case letters", log).value_or("");
  }
  spec.objectives = ReadObjectives(file, log);
  if (const auto algorithm = file.Find("algorithm")) {
    spec.algorithm = ReadAlgorithm(*algorithm, log);
  }
  if (const auto stopping = file.Find("stopping")) {
    spec.stopping = ReadStopping(*stopping, log);
  }
  if (const auto budget = file.Find("budget")) {
    spec.budget = ReadBudget(*budget, log);
  }
  ReadNumbers(file, spec, log);
  if (const auto parameters = file.Find("parameters")) {
    ReadParameters(*parameters, spec.space, log);
  }
  if (const auto forbidden = file.Find("forbidden")) {
    ReadForbidden(*forbidden, spec.space, log);
  }
  spec.task = ReadTask(file, log);
  return spec;
}

}  // namespace

StudyFile ParseStudyFile(absl::string_view text) {
  FieldLog log;
  StudyFile file;
  const std::optional<YamlNode> root = ParseYaml(text, log.problems());
  if (root.has_value() && root->kind == YamlNode::Kind::kNull &&
      log.problems().empty()) {
    log.Add({}, "", "found an empty file, expected a study");
  } else if (root.has_value() && root->kind != YamlNode::Kind::kMap &&
             root->kind != YamlNode::Kind::kBroken) {
    log.Add(root->at, "",
            absl::StrCat("found ", FoundIn(*root),
                         ", expected a map such as `name: my-study`"));
  } else if (root.has_value() && root->kind == YamlNode::Kind::kMap) {
    const MapReader map(
        {*root, ""},
        {"name", "objective", "objectives", "attributes", "algorithm",
         "stopping", "budget", "max_attempts", "seed", "parameters",
         "forbidden", "train", "function"},
        log);
    file.spec = ReadSpec(map, log);
    if (const auto attributes = map.Find("attributes")) {
      file.attributes = ReadAttributes(*attributes, log);
    }
    for (Violation& violation : Validate(file.spec)) {
      if (log.IsBroken(violation.field)) continue;
      log.problems().push_back({log.Find(violation.field), violation.field,
                                std::move(violation.description)});
    }
  }
  file.problems = log.TakeProblems();
  file.fields = std::move(log);
  return file;
}

absl::StatusOr<StudyFile> ReadStudyFile(const std::string& path) {
  ATTUNE_ASSIGN_OR_RETURN(const std::string text,
                          ReadTextFile(path, "study file", kMaxYamlBytes + 1));
  StudyFile file = ParseStudyFile(text);
  file.path = path;
  if (file.problems.empty()) return file;
  return absl::InvalidArgumentError(ProblemsText(file.problems, path));
}

absl::Status WithPlaces(const absl::Status& status, const StudyFile& file) {
  FieldLog log = file.fields;
  for (Violation& violation : Violations(status)) {
    log.Add(log.Find(violation.field), violation.field,
            std::move(violation.description));
  }
  const std::vector<FileProblem> problems = log.TakeProblems();
  if (problems.empty()) return status;
  return {status.code(), ProblemsText(problems, file.path)};
}

}  // namespace attune

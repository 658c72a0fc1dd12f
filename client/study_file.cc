#include "client/study_file.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <limits>
#include <optional>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "client/study_file_space.h"
#include "client/yaml_reader.h"
#include "core/error.h"
#include "core/network_settings.h"
#include "core/status_macros.h"

namespace attune {
namespace {

constexpr absl::string_view kObjectiveForm =
    "{metric: NAME, goal: minimize} or maximize";

// A map with one known key, or that key alone as a word: `grid`, `{grid: {}}`.
struct Selection {
  std::string word;
  std::optional<Field> settings;  // what stands under the key, if it is a map
};

bool IsMap(const Field& field) {
  return field.node.kind == YamlNode::Kind::kMap;
}

std::optional<Selection> ReadSelection(const Field& field,
                                       const std::vector<std::string>& known,
                                       FieldLog& log) {
  const std::string expected =
      absl::StrCat("one of ", absl::StrJoin(known, ", "));
  if (!IsMap(field)) {
    const std::optional<std::string> word = ReadText(field, expected, log);
    if (!word.has_value()) return std::nullopt;
    if (std::find(known.begin(), known.end(), *word) != known.end()) {
      return Selection{*word, std::nullopt};
    }
    const std::string nearest = NearestName(*word, known);
    AddUnexpected(field,
                  absl::StrCat(expected, nearest.empty()
                                             ? ""
                                             : absl::StrCat("; did you mean `",
                                                            nearest, "`?")),
                  log);
    return std::nullopt;
  }
  const MapReader map(field, known, log);
  std::optional<Selection> selection;
  for (const std::string& word : known) {
    const std::optional<Field> settings = map.Find(word);
    if (!settings.has_value()) continue;
    if (selection.has_value()) {
      log.Add(map.KeyPosition(word), settings->name,
              absl::StrCat("found beside `", selection->word,
                           "`, expected one of them"));
      return std::nullopt;
    }
    selection.emplace(Selection{word, settings});
  }
  if (!selection.has_value()) {
    // An unknown key has been noted; an empty map has not.
    if (field.node.entries.empty()) AddUnexpected(field, expected, log);
    log.MarkBroken(field.name);
  }
  return selection;
}

// Notes anything but an empty map (or nothing) under a word without settings.
void CheckNoSettings(const Selection& selection, FieldLog& log) {
  if (!selection.settings.has_value()) return;
  const Field& settings = *selection.settings;
  if (IsMap(settings)) {
    for (const YamlEntry& entry : settings.node.entries) {
      log.Add(entry.at, Part(settings.name, entry.key),
              absl::StrCat("found an unknown key, expected none: `",
                           selection.word, "` has no settings"));
    }
  } else if (settings.node.kind != YamlNode::Kind::kNull) {
    AddUnexpected(settings, "{}", log);
  }
}

std::optional<Objective> ReadObjective(const Field& field, FieldLog& log) {
  if (!IsMap(field)) {
    AddUnexpected(field, kObjectiveForm, log);
    return std::nullopt;
  }
  const MapReader map(field, {"metric", "goal"}, log);
  Objective objective;
  if (const auto metric = map.Required("metric", "the name of a metric")) {
    objective.metric =
        ReadText(*metric, "the name of a metric", log).value_or("");
  }
  if (const auto goal = map.Required("goal", "minimize or maximize")) {
    const auto word = ReadSelection(*goal, {"minimize", "maximize"}, log);
    if (word.has_value() && word->word == "maximize") {
      objective.goal = Goal::kMaximize;
    }
  }
  return objective;
}

Algorithm ReadAlgorithm(const Field& field, FieldLog& log) {
  const auto selection = ReadSelection(field, {"random", "grid"}, log);
  if (!selection.has_value()) return RandomSearch{};
  CheckNoSettings(*selection, log);
  if (selection->word == "grid") return GridSearch{};
  return RandomSearch{};
}

MedianStopping ReadMedian(const Field& field, FieldLog& log) {
  MedianStopping median;
  if (field.node.kind == YamlNode::Kind::kNull) return median;
  if (!IsMap(field)) {
    AddUnexpected(field, "a map such as {min_trials: 5, warmup_steps: 2}", log);
    return median;
  }
  const MapReader map(field, {"min_trials", "warmup_steps", "metric"}, log);
  if (const auto min_trials = map.Find("min_trials")) {
    median.min_trials = ReadInt(*min_trials, log).value_or(median.min_trials);
  }
  if (const auto warmup = map.Find("warmup_steps")) {
    median.warmup_steps = ReadInt(*warmup, log).value_or(median.warmup_steps);
  }
  if (const auto metric = map.Find("metric")) {
    median.metric = ReadObjective(*metric, log);
    // The violations of core name the metric by the whole field.
    log.Place(metric->name, log.Find(Part(metric->name, "metric")));
    if (log.IsBroken(Part(metric->name, "metric"))) {
      log.MarkBroken(metric->name);
    }
  }
  return median;
}

Stopping ReadStopping(const Field& field, FieldLog& log) {
  const auto selection = ReadSelection(field, {"none", "median"}, log);
  if (!selection.has_value()) return NoStopping{};
  if (selection->word == "median") {
    return selection->settings.has_value()
               ? ReadMedian(*selection->settings, log)
               : MedianStopping{};
  }
  CheckNoSettings(*selection, log);
  return NoStopping{};
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
  const NetworkSetting* const setting = FindNetworkSetting(name);
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
      task.settings[entry.key] = *value;
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

StudySpec ReadSpec(const Field& root, FieldLog& log) {
  const MapReader file(
      root,
      {"name", "objective", "algorithm", "stopping", "budget", "max_attempts",
       "seed", "parameters", "forbidden", "train", "function"},
      log);
  StudySpec spec;
  if (const auto name = file.Required("name", "the name of the study")) {
    spec.name =
        ReadText(*name, "a name in lower-case letters", log).value_or("");
  }
  if (const auto objective = file.Required("objective", kObjectiveForm)) {
    if (const auto read = ReadObjective(*objective, log)) {
      spec.objectives.push_back(*read);
    }
  }
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

absl::StatusOr<std::string> ReadText(const std::string& path) {
  std::error_code error;
  if (std::filesystem::is_directory(path, error)) {
    return absl::InvalidArgumentError(
        absl::StrCat(path, ": found a directory, expected a study file"));
  }
  errno = 0;
  std::ifstream in(path, std::ios::binary);
  if (!in) {
    return absl::NotFoundError(absl::StrCat(
        path, ": cannot open the study file: ", std::strerror(errno)));
  }
  std::string text(kMaxYamlBytes + 1, '\0');
  in.read(text.data(), static_cast<std::streamsize>(text.size()));
  if (in.bad()) {
    return absl::DataLossError(absl::StrCat(
        path, ": cannot read the study file: ", std::strerror(errno)));
  }
  text.resize(static_cast<size_t>(in.gcount()));
  return text;
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
    file.spec = ReadSpec({*root, ""}, log);
    for (Violation& violation : Validate(file.spec)) {
      if (log.IsBroken(violation.field)) continue;
      log.problems().push_back({log.Find(violation.field), violation.field,
                                std::move(violation.description)});
    }
  }
  file.problems = log.TakeProblems();
  return file;
}

absl::StatusOr<StudySpec> ReadStudyFile(const std::string& path) {
  ATTUNE_ASSIGN_OR_RETURN(const std::string text, ReadText(path));
  StudyFile file = ParseStudyFile(text);
  if (file.problems.empty()) return std::move(file.spec);
  return absl::InvalidArgumentError(absl::StrJoin(
      file.problems, "\n", [&path](std::string* out, const FileProblem& p) {
        absl::StrAppend(out, path, ":", p.at.line, ":", p.at.column, ": ",
                        p.field, p.field.empty() ? "" : ": ", p.description);
      }));
}

}  // namespace attune

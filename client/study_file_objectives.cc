#include "client/study_file_objectives.h"

#include <algorithm>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"

namespace attune {
namespace {

constexpr absl::string_view kObjectiveForm =
    "{metric: NAME, goal: minimize} or maximize";

// The violations of core call an only objective `objective`, wherever it
// stands in the file.
void PlaceOnlyObjective(const Field& item, FieldLog& log) {
  for (const char* part : {"", ".metric"}) {
    const std::string found = absl::StrCat(item.name, part);
    const std::string field = absl::StrCat("objective", part);
    log.Place(field, log.Find(found));
    if (log.IsBroken(found)) log.MarkBroken(field);
  }
}

std::vector<Objective> ReadList(const Field& field, FieldLog& log) {
  if (field.node.kind != YamlNode::Kind::kList) {
    AddUnexpected(field,
                  absl::StrCat("a list of objectives, each ", kObjectiveForm),
                  log);
    log.MarkBroken("objective");
    return {};
  }
  PlaceItems(field, log);
  log.Place("objective", log.Find(field.name));
  std::vector<Objective> objectives;
  for (size_t i = 0; i < field.node.items.size(); ++i) {
    const Field item = {field.node.items[i], Item(field.name, i)};
    // One that cannot be read keeps its place, as fields are named by it.
    objectives.push_back(ReadObjective(item, log).value_or(Objective()));
    if (field.node.items.size() == 1) PlaceOnlyObjective(item, log);
  }
  return objectives;
}

}  // namespace

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

std::vector<Objective> ReadObjectives(const MapReader& file, FieldLog& log) {
  const std::optional<Field> one = file.Find("objective");
  const std::optional<Field> several = file.Find("objectives");
  if (one.has_value() && several.has_value()) {
    const Position first = file.KeyPosition("objective");
    const Position second = file.KeyPosition("objectives");
    const bool list_is_first = second < first;
    log.Add(std::max(first, second), list_is_first ? "objective" : "objectives",
            absl::StrCat("found beside `",
                         list_is_first ? "objectives" : "objective",
                         "`, expected one of them"));
    log.MarkBroken("objective");
    return {};
  }
  if (several.has_value()) return ReadList(*several, log);
  if (file.IsMeant("objectives")) {
    log.MarkBroken("objective");
    return {};
  }
  const std::optional<Field> objective = file.Required(
      "objective",
      absl::StrCat(kObjectiveForm, ", or `objectives`, a list of several"));
  if (!objective.has_value()) return {};
  const std::optional<Objective> read = ReadObjective(*objective, log);
  return read.has_value() ? std::vector<Objective>{*read}
                          : std::vector<Objective>();
}

}  // namespace attune

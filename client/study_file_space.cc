#include "client/study_file_space.h"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

namespace attune {
namespace {

constexpr absl::string_view kDomainForms =
    "a list of choices, {min: ..., max: ...}, {values: [...]} or "
    "{choice: [...]}";

// The items of a list as values; those that cannot be read are left out.
std::vector<ParameterValue> ReadValues(const Field& list, FieldLog& log) {
  PlaceItems(list, log);
  std::vector<ParameterValue> values;
  for (size_t i = 0; i < list.node.items.size(); ++i) {
    const Field item = {list.node.items[i], Item(list.name, i)};
    if (auto value = ReadValueOrLayers(item, log)) {
      values.push_back(*std::move(value));
    } else {
      // Places of later items would no longer fit.
      log.MarkBroken(list.name);
    }
  }
  return values;
}

bool IsDouble(const ParameterValue& value) {
  return std::holds_alternative<double>(value);
}

ParameterValue Widened(const ParameterValue& value) {
  const auto* number = std::get_if<int64_t>(&value);
  if (number == nullptr) return value;
  return static_cast<double>(*number);
}

std::optional<Domain> ReadDiscrete(const Field& field, FieldLog& log) {
  if (field.node.kind != YamlNode::Kind::kList) {
    AddUnexpected(field, "a list of ascending numbers", log);
    return std::nullopt;
  }
  Discrete discrete{.values = ReadValues(field, log)};
  // A parameter has one type: 0.5 makes a decimal of the 1 beside it.
  if (std::any_of(discrete.values.begin(), discrete.values.end(), IsDouble)) {
    std::transform(discrete.values.begin(), discrete.values.end(),
                   discrete.values.begin(), Widened);
  }
  return discrete;
}

// `field` is the list; the parameter's own name is that of the violations.
std::optional<Domain> ReadChoice(const Field& field,
                                 const std::string& parameter, FieldLog& log) {
  if (field.node.kind != YamlNode::Kind::kList) {
    AddUnexpected(field, "a list of different values", log);
    return std::nullopt;
  }
  const Field values = {field.node, Part(parameter, "values")};
  log.Place(values.name, field.node.at);
  return Choice{.values = ReadValues(values, log)};
}

Scale ReadScale(const Field& field, FieldLog& log) {
  constexpr absl::string_view kExpected = "one of linear, log, reverse_log";
  const std::vector<std::string> words = {"linear", "log", "reverse_log"};
  const std::optional<std::string> word = ReadText(field, kExpected, log);
  if (!word.has_value() || *word == "linear") return Scale::kLinear;
  if (*word == "log") return Scale::kLog;
  if (*word == "reverse_log") return Scale::kReverseLog;
  const std::string nearest = NearestName(*word, words);
  AddUnexpected(
      field,
      absl::StrCat(kExpected, nearest.empty() ? ""
                                              : absl::StrCat("; did you mean `",
                                                             nearest, "`?")),
      log);
  return Scale::kLinear;
}

std::optional<Domain> ReadRange(const MapReader& map, FieldLog& log) {
  const std::optional<Field> min = map.Required("min", "the lowest value");
  const std::optional<Field> max = map.Required("max", "the highest value");
  const std::optional<Field> step = map.Find("step");
  const std::optional<Field> scale = map.Find("scale");
  const std::optional<Field> points = map.Find("points");
  bool decimal = false;
  for (const auto& bound : {min, max, step}) {
    decimal = decimal || (bound.has_value() && IsDecimal(bound->node));
  }
  const Scale read_scale =
      scale.has_value() ? ReadScale(*scale, log) : Scale::kLinear;
  std::optional<int64_t> read_points;
  if (points.has_value()) read_points = ReadInt(*points, log);
  if (decimal) {
    DoubleRange range{.scale = read_scale, .points = read_points};
    const auto low = min.has_value() ? ReadNumber(*min, log) : std::nullopt;
    const auto high = max.has_value() ? ReadNumber(*max, log) : std::nullopt;
    if (step.has_value()) range.step = ReadNumber(*step, log);
    if (!low.has_value() || !high.has_value()) return std::nullopt;
    range.min = *low;
    range.max = *high;
    return range;
  }
  IntRange range{.scale = read_scale, .points = read_points};
  const auto read_bound = [&log](const std::optional<Field>& bound) {
    if (!bound.has_value()) return std::optional<int64_t>();
    // The message of a bound that is no number speaks of numbers: only those
    // that are written without a point make a range of integers.
    if (!ReadNumber(*bound, log).has_value()) return std::optional<int64_t>();
    return ReadInt(*bound, log);
  };
  const std::optional<int64_t> low = read_bound(min);
  const std::optional<int64_t> high = read_bound(max);
  if (step.has_value()) range.step = read_bound(step).value_or(1);
  if (!low.has_value() || !high.has_value()) return std::nullopt;
  range.min = *low;
  range.max = *high;
  return range;
}

// Notes the keys of `others` that do not belong beside `form`.
void CheckNone(const MapReader& map, absl::string_view form,
               const std::vector<std::string>& others, FieldLog& log) {
  for (const std::string& key : others) {
    const std::optional<Field> field = map.Find(key);
    if (!field.has_value()) continue;
    log.Add(map.KeyPosition(key), field->name,
            absl::StrCat("found beside `", form, "`, expected only `when`"));
  }
}

std::optional<Domain> ReadDomain(const MapReader& map, const Field& field,
                                 FieldLog& log) {
  const std::vector<std::string> range = {"min", "max", "scale", "step",
                                          "points"};
  if (const auto values = map.Find("values")) {
    CheckNone(map, "values", range, log);
    CheckNone(map, "values", {"choice"}, log);
    return ReadDiscrete(*values, log);
  }
  if (const auto choice = map.Find("choice")) {
    CheckNone(map, "choice", range, log);
    return ReadChoice(*choice, field.name, log);
  }
  const bool is_range = std::any_of(
      range.begin(), range.end(),
      [&map](const std::string& key) { return map.Find(key).has_value(); });
  if (is_range) return ReadRange(map, log);
  // A misspelled key has been noted; that there is none has not.
  const size_t conditions = map.Find("when").has_value() ? 1 : 0;
  if (field.node.entries.size() == conditions) {
    AddUnexpected(field, kDomainForms, log);
  }
  return std::nullopt;
}

const Domain* FindDomain(const SearchSpace& space, absl::string_view name) {
  for (const ParameterSpec& spec : space.parameters) {
    if (spec.name == name) return &spec.domain;
  }
  return nullptr;
}

std::optional<Condition> ReadCondition(const Field& field,
                                       const SearchSpace& before,
                                       FieldLog& log) {
  constexpr absl::string_view kExpected =
      "one other parameter and its values, such as {optimizer: momentum} or "
      "{optimizer: [momentum, nesterov]}";
  if (field.node.kind != YamlNode::Kind::kMap ||
      field.node.entries.size() != 1) {
    AddUnexpected(field, kExpected, log);
    return std::nullopt;
  }
  const YamlEntry& entry = field.node.entries[0];
  log.Place(field.name, entry.at);
  Condition condition{.parameter = entry.key};
  const Field values = {entry.value, Part(field.name, entry.key)};
  log.Place(values.name, entry.value.at);
  if (entry.value.kind == YamlNode::Kind::kList) {
    condition.any_of = ReadValues(values, log);
  } else if (const auto value = ReadValue(values, log)) {
    condition.any_of.push_back(*value);
  }
  const Domain* domain = FindDomain(before, condition.parameter);
  for (ParameterValue& value : condition.any_of) {
    value = AsValueOf(domain, value);
  }
  if (log.IsBroken(absl::StrCat("parameters.", condition.parameter)) ||
      log.IsBroken(values.name)) {
    log.MarkBroken(field.name);
  }
  return condition;
}

ParameterSpec ReadParameter(const Field& field, absl::string_view name,
                            const SearchSpace& before, FieldLog& log) {
  ParameterSpec spec{.name = std::string(name)};
  std::optional<Domain> domain;
  if (field.node.kind == YamlNode::Kind::kList) {
    domain = ReadChoice(field, field.name, log);
  } else if (field.node.kind == YamlNode::Kind::kMap) {
    const MapReader map(
        field,
        {"min", "max", "scale", "step", "points", "values", "choice", "when"},
        log);
    domain = ReadDomain(map, field, log);
    if (const auto when = map.Find("when")) {
      spec.when = ReadCondition(*when, before, log);
    }
  } else {
    AddUnexpected(field, kDomainForms, log);
  }
  if (domain.has_value()) {
    spec.domain = *std::move(domain);
  } else {
    log.MarkBroken(field.name);
  }
  return spec;
}

}  // namespace

ParameterValue AsValueOf(const Domain* domain, const ParameterValue& value) {
  if (domain == nullptr) return value;
  const auto* discrete = std::get_if<Discrete>(domain);
  const bool decimal = std::holds_alternative<DoubleRange>(*domain) ||
                       (discrete != nullptr && !discrete->values.empty() &&
                        IsDouble(discrete->values[0]));
  return decimal ? Widened(value) : value;
}

void ReadParameters(const Field& field, SearchSpace& space, FieldLog& log) {
  if (field.node.kind != YamlNode::Kind::kMap) {
    AddUnexpected(field, "a map of parameters", log);
    return;
  }
  for (const YamlEntry& entry : field.node.entries) {
    const Field parameter = {entry.value, Part(field.name, entry.key)};
    const bool is_scalar = entry.value.kind == YamlNode::Kind::kScalar;
    log.Place(parameter.name, is_scalar ? entry.value.at : entry.at);
    space.parameters.push_back(ReadParameter(parameter, entry.key, space, log));
  }
}

void ReadForbidden(const Field& field, SearchSpace& space, FieldLog& log) {
  constexpr absl::string_view kExpected =
      "a list of combinations such as [{optimizer: sgd, batch_size: 32}]";
  if (field.node.kind != YamlNode::Kind::kList) {
    AddUnexpected(field, kExpected, log);
    return;
  }
  PlaceItems(field, log);
  for (size_t i = 0; i < field.node.items.size(); ++i) {
    const Field item = {field.node.items[i], Item(field.name, i)};
    Parameters combination;
    if (item.node.kind != YamlNode::Kind::kMap) {
      AddUnexpected(item, "a map such as {optimizer: sgd, batch_size: 32}",
                    log);
    }
    for (const YamlEntry& entry : item.node.entries) {
      const Field value = {entry.value, Part(item.name, entry.key)};
      log.Place(value.name, entry.at);
      if (log.IsBroken(absl::StrCat("parameters.", entry.key))) {
        log.MarkBroken(value.name);
      }
      if (auto read = ReadValueOrLayers(value, log)) {
        combination.Set(entry.key,
                        AsValueOf(FindDomain(space, entry.key), *read));
      }
    }
    space.forbidden.push_back(std::move(combination));
  }
}

std::optional<ParameterValue> ReadValueOrLayers(const Field& field,
                                                FieldLog& log) {
  if (field.node.kind != YamlNode::Kind::kList) return ReadValue(field, log);
  PlaceItems(field, log);
  std::vector<std::string> items;
  bool has_text = false;
  for (size_t i = 0; i < field.node.items.size(); ++i) {
    const Field item = {field.node.items[i], Item(field.name, i)};
    const std::optional<ParameterValue> value = ReadValue(item, log);
    if (!value.has_value()) continue;
    const bool is_text = std::holds_alternative<std::string>(*value);
    if (!is_text && !std::holds_alternative<int64_t>(*value)) {
      AddUnexpected(item, "an integer or a text", log);
      continue;
    }
    has_text = has_text || is_text;
    items.push_back(ToString(*value));
  }
  if (items.size() != field.node.items.size()) return std::nullopt;
  return absl::StrJoin(items, has_text ? ", " : ",");
}

}  // namespace attune

#include "client/yaml_reader.h"

#include <algorithm>
#include <limits>
#include <utility>
#include <variant>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/strip.h"
#include "core/error.h"

namespace attune {
namespace {

// `a.b[2]` is contained in `a.b`, that in `a`; `a` in nothing.
bool StripPart(absl::string_view& field) {
  const size_t at = field.find_last_of(".[");
  if (at == absl::string_view::npos) return false;
  field = field.substr(0, at);
  return true;
}

size_t CountDigits(absl::string_view text) {
  return static_cast<size_t>(
      std::find_if_not(text.begin(), text.end(),
                       [](char c) {
                         return absl::ascii_isdigit(
                             static_cast<unsigned char>(c));
                       }) -
      text.begin());
}

// How the number schema of YAML 1.2 reads an unquoted text.
enum class NumberForm { kNone, kInt, kDecimal };

NumberForm FormOf(absl::string_view text) {
  if (!text.empty() && (text[0] == '-' || text[0] == '+')) {
    text.remove_prefix(1);
  }
  const std::string lower = absl::AsciiStrToLower(text);
  if (lower == ".inf" || lower == ".nan") return NumberForm::kDecimal;
  const size_t whole = CountDigits(text);
  text.remove_prefix(whole);
  if (text.empty()) return whole > 0 ? NumberForm::kInt : NumberForm::kNone;
  size_t fraction = 0;
  if (absl::ConsumePrefix(&text, ".")) {
    fraction = CountDigits(text);
    text.remove_prefix(fraction);
  }
  if (whole + fraction == 0) return NumberForm::kNone;
  if (text.empty()) return NumberForm::kDecimal;
  if (text[0] != 'e' && text[0] != 'E') return NumberForm::kNone;
  text.remove_prefix(1);
  if (!text.empty() && (text[0] == '-' || text[0] == '+')) {
    text.remove_prefix(1);
  }
  const size_t exponent = CountDigits(text);
  return exponent > 0 && exponent == text.size() ? NumberForm::kDecimal
                                                 : NumberForm::kNone;
}

double ToDouble(absl::string_view text) {
  std::string lower = absl::AsciiStrToLower(text);
  lower.erase(std::remove(lower.begin(), lower.end(), '+'), lower.end());
  if (lower == ".inf") return std::numeric_limits<double>::infinity();
  if (lower == "-.inf") return -std::numeric_limits<double>::infinity();
  double value = std::numeric_limits<double>::quiet_NaN();
  if (!absl::EndsWith(lower, ".nan") && !absl::SimpleAtod(text, &value)) {
    return std::numeric_limits<double>::quiet_NaN();
  }
  return value;
}

bool IsScalar(const YamlNode& node) {
  return node.kind == YamlNode::Kind::kScalar;
}

NumberForm FormOf(const YamlNode& node) {
  return IsScalar(node) && node.plain ? FormOf(absl::string_view(node.text))
                                      : NumberForm::kNone;
}

bool IsBool(const YamlNode& node, bool value) {
  if (!IsScalar(node) || !node.plain) return false;
  const absl::string_view text = node.text;
  return value ? text == "true" || text == "True" || text == "TRUE"
               : text == "false" || text == "False" || text == "FALSE";
}

// `expected one of a, b; did you mean `a`?` with the nearest left in `nearest`.
std::string Suggest(absl::string_view word,
                    const std::vector<std::string>& known,
                    std::string& nearest) {
  nearest = NearestName(word, known);
  return absl::StrCat(
      "expected one of ", absl::StrJoin(known, ", "),
      nearest.empty() ? "" : absl::StrCat("; did you mean `", nearest, "`?"));
}

}  // namespace

void FieldLog::Add(Position at, const std::string& field,
                   std::string description) {
  problems_.push_back({at, field, std::move(description)});
  MarkBroken(field);
}

bool FieldLog::IsBroken(absl::string_view field) const {
  do {
    if (broken_.find(field) != broken_.end()) return true;
  } while (StripPart(field));
  return false;
}

Position FieldLog::Find(absl::string_view field) const {
  do {
    const auto place = places_.find(field);
    if (place != places_.end()) return place->second;
  } while (StripPart(field));
  return {};
}

std::vector<FileProblem> FieldLog::TakeProblems() {
  std::stable_sort(
      problems_.begin(), problems_.end(),
      [](const FileProblem& a, const FileProblem& b) { return a.at < b.at; });
  return std::move(problems_);
}

std::string FoundIn(const YamlNode& node) {
  switch (node.kind) {
    case YamlNode::Kind::kNull:
      return "nothing";
    case YamlNode::Kind::kList:
      return "a list";
    case YamlNode::Kind::kMap:
      return "a map";
    case YamlNode::Kind::kBroken:
      return "an error";
    case YamlNode::Kind::kScalar:
      break;
  }
  constexpr size_t kShown = 60;
  std::string text = node.text;
  if (text.size() > kShown) {
    size_t end = kShown;
    while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) {
      --end;
    }
    text = absl::StrCat(text.substr(0, end), "...");
  }
  return absl::StrCat(node.plain ? "`" : "the text `",
                      absl::Utf8SafeCEscape(text), "`");
}

void AddUnexpected(const Field& field, absl::string_view expected,
                   FieldLog& log) {
  if (field.node.kind == YamlNode::Kind::kBroken) {
    log.MarkBroken(field.name);
    return;
  }
  log.Add(log.Find(field.name), field.name,
          absl::StrCat("found ", FoundIn(field.node), ", expected ", expected));
}

std::optional<ParameterValue> ReadValue(const Field& field, FieldLog& log) {
  const YamlNode& node = field.node;
  if (!IsScalar(node)) {
    AddUnexpected(field, "a number, a text, true or false", log);
    return std::nullopt;
  }
  if (IsBool(node, true)) return true;
  if (IsBool(node, false)) return false;
  switch (FormOf(node)) {
    case NumberForm::kNone:
      return node.text;
    case NumberForm::kDecimal:
      return ToDouble(node.text);
    case NumberForm::kInt:
      break;
  }
  const std::optional<int64_t> number = ReadInt(field, log);
  if (!number.has_value()) return std::nullopt;
  return *number;
}

std::optional<std::string> ReadText(const Field& field,
                                    absl::string_view expected, FieldLog& log) {
  const YamlNode& node = field.node;
  if (IsScalar(node) && FormOf(node) == NumberForm::kNone &&
      !IsBool(node, true) && !IsBool(node, false)) {
    return node.text;
  }
  AddUnexpected(field, expected, log);
  return std::nullopt;
}

std::optional<int64_t> ReadInt(const Field& field, FieldLog& log) {
  const YamlNode& node = field.node;
  int64_t value = 0;
  if (FormOf(node) != NumberForm::kInt) {
    AddUnexpected(field, "an integer", log);
  } else if (!absl::SimpleAtoi(node.text, &value)) {
    AddUnexpected(field, "an integer of at most 64 bits", log);
  } else {
    return value;
  }
  return std::nullopt;
}

std::optional<double> ReadNumber(const Field& field, FieldLog& log) {
  if (FormOf(field.node) == NumberForm::kNone) {
    AddUnexpected(field, "a number", log);
    return std::nullopt;
  }
  return ToDouble(field.node.text);
}

bool IsDecimal(const YamlNode& node) {
  return FormOf(node) == NumberForm::kDecimal;
}

MapReader::MapReader(const Field& field, std::vector<std::string> known,
                     FieldLog& log)
    : field_(field), log_(log) {
  for (const YamlEntry& entry : field.node.entries) {
    const std::string name = Part(field.name, entry.key);
    const bool is_scalar = IsScalar(entry.value);
    log.Place(name, is_scalar ? entry.value.at : entry.at);
    if (std::find(known.begin(), known.end(), entry.key) != known.end()) {
      continue;
    }
    std::string nearest;
    const std::string expected = Suggest(entry.key, known, nearest);
    log.Add(entry.at, name, absl::StrCat("found an unknown key, ", expected));
    meant_.insert(nearest);
  }
}

std::optional<Field> MapReader::Find(absl::string_view key) const {
  for (const YamlEntry& entry : field_.node.entries) {
    if (entry.key == key) return Field{entry.value, Part(field_.name, key)};
  }
  return std::nullopt;
}

std::optional<Field> MapReader::Required(absl::string_view key,
                                         absl::string_view expected) const {
  std::optional<Field> found = Find(key);
  if (found.has_value()) return found;
  const std::string name = Part(field_.name, key);
  if (IsMeant(key)) {
    log_.MarkBroken(name);
  } else {
    log_.Add(field_.name.empty() ? field_.node.at : log_.Find(field_.name),
             name, absl::StrCat("found none, expected ", expected));
  }
  return std::nullopt;
}

bool MapReader::IsMeant(absl::string_view key) const {
  return meant_.count(std::string(key)) > 0;
}

Position MapReader::KeyPosition(absl::string_view key) const {
  for (const YamlEntry& entry : field_.node.entries) {
    if (entry.key == key) return entry.at;
  }
  return field_.node.at;
}

std::string Part(const std::string& field, absl::string_view key) {
  return field.empty() ? std::string(key) : absl::StrCat(field, ".", key);
}

void PlaceItems(const Field& list, FieldLog& log) {
  for (size_t i = 0; i < list.node.items.size(); ++i) {
    log.Place(Item(list.name, i), list.node.items[i].at);
  }
}

std::string Item(const std::string& field, size_t index) {
  return absl::StrCat(field, "[", index, "]");
}

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

}  // namespace attune

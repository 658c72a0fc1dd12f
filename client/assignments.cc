#include "client/assignments.h"

#include <algorithm>
#include <optional>
#include <set>
#include <variant>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "client/study_file_space.h"
#include "client/yaml_reader.h"
#include "core/csv_rows.h"
#include "core/error.h"
#include "core/status_macros.h"

namespace attune {
namespace {

// The value of a choice that `text` means: one that is equal, else one that
// reads the same, else the same number. As it is read, if there is none.
ParameterValue FindChoice(const Choice& choice, const std::string& text,
                          const ParameterValue& read) {
  const auto find = [&choice](const auto& fits) -> const ParameterValue* {
    const auto found =
        std::find_if(choice.values.begin(), choice.values.end(), fits);
    return found == choice.values.end() ? nullptr : &*found;
  };
  using Value = ParameterValue;
  const Value* found = find([&](const Value& value) { return value == read; });
  if (found == nullptr) {
    found = find([&](const Value& value) { return ToString(value) == text; });
  }
  const std::optional<double> number = AsDouble(read);
  if (found == nullptr && number.has_value()) {
    found = find([&](const Value& value) { return AsDouble(value) == number; });
  }
  return found == nullptr ? read : *found;
}

// One value, if it can be read; whether it is legal is judged elsewhere.
std::optional<ParameterValue> ReadOne(const std::string& field,
                                      const std::string& text,
                                      const Domain* domain, FieldLog& log) {
  YamlNode node;
  node.kind = YamlNode::Kind::kScalar;
  node.text = text;
  node.plain = true;
  std::optional<ParameterValue> value = ReadValue({node, field}, log);
  if (!value.has_value() || domain == nullptr) return value;
  if (const auto* choice = std::get_if<Choice>(domain)) {
    return FindChoice(*choice, text, *value);
  }
  return AsValueOf(domain, *value);
}

// What is wrong with a point of a study without a search space.
std::vector<Violation> ValidateNames(const Parameters& parameters) {
  std::vector<Violation> violations;
  for (const auto& [name, value] : parameters) {
    if (IsName(name)) continue;
    violations.push_back(
        {.field = "parameters",
         .description = absl::StrCat(
             "found the name `", name,
             "`, expected a letter or `_` and then up to 62 letters, digits, "
             "`_`, `.` or `-`")});
  }
  return violations;
}

// Adds what is wrong to `problems`, each with `place` before it.
Parameters ReadPlaced(const std::vector<NameAndText>& values,
                      const StudySpec& spec, absl::string_view place,
                      std::vector<std::string>& problems) {
  Parameters parameters;
  FieldLog log;
  for (const auto& [name, text] : values) {
    const ParameterSpec* found = FindParameter(spec.space, name);
    const auto value =
        ReadOne(absl::StrCat("parameters.", name), text,
                found == nullptr ? nullptr : &found->domain, log);
    if (value.has_value()) parameters.Set(name, *value);
  }
  for (const FileProblem& problem : log.problems()) {
    problems.push_back(
        absl::StrCat(place, problem.field, ": ", problem.description));
  }
  for (const Violation& violation : HasSearch(spec)
                                        ? ValidatePoint(spec.space, parameters)
                                        : ValidateNames(parameters)) {
    if (log.IsBroken(violation.field)) continue;
    problems.push_back(
        absl::StrCat(place, violation.field, ": ", violation.description));
  }
  return parameters;
}

absl::Status AllWrong(const std::vector<std::string>& problems) {
  constexpr size_t kShown = 20;
  const size_t shown = std::min(problems.size(), kShown);
  return absl::InvalidArgumentError(absl::StrCat(
      absl::StrJoin(problems.begin(),
                    problems.begin() + static_cast<std::ptrdiff_t>(shown),
                    "\n"),
      shown < problems.size()
          ? absl::StrCat("\n... and ", problems.size() - shown, " more")
          : ""));
}

// The names in the first line.
absl::Status CheckHeader(const CsvRows& rows,
                         const std::vector<std::string>& header,
                         const StudySpec& spec) {
  std::vector<std::string> known;
  for (const ParameterSpec& parameter : spec.space.parameters) {
    known.push_back(parameter.name);
  }
  std::set<std::string> seen;
  for (const std::string& name : header) {
    if (!seen.insert(name).second) {
      return rows.Wrong(absl::StrCat("found the name `", name,
                                     "` twice, expected each once"));
    }
    if (!HasSearch(spec) || FindParameter(spec.space, name) != nullptr) {
      continue;
    }
    const std::string nearest = NearestName(name, known);
    return rows.Wrong(absl::StrCat(
        "found the name `", name, "`, expected one of ",
        absl::StrJoin(known, ", "),
        nearest.empty() ? ""
                        : absl::StrCat("; did you mean `", nearest, "`?")));
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<std::vector<NameAndText>> SplitAssignments(
    const std::vector<std::string>& words) {
  std::vector<NameAndText> result;
  std::set<std::string> seen;
  for (const std::string& word : words) {
    const size_t at = word.find('=');
    if (at == std::string::npos || at == 0) {
      return absl::InvalidArgumentError(
          absl::StrCat("found `", word, "`, expected NAME=VALUE"));
    }
    const NameAndText& pair =
        result.emplace_back(word.substr(0, at), word.substr(at + 1));
    if (!seen.insert(pair.first).second) {
      return absl::InvalidArgumentError(
          absl::StrCat("found `", pair.first, "` twice, expected it once"));
    }
  }
  return result;
}

absl::StatusOr<Attributes> ReadAttributes(
    const std::vector<std::string>& words) {
  ATTUNE_ASSIGN_OR_RETURN(const std::vector<NameAndText> pairs,
                          SplitAssignments(words));
  Attributes attributes(pairs.begin(), pairs.end());
  std::vector<std::string> problems;
  for (const Violation& violation : Validate(attributes, "attributes")) {
    problems.push_back(
        absl::StrCat(violation.field, ": ", violation.description));
  }
  if (!problems.empty()) return AllWrong(problems);
  return attributes;
}

absl::StatusOr<Parameters> ReadPoint(const std::vector<NameAndText>& values,
                                     const StudySpec& spec) {
  std::vector<std::string> problems;
  Parameters parameters = ReadPlaced(values, spec, "", problems);
  if (!problems.empty()) return AllWrong(problems);
  return parameters;
}

absl::StatusOr<std::vector<Parameters>> ReadPoints(absl::string_view text,
                                                   absl::string_view name,
                                                   const StudySpec& spec) {
  CsvRows rows(text, name);
  std::vector<std::string> header;
  ATTUNE_ASSIGN_OR_RETURN(bool more, rows.Next(header));
  if (more) ATTUNE_RETURN_IF_ERROR(CheckHeader(rows, header, spec));
  std::vector<Parameters> points;
  std::vector<std::string> problems;
  std::vector<std::string> cells;
  while (more) {
    ATTUNE_ASSIGN_OR_RETURN(more, rows.Next(cells));
    if (!more) break;
    if (cells.size() != header.size()) {
      return rows.Wrong(absl::StrCat("found ", cells.size(),
                                     " cells, expected ", header.size(),
                                     ", one for each name in the first line"));
    }
    if (points.size() == kMaxPoints) {
      return rows.Wrong(
          absl::StrCat("found another point, expected at most ", kMaxPoints));
    }
    std::vector<NameAndText> given;
    for (size_t i = 0; i < cells.size(); ++i) {
      if (!cells[i].empty()) given.emplace_back(header[i], cells[i]);
    }
    points.push_back(
        ReadPlaced(given, spec,
                   absl::StrCat("reading ", name, ", line ", rows.line(), ": "),
                   problems));
  }
  if (!problems.empty()) return AllWrong(problems);
  if (points.empty()) {
    return absl::InvalidArgumentError(
        absl::StrCat("reading ", name,
                     ": found no points, expected the parameters' names in "
                     "the first line and a point in each other"));
  }
  return points;
}

}  // namespace attune

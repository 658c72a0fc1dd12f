// Validate() and ValidatePoint() of core/search_space.h.
#include <algorithm>
#include <cmath>
#include <set>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "core/overloaded.h"
#include "core/search_space.h"
#include "core/step_grid.h"

namespace attune {
namespace {

// Collects what is wrong with one field and its parts.
class Problems {
 public:
  Problems(std::string field, std::vector<Violation>& violations)
      : field_(std::move(field)), violations_(violations) {}

  // `part` is the field's own part (`min`), or empty for the whole.
  void Add(absl::string_view part, std::string description) {
    violations_.push_back(
        {.field = part.empty() ? field_ : absl::StrCat(field_, ".", part),
         .description = std::move(description)});
  }

 private:
  std::string field_;
  std::vector<Violation>& violations_;
};

std::string Found(double value) { return ToString(ParameterValue(value)); }

// `; did you mean `x`?` if one of `names` is near.
std::string DidYouMean(absl::string_view word,
                       const std::vector<std::string>& names) {
  const std::string nearest = NearestName(word, names);
  return nearest.empty() ? "" : absl::StrCat("; did you mean `", nearest, "`?");
}

std::string JoinNames(const std::vector<std::string>& names) {
  constexpr size_t kShown = 20;
  const size_t shown = std::min(names.size(), kShown);
  return absl::StrCat(
      absl::StrJoin(names.begin(),
                    names.begin() + static_cast<std::ptrdiff_t>(shown), ", "),
      shown < names.size() ? ", ..." : "");
}

// The value's type in the words of the study file.
absl::string_view TypeName(const ParameterValue& value) {
  constexpr absl::string_view kNames[] = {"the number", "the integer",
                                          "the text", "the truth value"};
  return kNames[value.index()];
}

std::string NotInDomain(const Domain& domain, const ParameterValue& value) {
  std::string message =
      absl::StrCat("found ", TypeName(value), " `", ToString(value),
                   "`, expected ", Describe(domain));
  const auto* choice = std::get_if<Choice>(&domain);
  const auto* text = std::get_if<std::string>(&value);
  if (choice != nullptr && text != nullptr) {
    std::vector<std::string> texts;
    for (const ParameterValue& candidate : choice->values) {
      texts.push_back(ToString(candidate));
    }
    message += DidYouMean(*text, texts);
  }
  return message;
}

void CheckPoints(const std::optional<int64_t>& points, Problems& problems) {
  if (points.has_value() && (*points < 1 || *points > kMaxGridPoints)) {
    problems.Add("points", absl::StrCat("found ", *points,
                                        ", expected an integer from 1 "
                                        "to ",
                                        kMaxGridPoints));
  }
}

// `min` and `max` are the bounds as doubles.
void CheckScale(Scale scale, double min, double max, Problems& problems) {
  if (scale == Scale::kLinear || min > 0.0) return;
  if (scale == Scale::kReverseLog && max < 1.0) {
    if (min == 0.0) return;  // the log scale of 1 - x
    problems.Add("min", absl::StrCat("found ", Found(min),
                                     ", expected at least 0, as the scale is "
                                     "reverse_log"));
    return;
  }
  problems.Add(
      "min",
      absl::StrCat("found ", Found(min),
                   ", expected a number above 0, as the scale is ",
                   scale == Scale::kLog ? "log"
                                        : "reverse_log and max is not below "
                                          "1"));
}

void CheckDomain(const DoubleRange& range, Problems& problems) {
  CheckPoints(range.points, problems);
  if (!std::isfinite(range.min)) {
    problems.Add("min", absl::StrCat("found ", Found(range.min),
                                     ", expected a finite number"));
  }
  if (!std::isfinite(range.max)) {
    problems.Add("max", absl::StrCat("found ", Found(range.max),
                                     ", expected a finite number"));
  }
  if (!std::isfinite(range.min) || !std::isfinite(range.max)) return;
  CheckScale(range.scale, range.min, range.max, problems);
  if (range.min > range.max) {
    problems.Add("max", absl::StrCat("found ", Found(range.max),
                                     ", expected at least min, which is ",
                                     Found(range.min)));
    return;
  }
  const double width = range.max - range.min;
  if (!std::isfinite(width)) {
    problems.Add("max", absl::StrCat("found ", Found(range.max), " with min ",
                                     Found(range.min),
                                     ", expected a range that a double can "
                                     "measure"));
    return;
  }
  if (!range.step.has_value()) return;
  const double step = *range.step;
  if (!(step > 0.0) || !std::isfinite(step)) {
    problems.Add("step", absl::StrCat("found ", Found(step),
                                      ", expected a finite number above 0"));
  } else if (width > 0.0 && step > width) {
    problems.Add("step", absl::StrCat("found ", Found(step),
                                      ", expected at most max - min, which "
                                      "is ",
                                      Found(width)));
  } else if (width / step > kMaxSteps) {
    problems.Add("step",
                 absl::StrCat("found ", Found(step), ", which makes more than ",
                              Found(kMaxSteps),
                              " values; expected a larger step or "
                              "none"));
  }
}

void CheckDomain(const IntRange& range, Problems& problems) {
  CheckPoints(range.points, problems);
  bool bounded = true;
  const std::pair<absl::string_view, int64_t> bounds[] = {{"min", range.min},
                                                          {"max", range.max}};
  for (const auto& [part, bound] : bounds) {
    if (bound >= -kMaxInteger && bound <= kMaxInteger) continue;
    problems.Add(part,
                 absl::StrCat("found ", bound, ", expected an integer from ",
                              -kMaxInteger, " to ", kMaxInteger));
    bounded = false;
  }
  CheckScale(range.scale, static_cast<double>(range.min),
             static_cast<double>(range.max), problems);
  if (range.min > range.max) {
    problems.Add("max",
                 absl::StrCat("found ", range.max,
                              ", expected at least min, which is ", range.min));
  } else if (range.step < 1) {
    problems.Add("step", absl::StrCat("found ", range.step,
                                      ", expected an integer of at least 1"));
  } else if (bounded && range.step > 1 && range.max > range.min &&
             range.step > range.max - range.min) {
    problems.Add("step", absl::StrCat("found ", range.step,
                                      ", expected at most max - min, which "
                                      "is ",
                                      range.max - range.min));
  }
}

bool CheckCount(const std::vector<ParameterValue>& values, Problems& problems) {
  const auto count = static_cast<int64_t>(values.size());
  if (count >= 1 && count <= kMaxValues) return true;
  problems.Add("values",
               absl::StrCat("found ", count, " values, expected from 1 to ",
                            kMaxValues));
  return false;
}

// Nullopt if `value` may stand in a list of values.
std::optional<std::string> ValueProblem(const ParameterValue& value) {
  if (const auto* number = std::get_if<double>(&value)) {
    if (std::isfinite(*number)) return std::nullopt;
    return absl::StrCat("found ", Found(*number), ", expected a finite number");
  }
  if (const auto* number = std::get_if<int64_t>(&value)) {
    if (*number >= -kMaxInteger && *number <= kMaxInteger) return std::nullopt;
    return absl::StrCat("found ", *number, ", expected an integer from ",
                        -kMaxInteger, " to ", kMaxInteger);
  }
  if (const auto* text = std::get_if<std::string>(&value)) {
    if (static_cast<int64_t>(text->size()) <= kMaxTextLength) {
      return std::nullopt;
    }
    return absl::StrCat("found a text of ", text->size(),
                        " bytes, expected at most ", kMaxTextLength);
  }
  return std::nullopt;
}

void CheckDomain(const Discrete& discrete, Problems& problems) {
  if (!CheckCount(discrete.values, problems)) return;
  std::optional<double> last;
  for (size_t i = 0; i < discrete.values.size(); ++i) {
    const ParameterValue& value = discrete.values[i];
    const std::string part = absl::StrCat("values[", i, "]");
    const std::optional<double> number = AsDouble(value);
    if (!number.has_value()) {
      problems.Add(
          part, absl::StrCat("found ", TypeName(value), " `", ToString(value),
                             "`, expected a number; "
                             "values that are not numbers are "
                             "written as a list without `values`"));
    } else if (const auto problem = ValueProblem(value)) {
      problems.Add(part, *problem);
    } else if (last.has_value() && *number <= *last) {
      problems.Add(part, absl::StrCat("found ", ToString(value), " after ",
                                      ToString(discrete.values[i - 1]),
                                      ", expected ascending numbers, each "
                                      "once"));
    }
    last = number;
  }
}

void CheckDomain(const Choice& choice, Problems& problems) {
  if (!CheckCount(choice.values, problems)) return;
  std::set<ParameterValue> seen;
  for (size_t i = 0; i < choice.values.size(); ++i) {
    const ParameterValue& value = choice.values[i];
    const std::string part = absl::StrCat("values[", i, "]");
    if (const auto problem = ValueProblem(value)) {
      problems.Add(part, *problem);
    } else if (!seen.insert(value).second) {
      problems.Add(part, absl::StrCat("found `", ToString(value),
                                      "` a second time, expected different "
                                      "values"));
    }
  }
}

// Contains() may only be asked about legal domains.
bool IsLegal(const Domain& domain) {
  std::vector<Violation> violations;
  Problems problems("", violations);
  std::visit([&problems](const auto& d) { CheckDomain(d, problems); }, domain);
  return violations.empty();
}

// `index` is the place of `spec` in `space`; its condition may name those that
// stand before it.
void CheckCondition(const SearchSpace& space, size_t index,
                    Problems& problems) {
  const ParameterSpec& spec = space.parameters[index];
  const Condition& when = *spec.when;
  std::vector<std::string> before;
  const ParameterSpec* parent = nullptr;
  bool stands_after = false;
  for (size_t i = 0; i < space.parameters.size(); ++i) {
    const ParameterSpec& other = space.parameters[i];
    if (i < index) before.push_back(other.name);
    if (other.name != when.parameter) continue;
    if (i < index) {
      parent = &other;
    } else {
      stands_after = i > index;
    }
  }
  if (when.parameter == spec.name) {
    problems.Add("when", "found the parameter's own name, expected another");
  } else if (parent == nullptr && stands_after) {
    problems.Add("when", absl::StrCat("found `", when.parameter,
                                      "`, which stands after `", spec.name,
                                      "`; expected a parameter that stands "
                                      "before it"));
  } else if (parent == nullptr) {
    problems.Add("when", absl::StrCat("found `", when.parameter,
                                      "`, expected the name of a parameter",
                                      DidYouMean(when.parameter, before)));
  }
  if (when.any_of.empty()) {
    problems.Add("when", "found no value, expected at least one");
  }
  if (parent == nullptr || !IsLegal(parent->domain)) return;
  for (const ParameterValue& value : when.any_of) {
    if (Contains(parent->domain, value)) continue;
    problems.Add("when", absl::StrCat("value of `", when.parameter, "`: ",
                                      NotInDomain(parent->domain, value)));
  }
}

std::vector<std::string> Names(const SearchSpace& space) {
  std::vector<std::string> names;
  names.reserve(space.parameters.size());
  for (const ParameterSpec& spec : space.parameters) {
    names.push_back(spec.name);
  }
  return names;
}

void CheckForbidden(const SearchSpace& space,
                    std::vector<Violation>& violations) {
  if (static_cast<int64_t>(space.forbidden.size()) > kMaxForbidden) {
    violations.push_back(
        {.field = "forbidden",
         .description =
             absl::StrCat("found ", space.forbidden.size(),
                          " combinations, expected at most ", kMaxForbidden)});
    return;
  }
  for (size_t i = 0; i < space.forbidden.size(); ++i) {
    Problems problems(absl::StrCat("forbidden[", i, "]"), violations);
    if (space.forbidden[i].empty()) {
      problems.Add("", "found no value, expected at least one");
    }
    for (const auto& [name, value] : space.forbidden[i]) {
      const ParameterSpec* spec = FindParameter(space, name);
      if (spec == nullptr) {
        problems.Add(name, absl::StrCat("found an unknown name, expected a "
                                        "parameter's",
                                        DidYouMean(name, Names(space))));
      } else if (IsLegal(spec->domain) && !Contains(spec->domain, value)) {
        problems.Add(name, NotInDomain(spec->domain, value));
      }
    }
  }
}

}  // namespace

bool IsName(absl::string_view text) {
  constexpr size_t kLongest = 63;
  if (text.empty() || text.size() > kLongest) return false;
  if (!absl::ascii_isalpha(static_cast<unsigned char>(text[0])) &&
      text[0] != '_') {
    return false;
  }
  return std::all_of(text.begin(), text.end(), [](char c) {
    return absl::ascii_isalnum(static_cast<unsigned char>(c)) || c == '_' ||
           c == '.' || c == '-';
  });
}

std::vector<Violation> Validate(const SearchSpace& space) {
  std::vector<Violation> violations;
  if (static_cast<int64_t>(space.parameters.size()) > kMaxParameters) {
    violations.push_back(
        {.field = "parameters",
         .description =
             absl::StrCat("found ", space.parameters.size(),
                          " parameters, expected at most ", kMaxParameters)});
    return violations;
  }
  std::set<std::string> names;
  for (size_t i = 0; i < space.parameters.size(); ++i) {
    const ParameterSpec& spec = space.parameters[i];
    Problems problems(spec.name.empty()
                          ? absl::StrCat("parameters[", i, "]")
                          : absl::StrCat("parameters.", spec.name),
                      violations);
    if (!IsName(spec.name)) {
      problems.Add("", absl::StrCat("found the name `", spec.name,
                                    "`, expected a letter or `_` and then up "
                                    "to 62 letters, digits, `_`, `.` or `-`"));
    } else if (!names.insert(spec.name).second) {
      problems.Add("", "found the name a second time, expected it once");
    }
    std::visit([&](const auto& domain) { CheckDomain(domain, problems); },
               spec.domain);
    if (spec.when.has_value()) CheckCondition(space, i, problems);
  }
  CheckForbidden(space, violations);
  return violations;
}

std::vector<Violation> ValidatePoint(const SearchSpace& space,
                                     const Parameters& parameters) {
  std::vector<Violation> violations;
  Problems problems("parameters", violations);
  for (const ParameterSpec& spec : space.parameters) {
    const std::optional<ParameterValue> found = parameters.Find(spec.name);
    const bool active = IsActive(space, spec, parameters);
    if (!found.has_value()) {
      if (active) {
        problems.Add(spec.name, absl::StrCat("found none, expected ",
                                             Describe(spec.domain)));
      }
    } else if (!active) {
      std::vector<std::string> values;
      for (const ParameterValue& value : spec.when->any_of) {
        values.push_back(ToString(value));
      }
      problems.Add(
          spec.name,
          absl::StrCat("found a value, expected none: it exists only "
                       "where `",
                       spec.when->parameter, "` is ", JoinNames(values)));
    } else if (!Contains(spec.domain, *found)) {
      problems.Add(spec.name, NotInDomain(spec.domain, *found));
    }
  }
  for (const auto& [name, value] : parameters) {
    if (FindParameter(space, name) != nullptr) continue;
    problems.Add(name, absl::StrCat("found an unknown name, expected a "
                                    "parameter's",
                                    DidYouMean(name, Names(space))));
  }
  if (IsForbidden(space, parameters)) {
    problems.Add("", absl::StrCat("found a forbidden combination: ",
                                  ToString(parameters)));
  }
  return violations;
}

}  // namespace attune

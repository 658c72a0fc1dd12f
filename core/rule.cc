#include "core/rule.h"

#include <algorithm>
#include <optional>
#include <utility>
#include <variant>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "core/check.h"

namespace attune {
namespace {

// The names of rules or settings.
template <typename Rows>
std::vector<std::string> NamesOf(const Rows& rows) {
  std::vector<std::string> names;
  for (const auto& row : rows) names.emplace_back(row.name);
  return names;
}

std::string Unknown(absl::string_view found,
                    const std::vector<std::string>& names) {
  const std::string nearest = NearestName(found, names);
  return absl::StrCat(
      "found `", found, "`, expected one of ", absl::StrJoin(names, ", "),
      nearest.empty() ? "" : absl::StrCat("; did you mean `", nearest, "`?"));
}

const Setting* FindSetting(const Rule& rule, absl::string_view name) {
  const auto found = std::find_if(
      rule.settings.begin(), rule.settings.end(),
      [name](const Setting& setting) { return setting.name == name; });
  return found == rule.settings.end() ? nullptr : &*found;
}

}  // namespace

const Rule* FindRule(absl::Span<const Rule> rules, absl::string_view name) {
  const auto found =
      std::find_if(rules.begin(), rules.end(),
                   [name](const Rule& rule) { return rule.name == name; });
  return found == rules.end() ? nullptr : &*found;
}

std::vector<Violation> ValidateRule(absl::Span<const Rule> rules,
                                    absl::string_view name,
                                    const Parameters& settings,
                                    absl::string_view field) {
  std::vector<Violation> violations;
  const Rule* const rule = FindRule(rules, name);
  if (rule == nullptr) {
    violations.push_back({.field = std::string(field),
                          .description = Unknown(name, NamesOf(rules))});
    return violations;
  }
  for (const auto& [key, value] : settings) {
    const std::string place = absl::StrCat(field, ".", name, ".", key);
    const Setting* const setting = FindSetting(*rule, key);
    if (setting == nullptr) {
      violations.push_back(
          {.field = place,
           .description =
               rule->settings.empty()
                   ? absl::StrCat("found a setting, but `", name, "` has none")
                   : Unknown(key, NamesOf(rule->settings))});
      continue;
    }
    const std::optional<std::string> problem = CheckSetting(*setting, value);
    if (problem.has_value()) violations.push_back({place, *problem});
  }
  return violations;
}

RuleSettings::RuleSettings(const Rule& rule, Parameters given)
    : rule_(rule), given_(std::move(given)) {}

double RuleSettings::Number(absl::string_view name) const {
  return AsDouble(Value(name)).value();
}

int64_t RuleSettings::Int(absl::string_view name) const {
  return std::get<int64_t>(Value(name));
}

bool RuleSettings::Bool(absl::string_view name) const {
  return std::get<bool>(Value(name));
}

std::string RuleSettings::Word(absl::string_view name) const {
  return std::get<std::string>(Value(name));
}

ParameterValue RuleSettings::Value(absl::string_view name) const {
  std::optional<ParameterValue> given = given_.Find(name);
  if (given.has_value()) return *std::move(given);
  const Setting* const setting = FindSetting(rule_, name);
  ATTUNE_CHECK(setting != nullptr);
  return setting->default_value;
}

}  // namespace attune

#include "core/given_settings.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "core/check.h"
#include "core/network_settings.h"
#include "core/overloaded.h"

namespace attune {
namespace {

std::optional<int64_t> AsInt(const ParameterValue& value) {
  const auto* number = std::get_if<int64_t>(&value);
  return number == nullptr ? std::nullopt : std::optional(*number);
}

std::string Text(const ParameterValue& value) {
  const std::string text = ToString(value);
  return text.empty() ? "empty" : text;
}

}  // namespace

bool GivenSettings::Has(absl::string_view name) const {
  return settings_.contains(name) || FindParameter(space_, name) != nullptr;
}

std::string GivenSettings::Field(absl::string_view name) const {
  return absl::StrCat(
      FindParameter(space_, name) != nullptr ? "parameters." : "train.", name);
}

std::optional<ParameterValue> GivenSettings::Fixed(
    absl::string_view name) const {
  if (FindParameter(space_, name) != nullptr) return std::nullopt;
  return WithoutParameter(name);
}

bool GivenSettings::IsNamed(absl::string_view name,
                            absl::string_view word) const {
  const ParameterValue value = std::string(word);
  const ParameterSpec* parameter = FindParameter(space_, name);
  if (parameter == nullptr) return WithoutParameter(name) == value;
  const auto* choice = std::get_if<Choice>(&parameter->domain);
  return choice != nullptr &&
         std::count(choice->values.begin(), choice->values.end(), value) != 0;
}

bool GivenSettings::CanBe(absl::string_view name,
                          const std::vector<absl::string_view>& words) const {
  const auto can_be = [&](const ParameterValue& value) {
    return CheckSetting(*FindNetworkSetting(name), value).has_value() ||
           std::find(words.begin(), words.end(),
                     std::get<std::string>(value)) != words.end();
  };
  const ParameterSpec* parameter = FindParameter(space_, name);
  if (parameter == nullptr) return can_be(WithoutParameter(name));
  // A trial without the parameter has the setting.
  if (parameter->when.has_value() && can_be(WithoutParameter(name))) {
    return true;
  }
  const auto* choice = std::get_if<Choice>(&parameter->domain);
  return choice == nullptr ||
         std::any_of(choice->values.begin(), choice->values.end(), can_be);
}

std::vector<GivenValue> GivenSettings::Listed(absl::string_view name) const {
  std::vector<GivenValue> listed;
  const ParameterSpec* parameter = FindParameter(space_, name);
  const std::optional<ParameterValue> setting = settings_.Find(name);
  // Trials without a parameter have the setting.
  const bool setting_counts =
      parameter == nullptr || parameter->when.has_value();
  if (setting.has_value() && setting_counts) {
    listed.push_back(
        {.field = absl::StrCat("train.", name), .value = *setting});
  }
  const auto* choice =
      parameter == nullptr ? nullptr : std::get_if<Choice>(&parameter->domain);
  if (choice == nullptr) return listed;
  for (size_t i = 0; i < choice->values.size(); ++i) {
    listed.push_back(
        {.field = absl::StrCat("parameters.", name, ".values[", i, "]"),
         .value = choice->values[i]});
  }
  return listed;
}

std::string GivenSettings::Told(absl::string_view name) const {
  const std::optional<ParameterValue> fixed = Fixed(name);
  return fixed.has_value() ? absl::StrCat("`", name, ": ", Text(*fixed), "`")
                           : absl::StrCat("`", name, "`");
}

std::string GivenSettings::Where(absl::string_view name) const {
  std::string text = absl::StrCat("`", name, "` ");
  if (const std::optional<ParameterValue> fixed = Fixed(name)) {
    return absl::StrCat(text, "is ", Text(*fixed),
                        Has(name) ? "" : " by default");
  }
  std::vector<std::string> values;
  for (const GivenValue& given : Listed(name)) {
    values.push_back(Text(given.value));
  }
  return values.empty()
             ? absl::StrCat(text, "has other values")
             : absl::StrCat(text, "is ", absl::StrJoin(values, " or "));
}

std::optional<int64_t> GivenSettings::Largest(absl::string_view name) const {
  const ParameterSpec* parameter = FindParameter(space_, name);
  if (parameter == nullptr) return AsInt(WithoutParameter(name));
  std::optional<int64_t> largest;
  if (parameter->when.has_value()) largest = AsInt(WithoutParameter(name));
  // An empty optional is less than any number.
  std::visit(Overloaded{[](const DoubleRange&) {},
                        [&](const IntRange& range) {
                          largest = std::max(largest, std::optional(range.max));
                        },
                        [&](const auto& listed) {
                          for (const ParameterValue& value : listed.values) {
                            largest = std::max(largest, AsInt(value));
                          }
                        }},
             parameter->domain);
  return largest;
}

ParameterValue GivenSettings::WithoutParameter(absl::string_view name) const {
  std::optional<ParameterValue> given = settings_.Find(name);
  if (given.has_value()) return *std::move(given);
  const Setting* const setting = FindNetworkSetting(name);
  ATTUNE_CHECK(setting != nullptr);
  return setting->default_value;
}

}  // namespace attune

#include "core/search_space.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "core/overloaded.h"
#include "core/step_grid.h"

namespace attune {
namespace {

bool ContainsNumber(const DoubleRange& range, double value) {
  if (!(value >= range.min && value <= range.max)) return false;
  if (!range.step.has_value()) return true;
  const int64_t index = StepIndex(range, value);
  const double tolerance = 1e-9 * *range.step;
  return std::abs(value - StepValue(range, index)) <= tolerance;
}

bool ContainsInteger(const IntRange& range, int64_t value) {
  return value >= range.min && value <= range.max &&
         (value - range.min) % range.step == 0;
}

// Whether `parameters` has that value of the parameter `name`.
bool HasValue(const SearchSpace& space, const Parameters& parameters,
              absl::string_view name, const ParameterValue& value) {
  const std::optional<ParameterValue> found = parameters.Find(name);
  if (!found.has_value()) return false;
  if (*found == value) return true;
  if (!std::holds_alternative<double>(value)) return false;
  const ParameterSpec* spec = FindParameter(space, name);
  return spec != nullptr && IsSameValue(spec->domain, *found, value);
}

std::string JoinValues(const std::vector<ParameterValue>& values) {
  constexpr size_t kShown = 12;
  const size_t shown = std::min(values.size(), kShown);
  std::string text = absl::StrJoin(
      values.begin(), values.begin() + static_cast<std::ptrdiff_t>(shown), ", ",
      [](std::string* out, const ParameterValue& value) {
        out->append(ToString(value));
      });
  if (shown < values.size()) {
    absl::StrAppend(&text, ", ... (", values.size(), " values)");
  }
  return text;
}

}  // namespace

bool Contains(const Domain& domain, const ParameterValue& value) {
  return std::visit(
      Overloaded{[&value](const DoubleRange& range) {
                   const auto* number = std::get_if<double>(&value);
                   return number != nullptr && ContainsNumber(range, *number);
                 },
                 [&value](const IntRange& range) {
                   const auto* number = std::get_if<int64_t>(&value);
                   return number != nullptr && ContainsInteger(range, *number);
                 },
                 [&value](const auto& listed) {
                   return std::find(listed.values.begin(), listed.values.end(),
                                    value) != listed.values.end();
                 }},
      domain);
}

bool IsSameValue(const Domain& domain, const ParameterValue& a,
                 const ParameterValue& b) {
  const auto* range = std::get_if<DoubleRange>(&domain);
  if (range == nullptr) return a == b;
  const auto* x = std::get_if<double>(&a);
  const auto* y = std::get_if<double>(&b);
  if (x == nullptr || y == nullptr) return a == b;
  if (*x == *y) return true;
  return range->step.has_value() &&
         StepIndex(*range, *x) == StepIndex(*range, *y);
}

const ParameterSpec* FindParameter(const SearchSpace& space,
                                   absl::string_view name) {
  for (const ParameterSpec& spec : space.parameters) {
    if (spec.name == name) return &spec;
  }
  return nullptr;
}

bool IsActive(const SearchSpace& space, const ParameterSpec& spec,
              const Parameters& parameters) {
  if (!spec.when.has_value()) return true;
  const auto& any_of = spec.when->any_of;
  return std::any_of(
      any_of.begin(), any_of.end(), [&](const ParameterValue& value) {
        return HasValue(space, parameters, spec.when->parameter, value);
      });
}

bool IsForbidden(const SearchSpace& space, const Parameters& parameters) {
  return std::any_of(
      space.forbidden.begin(), space.forbidden.end(),
      [&](const Parameters& combination) {
        return std::all_of(
            combination.begin(), combination.end(), [&](const auto& part) {
              return HasValue(space, parameters, part.first, part.second);
            });
      });
}

std::optional<int64_t> Cardinality(const Domain& domain) {
  return std::visit(
      Overloaded{[](const DoubleRange& range) -> std::optional<int64_t> {
                   if (range.step.has_value()) return StepCount(range);
                   if (range.min == range.max) return 1;
                   return std::nullopt;
                 },
                 [](const IntRange& range) -> std::optional<int64_t> {
                   return StepCount(range);
                 },
                 [](const auto& listed) -> std::optional<int64_t> {
                   return static_cast<int64_t>(listed.values.size());
                 }},
      domain);
}

std::optional<int64_t> ProductCardinality(const SearchSpace& space) {
  int64_t product = 1;
  for (const ParameterSpec& parameter : space.parameters) {
    const std::optional<int64_t> count = Cardinality(parameter.domain);
    if (!count.has_value()) return std::nullopt;
    if (*count > 0 && product > std::numeric_limits<int64_t>::max() / *count) {
      product = std::numeric_limits<int64_t>::max();
    } else {
      product *= *count;
    }
  }
  return product;
}

std::string Describe(const Domain& domain) {
  return std::visit(
      Overloaded{
          [](const DoubleRange& range) {
            return absl::StrCat(
                "a number with a point from ", ToString(range.min), " to ",
                ToString(range.max),
                range.step.has_value()
                    ? absl::StrCat(" in steps of ", ToString(*range.step))
                    : "");
          },
          [](const IntRange& range) {
            return absl::StrCat(
                "an integer from ", range.min, " to ", range.max,
                range.step == 1 ? ""
                                : absl::StrCat(" in steps of ", range.step));
          },
          [](const auto& listed) {
            return absl::StrCat("one of ", JoinValues(listed.values));
          }},
      domain);
}

}  // namespace attune

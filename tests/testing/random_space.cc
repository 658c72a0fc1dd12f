#include "tests/testing/random_space.h"

#include <algorithm>
#include <cstdint>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "core/overloaded.h"
#include "core/unit_cube.h"

namespace attune {
namespace {

int64_t Between(int64_t min, int64_t max, Rng& rng) {
  return min +
         static_cast<int64_t>(rng.Below(static_cast<uint64_t>(max - min + 1)));
}

bool OneIn(uint64_t n, Rng& rng) { return rng.Below(n) == 0; }

Scale RandomScale(Rng& rng) {
  constexpr Scale kScales[] = {Scale::kLinear, Scale::kLog, Scale::kReverseLog};
  return kScales[rng.Below(3)];
}

Domain RandomDoubleRange(const RandomSpaceOptions& options, Rng& rng) {
  DoubleRange range{.scale = RandomScale(rng)};
  range.min = range.scale == Scale::kLinear ? rng.Uniform(-2.0, 0.4)
                                            : rng.Uniform(1e-4, 0.4);
  range.max = rng.Uniform(0.5, 0.95);
  if (!options.continuous || OneIn(2, rng)) {
    range.step = (range.max - range.min) / rng.Uniform(1.0, 4.0);
  } else if (options.points) {
    range.points = Between(1, 4, rng);
  }
  return range;
}

Domain RandomIntRange(const RandomSpaceOptions& options, Rng& rng) {
  IntRange range{.scale = RandomScale(rng)};
  range.min =
      range.scale == Scale::kLinear ? Between(-5, 5, rng) : Between(1, 8, rng);
  range.max = range.min + Between(0, 6, rng);
  range.step =
      range.max == range.min ? 1 : Between(1, range.max - range.min, rng);
  if (options.points && OneIn(3, rng)) range.points = Between(1, 9, rng);
  return range;
}

Domain RandomDiscrete(Rng& rng) {
  Discrete discrete;
  const int64_t count = Between(1, 4, rng);
  for (int64_t i = 0; i < count; ++i) {
    if (OneIn(2, rng)) {
      discrete.values.emplace_back(int64_t{1} << i);
    } else {
      discrete.values.emplace_back(static_cast<double>(1 << i) + 0.25);
    }
  }
  return discrete;
}

Domain RandomChoice(Rng& rng) {
  const std::vector<ParameterValue> all = {std::string("sgd"),
                                           std::string("adam"),
                                           std::string(""),
                                           int64_t{1},
                                           1.0,
                                           true,
                                           false};
  Choice choice;
  const int64_t count = Between(1, 4, rng);
  for (const int64_t i : rng.Permutation(static_cast<int64_t>(all.size()))) {
    if (static_cast<int64_t>(choice.values.size()) == count) break;
    choice.values.push_back(all[static_cast<size_t>(i)]);
  }
  return choice;
}

Domain RandomDomain(const RandomSpaceOptions& options, Rng& rng) {
  switch (rng.Below(4)) {
    case 0:
      return RandomDoubleRange(options, rng);
    case 1:
      return RandomIntRange(options, rng);
    case 2:
      return RandomDiscrete(rng);
    default:
      return RandomChoice(rng);
  }
}

// Half of the conditions hang on the parameter just before: chains.
Condition RandomCondition(const SearchSpace& space, Rng& rng) {
  const size_t count = space.parameters.size();
  const ParameterSpec& parent =
      space.parameters[OneIn(2, rng) ? count - 1 : rng.Below(count)];
  Condition condition{.parameter = parent.name};
  const int64_t values = Between(1, 2, rng);
  for (int64_t i = 0; i < values; ++i) {
    condition.any_of.push_back(FromUnit(parent.domain, rng.Uniform()));
  }
  return condition;
}

std::vector<ParameterValue> GridValues(const Domain& domain) {
  std::vector<ParameterValue> values;
  for (int64_t i = 0; i < GridSize(domain); ++i) {
    values.push_back(GridValue(domain, i));
  }
  return values;
}

std::vector<ParameterValue> AllValues(const Domain& domain) {
  return std::visit(
      Overloaded{[](DoubleRange range) {
                   range.points.reset();
                   return GridValues(range);
                 },
                 [](const IntRange& range) {
                   std::vector<ParameterValue> values;
                   for (int64_t v = range.min; v <= range.max;
                        v += range.step) {
                     values.emplace_back(v);
                   }
                   return values;
                 },
                 [](const auto& listed) { return listed.values; }},
      domain);
}

void Extend(const SearchSpace& space, bool on_grid, size_t index,
            const Parameters& point, std::map<std::string, Parameters>& found) {
  if (index == space.parameters.size()) {
    if (ValidatePoint(space, point).empty()) {
      found[CanonicalKey(point)] = point;
    }
    return;
  }
  const ParameterSpec& spec = space.parameters[index];
  if (!IsActive(space, spec, point)) {
    Extend(space, on_grid, index + 1, point, found);
    return;
  }
  for (const ParameterValue& value :
       on_grid ? GridValues(spec.domain) : AllValues(spec.domain)) {
    Parameters extended = point;
    extended.Set(spec.name, value);
    Extend(space, on_grid, index + 1, extended, found);
  }
}

}  // namespace

SearchSpace RandomSpace(const RandomSpaceOptions& options, Rng& rng) {
  SearchSpace space;
  const int64_t count = Between(1, options.max_parameters, rng);
  for (int64_t i = 0; i < count; ++i) {
    ParameterSpec spec{.name = absl::StrCat("p", i),
                       .domain = RandomDomain(options, rng)};
    if (i > 0 && OneIn(2, rng)) spec.when = RandomCondition(space, rng);
    space.parameters.push_back(std::move(spec));
  }
  const uint64_t forbidden = rng.Below(5);
  for (uint64_t i = 0; i < forbidden; ++i) {
    space.forbidden.push_back(RandomCombination(space, rng));
  }
  return space;
}

Parameters RandomCombination(const SearchSpace& space, Rng& rng) {
  Parameters combination;
  const uint64_t size = 1 + rng.Below(3);
  for (uint64_t i = 0; i < size; ++i) {
    const ParameterSpec& spec =
        space.parameters[rng.Below(space.parameters.size())];
    combination.Set(spec.name, FromUnit(spec.domain, rng.Uniform()));
  }
  return combination;
}

std::map<std::string, Parameters> AllPoints(const SearchSpace& space,
                                            bool on_grid) {
  std::map<std::string, Parameters> found;
  Extend(space, on_grid, 0, {}, found);
  return found;
}

Parameters SomePoint(const SearchSpace& space, Rng& rng) {
  Parameters point;
  for (const ParameterSpec& spec : space.parameters) {
    if (!IsActive(space, spec, point)) continue;
    point.Set(spec.name, FromUnit(spec.domain, rng.Uniform()));
  }
  return point;
}

}  // namespace attune

#ifndef ATTUNE_CORE_SEARCH_SPACE_H_
#define ATTUNE_CORE_SEARCH_SPACE_H_

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "absl/strings/string_view.h"
#include "core/error.h"
#include "core/parameters.h"

namespace attune {

enum class Scale {
  kLinear,
  kLog,  // of x; min > 0
  // Dense at max: within [0, 1) the log scale of 1 - x, as 0.9, 0.99, 0.999 are
  // equally far apart; elsewhere the mirror image of the log scale, that of
  // min + max - x, with min > 0.
  kReverseLog,
};

// Every bound is inclusive. With a step, the legal values are min, min + step,
// min + 2 step... up to max, whatever the scale: the scale says where samples
// lie densely, the step which values exist.
struct DoubleRange {
  double min = 0.0;
  double max = 1.0;
  Scale scale = Scale::kLinear;
  std::optional<double> step;
  // How many values, evenly spaced on the scale, grid search takes from the
  // range. Other algorithms ignore it.
  std::optional<int64_t> points;
  friend bool operator==(const DoubleRange&, const DoubleRange&) = default;
};

struct IntRange {
  int64_t min = 0;
  int64_t max = 1;
  Scale scale = Scale::kLinear;
  int64_t step = 1;
  std::optional<int64_t> points;  // as in DoubleRange; absent: every value
  friend bool operator==(const IntRange&, const IntRange&) = default;
};

// Ordered numbers, strictly ascending; neighbours are near each other, by rank
// and not by value. Each is an int64_t or a double, and is handed out as such.
struct Discrete {
  std::vector<ParameterValue> values;
  friend bool operator==(const Discrete&, const Discrete&) = default;
};

// Values without an order, all different.
struct Choice {
  std::vector<ParameterValue> values;
  friend bool operator==(const Choice&, const Choice&) = default;
};

using Domain = std::variant<DoubleRange, IntRange, Discrete, Choice>;

// The parameter exists only in trials where `parameter` is itself active and
// has one of `any_of`.
struct Condition {
  std::string parameter;
  std::vector<ParameterValue> any_of;
  friend bool operator==(const Condition&, const Condition&) = default;
};

struct ParameterSpec {
  std::string name;
  Domain domain;
  std::optional<Condition> when;
  friend bool operator==(const ParameterSpec&, const ParameterSpec&) = default;
};

struct SearchSpace {
  // A condition names a parameter that stands before its own.
  std::vector<ParameterSpec> parameters;
  // Partial assignments never to be tried: a point is forbidden if it has all
  // the values of one of them.
  std::vector<Parameters> forbidden;
  friend bool operator==(const SearchSpace&, const SearchSpace&) = default;
};

// Sizes that Validate() holds a space to.
inline constexpr int64_t kMaxParameters = 200;
inline constexpr int64_t kMaxValues = 1000;     // of one Discrete or Choice
inline constexpr int64_t kMaxForbidden = 1000;  // combinations
inline constexpr int64_t kMaxGridPoints = 1000;
inline constexpr int64_t kMaxTextLength = 1000;  // bytes of one value
// Integers are also computed with as doubles, which hold no larger ones.
inline constexpr int64_t kMaxInteger = int64_t{1} << 53;

// [A-Za-z_][A-Za-z0-9_.-]{0,62}: names of parameters and metrics.
bool IsName(absl::string_view text);

// Everything that is wrong with `space`; empty if it is legal. Fields are named
// as in the study file: `parameters.learning_rate.min`,
// `forbidden[0].momentum`.
std::vector<Violation> Validate(const SearchSpace& space);

// Whether `value` is one of the values of `domain` (right type, in bounds, on
// a step). REQUIRES: Validate() finds nothing wrong with the domain.
bool Contains(const Domain& domain, const ParameterValue& value);

// Whether `a` and `b` are one value of `domain`. On a range with a step those
// are that are nearest to the same step: what is written as 0.3 and what is
// computed as 3 * 0.1 differ in the last bit. REQUIRES: Validate() finds
// nothing wrong with the domain.
bool IsSameValue(const Domain& domain, const ParameterValue& a,
                 const ParameterValue& b);

// The parameter of `space` with that name; nullptr if there is none.
const ParameterSpec* FindParameter(const SearchSpace& space,
                                   absl::string_view name);

// Whether the condition of `spec`, if it has one, holds in `parameters`. `spec`
// is one of the parameters of `space`.
bool IsActive(const SearchSpace& space, const ParameterSpec& spec,
              const Parameters& parameters);

// Whether `parameters` has all the values of one forbidden combination.
bool IsForbidden(const SearchSpace& space, const Parameters& parameters);

// Everything that is wrong with `parameters` as a point of `space`: values
// outside their domain, active parameters that are missing, inactive or unknown
// ones that are there, forbidden combinations.
std::vector<Violation> ValidatePoint(const SearchSpace& space,
                                     const Parameters& parameters);

// How many values `domain` has; nullopt if it is continuous.
std::optional<int64_t> Cardinality(const Domain& domain);

// The number of points of the full product, saturating at INT64_MAX; nullopt if
// a parameter is continuous. Conditions and forbidden combinations make the
// space smaller than this.
std::optional<int64_t> ProductCardinality(const SearchSpace& space);

// For people, what a value of `domain` must be: `an integer from 1 to 8`.
std::string Describe(const Domain& domain);

}  // namespace attune

#endif  // ATTUNE_CORE_SEARCH_SPACE_H_

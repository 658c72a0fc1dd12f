#ifndef ATTUNE_CORE_GIVEN_SETTINGS_H_
#define ATTUNE_CORE_GIVEN_SETTINGS_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "core/search_space.h"

namespace attune {

// A value and where it stands, as in the study file:
// `parameters.layers.values[1]`.
struct GivenValue {
  std::string field;
  ParameterValue value;
};

// What a network study gives to the settings of core/network_settings.h: a
// value, a parameter of its own name, or nothing, so that the default counts.
class GivenSettings {
 public:
  // Both must outlive it.
  GivenSettings(const Parameters& settings, const SearchSpace& space)
      : settings_(settings), space_(space) {}

  bool Has(absl::string_view name) const;

  // As in the study file: `parameters.dropout` or `train.dropout`.
  std::string Field(absl::string_view name) const;

  // The value of every trial; nullopt if it differs between them.
  std::optional<ParameterValue> Fixed(absl::string_view name) const;

  // Whether the study itself has that word there.
  bool IsNamed(absl::string_view name, absl::string_view word) const;

  // Whether a trial can have one of `words` there. What is not a legal word is
  // reported as that and may be meant for one.
  bool CanBe(absl::string_view name,
             const std::vector<absl::string_view>& words) const;

  // The values that the study lists for its trials there: none of a range.
  std::vector<GivenValue> Listed(absl::string_view name) const;

  // For people, what the study has there: `momentum: 0.9`, or where it differs
  // between trials `momentum`, both in backticks.
  std::string Told(absl::string_view name) const;

  // For people, what trials have there: "`optimizer` is adam", "is sgd by
  // default", "is sgd or adam".
  std::string Where(absl::string_view name) const;

  // The largest integer that a trial can have there; nullopt if none can have
  // one.
  std::optional<int64_t> Largest(absl::string_view name) const;

 private:
  ParameterValue WithoutParameter(absl::string_view name) const;

  const Parameters& settings_;
  const SearchSpace& space_;
};

}  // namespace attune

#endif  // ATTUNE_CORE_GIVEN_SETTINGS_H_

#ifndef ATTUNE_STORAGE_VALUE_JSON_H_
#define ATTUNE_STORAGE_VALUE_JSON_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "core/attributes.h"
#include "core/search_space.h"

namespace attune {

// Values as JSON text that keeps type and value: a double always has a point or
// an exponent, so that 1.0 comes back as a double and 1 as an integer. Doubles
// that JSON does not know are objects: {"double": "NaN"}, "Infinity",
// "-Infinity". Bytes that are not UTF-8 become U+FFFD.
std::string ValueToJson(const ParameterValue& value);
std::string ParametersToJson(const Parameters& parameters);  // an object
std::string ValuesToJson(const std::vector<ParameterValue>& values);  // array
std::string AttributesToJson(const Attributes& attributes);  // an object

// The way back. DATA_LOSS if `text` is none of the above; the message says what
// was found, and the caller where.
absl::StatusOr<ParameterValue> ValueFromJson(absl::string_view text);
absl::StatusOr<Parameters> ParametersFromJson(absl::string_view text);
absl::StatusOr<std::vector<ParameterValue>> ValuesFromJson(
    absl::string_view text);
absl::StatusOr<Attributes> AttributesFromJson(absl::string_view text);

}  // namespace attune

#endif  // ATTUNE_STORAGE_VALUE_JSON_H_

#ifndef ATTUNE_CORE_ATTRIBUTES_H_
#define ATTUNE_CORE_ATTRIBUTES_H_

#include <map>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "core/error.h"

namespace attune {

// What people note on a study or a trial, as `owner: anna`. Attune keeps it and
// filters lists by it, and it means nothing to Attune.
using Attributes = std::map<std::string, std::string>;

inline constexpr size_t kMaxAttributes = 64;
inline constexpr size_t kMaxAttributeLength = 4096;  // bytes of a value

// Everything that is wrong: names that are not IsName(), too many, values that
// are too long. `field` names the map.
std::vector<Violation> Validate(const Attributes& attributes,
                                absl::string_view field);

}  // namespace attune

#endif  // ATTUNE_CORE_ATTRIBUTES_H_

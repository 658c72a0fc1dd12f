#include "core/attributes.h"

#include "absl/strings/str_cat.h"
#include "core/search_space.h"

namespace attune {

std::vector<Violation> Validate(const Attributes& attributes,
                                absl::string_view field) {
  std::vector<Violation> violations;
  if (attributes.size() > kMaxAttributes) {
    violations.push_back(
        {.field = std::string(field),
         .description =
             absl::StrCat("found ", attributes.size(),
                          " attributes, expected at most ", kMaxAttributes)});
    return violations;
  }
  for (const auto& [name, value] : attributes) {
    if (!IsName(name)) {
      violations.push_back(
          {.field = std::string(field),
           .description = absl::StrCat(
               "found the name `", name,
               "`, expected a letter or `_` and then up to 62 letters, "
               "digits, `_`, `.` or `-`")});
    }
    if (value.size() > kMaxAttributeLength) {
      violations.push_back(
          {.field = absl::StrCat(field, ".", name),
           .description =
               absl::StrCat("found a text of ", value.size(),
                            " bytes, expected at most ", kMaxAttributeLength)});
    }
  }
  return violations;
}

}  // namespace attune

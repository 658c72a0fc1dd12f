#ifndef ATTUNE_PROTO_TEXT_H_
#define ATTUNE_PROTO_TEXT_H_

#include <cstddef>
#include <string>

#include "absl/strings/string_view.h"

namespace attune {

// `text` as it can travel in a string field: bytes that are not UTF-8 become
// `?`, and what is longer than `max_bytes` is cut between two characters and
// ends with `...`. REQUIRES: max_bytes >= 3.
std::string FitText(absl::string_view text, size_t max_bytes);

}  // namespace attune

#endif  // ATTUNE_PROTO_TEXT_H_

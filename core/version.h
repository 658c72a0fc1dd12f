#ifndef ATTUNE_CORE_VERSION_H_
#define ATTUNE_CORE_VERSION_H_

#include "absl/strings/string_view.h"

namespace attune {

// Of the project, as CMakeLists.txt says it: `0.1.0`.
absl::string_view Version();

}  // namespace attune

#endif  // ATTUNE_CORE_VERSION_H_

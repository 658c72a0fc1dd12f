#include "core/version.h"

namespace attune {

absl::string_view Version() { return ATTUNE_VERSION; }

}  // namespace attune

#include "client/commands/commands.h"
#include "client/commands/common.h"
#include "client/settings_listing.h"

namespace attune {

absl::Status Settings(const Globals& globals) {
  return Print(ListSettings(), globals);
}

}  // namespace attune

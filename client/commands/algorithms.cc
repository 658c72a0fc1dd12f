#include "client/commands/commands.h"
#include "client/commands/common.h"
#include "client/rules_listing.h"
#include "core/status_macros.h"

namespace attune {

absl::Status Algorithms(const Globals& globals,
                        const AlgorithmsOptions& options) {
  ATTUNE_ASSIGN_OR_RETURN(const Listing listing, ListRules(options.name));
  return Print(listing, globals);
}

}  // namespace attune

#include "client/commands/commands.h"
#include "client/commands/common.h"
#include "core/status_macros.h"

namespace attune {

absl::Status Best(const Globals& globals, const BestOptions& options) {
  ATTUNE_ASSIGN_OR_RETURN(const OpenStudy open,
                          Open(globals, options.study, Use::kRead));
  return PrintBest(open.connection->client(), open.name, open.spec,
                   options.count, /*usual=*/1, globals);
}

}  // namespace attune

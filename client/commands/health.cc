#include <memory>

#include "absl/strings/str_cat.h"
#include "client/commands/commands.h"
#include "client/commands/common.h"
#include "client/terminal.h"
#include "core/database_lock.h"
#include "core/status_macros.h"

namespace attune {

// Never starts a coordinator: the question is whether there is one.
absl::Status Health(const Globals& globals) {
  constexpr absl::Duration kPatience = absl::Seconds(3);
  const ConnectionOptions& options = globals.connection;
  if (options.server.empty()) {
    ATTUNE_ASSIGN_OR_RETURN(const auto holder,
                            ReadDatabaseLock(options.database));
    if (!holder.has_value()) {
      return absl::UnavailableError(
          absl::StrCat("no coordinator serves ", options.database));
    }
  }
  ATTUNE_ASSIGN_OR_RETURN(const std::unique_ptr<Connection> connection,
                          Connection::Open(options, Use::kRead, ""));
  ATTUNE_RETURN_IF_ERROR(connection->client().Check(kPatience));
  return WriteOut(
      absl::StrCat("serving at ", connection->client().address(), "\n"));
}

}  // namespace attune

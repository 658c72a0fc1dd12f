#include <memory>

#include "absl/strings/str_cat.h"
#include "client/commands/commands.h"
#include "client/commands/common.h"
#include "client/terminal.h"
#include "core/status_macros.h"

namespace attune {

absl::Status Health(const Globals& globals) {
  constexpr absl::Duration kPatience = absl::Seconds(3);
  ATTUNE_ASSIGN_OR_RETURN(const std::unique_ptr<Connection> connection,
                          OpenServed(globals));
  ATTUNE_RETURN_IF_ERROR(connection->client().Check(kPatience, /*wait=*/false));
  return WriteOut(
      absl::StrCat("serving at ", connection->client().address(), "\n"));
}

}  // namespace attune

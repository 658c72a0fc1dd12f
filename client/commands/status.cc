#include <unistd.h>

#include <memory>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "client/commands/commands.h"
#include "client/commands/common.h"
#include "client/status_report.h"
#include "client/terminal.h"
#include "core/status_macros.h"

namespace attune {

absl::Status ServerStatus(const Globals& globals) {
  ATTUNE_ASSIGN_OR_RETURN(const std::unique_ptr<Connection> connection,
                          OpenServed(globals));
  ATTUNE_ASSIGN_OR_RETURN(const pb::ServerStatus status,
                          connection->client().GetServerStatus());
  const absl::Time now = absl::Now();
  Listing listing = ListStatus(status, now);
  // A row is a worker.
  if (globals.output == OutputFormat::kCsv) {
    listing.json = Json(listing.json[0]["workers"]);
  }
  if (globals.output != OutputFormat::kTable) return Print(listing, globals);
  ATTUNE_RETURN_IF_ERROR(
      WriteOut(FormatLines(StatusLines(status, now),
                           {.color = UseColor(globals.color, STDOUT_FILENO)})));
  if (status.workers().empty()) return absl::OkStatus();
  ATTUNE_RETURN_IF_ERROR(WriteOut("\n"));
  return Print(listing, globals);
}

}  // namespace attune

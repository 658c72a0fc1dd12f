#include "absl/strings/str_cat.h"
#include "client/commands/commands.h"
#include "client/commands/common.h"
#include "client/terminal.h"

namespace attune {

absl::Status Version(const Globals& globals) {
  if (globals.output == OutputFormat::kTable) {
    return WriteOut("attune " ATTUNE_VERSION "\n");
  }
  Listing listing;
  listing.csv = {{.title = "version", .path = {"version"}}};
  listing.json.push_back({{"version", ATTUNE_VERSION}});
  return Print(listing, globals);
}

}  // namespace attune

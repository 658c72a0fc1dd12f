#include "core/version.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "client/commands/commands.h"
#include "client/commands/common.h"
#include "client/terminal.h"

namespace attune {

absl::Status Version(const Globals& globals) {
  if (globals.output == OutputFormat::kTable) {
    return WriteOut(absl::StrCat("attune ", Version(), "\n"));
  }
  Listing listing;
  listing.csv = {{.title = "version", .path = {"version"}}};
  listing.json.push_back({{"version", std::string(Version())}});
  return Print(listing, globals);
}

}  // namespace attune

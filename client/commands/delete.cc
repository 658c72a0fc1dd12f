#include <unistd.h>

#include <string>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "client/commands/commands.h"
#include "client/commands/common.h"
#include "client/terminal.h"
#include "core/status_macros.h"

namespace attune {
namespace {

bool IsConfirmed(const std::string& question) {
  WriteMessage(question);
  std::string answer;
  for (char c = 0; read(STDIN_FILENO, &c, 1) == 1 && c != '\n';) answer += c;
  answer = absl::AsciiStrToLower(absl::StripAsciiWhitespace(answer));
  return answer == "y" || answer == "yes";
}

}  // namespace

absl::Status Delete(const Globals& globals, const DeleteOptions& options) {
  if (!options.yes && isatty(STDIN_FILENO) != 1) {
    return WrongUsage(
        "delete asks before it deletes, and there is no terminal to ask on: "
        "say --yes");
  }
  ATTUNE_ASSIGN_OR_RETURN(const OpenStudy open,
                          Open(globals, options.study, Use::kChange));
  int64_t trials = 0;
  for (const auto& [state, count] : open.study.trial_counts()) trials += count;
  if (!options.yes &&
      !IsConfirmed(absl::StrCat("Delete the study `", open.name, "` with ",
                                trials, " trials from ",
                                open.connection->place(), "? [y/N] "))) {
    return absl::CancelledError("nothing was deleted");
  }
  ATTUNE_RETURN_IF_ERROR(open.connection->client().DeleteStudy(open.name));
  if (globals.output == OutputFormat::kTable) {
    return WriteOut(absl::StrCat(open.name, " is deleted\n"));
  }
  Listing listing;
  listing.csv = {{.title = "study", .path = {"study"}},
                 {.title = "state", .path = {"state"}}};
  listing.json.push_back({{"study", open.name}, {"state", "deleted"}});
  return Print(listing, globals);
}

}  // namespace attune

#include <string>

#include "absl/strings/str_cat.h"
#include "client/commands/commands.h"
#include "client/commands/common.h"
#include "client/study_changes.h"
#include "client/terminal.h"
#include "core/status_macros.h"

namespace attune {

absl::Status Update(const Globals& globals, const UpdateOptions& options) {
  const absl::StatusOr<StudyUpdate> update = ReadChanges(options.changes);
  if (!update.ok()) return WrongUsage(std::string(update.status().message()));
  ATTUNE_ASSIGN_OR_RETURN(OpenStudy open,
                          Open(globals, options.study, Use::kChange));
  ATTUNE_ASSIGN_OR_RETURN(
      const pb::Study now,
      UpdateStudy(open.connection->client(), *update, open.study));
  ATTUNE_ASSIGN_OR_RETURN(const Listing changes, ListChanges(open.study, now));
  if (changes.json.empty()) {
    WriteMessage(
        absl::StrCat("`", open.name, "` was so already; nothing changed\n"));
    if (globals.output == OutputFormat::kTable) return absl::OkStatus();
  }
  ATTUNE_RETURN_IF_ERROR(Print(changes, globals));
  if (open.study.state() == pb::Study::COMPLETED) {
    SayHowToRun(open, now, globals);
  }
  return absl::OkStatus();
}

}  // namespace attune

#include <string>

#include "absl/strings/str_cat.h"
#include "client/commands/commands.h"
#include "client/commands/common.h"
#include "client/study_changes.h"
#include "client/terminal.h"
#include "core/error.h"
#include "core/status_macros.h"

namespace attune {
namespace {

// Asks again while somebody else changes the study in between. `open.study` is
// then the study as it was just before.
absl::StatusOr<pb::Study> UpdateStudy(const StudyUpdate& update,
                                      OpenStudy& open) {
  constexpr int kTimes = 5;
  StudyClient& client = open.connection->client();
  for (int i = 1;; ++i) {
    ATTUNE_ASSIGN_OR_RETURN(const pb::Study wanted,
                            Updated(open.study, update));
    absl::StatusOr<pb::Study> now = client.UpdateStudy(wanted, update.paths);
    if (Reason(now.status()) != reason::kRevisionMismatch || i == kTimes) {
      return now;
    }
    ATTUNE_ASSIGN_OR_RETURN(open.study, client.GetStudy(open.name));
  }
}

}  // namespace

absl::Status Update(const Globals& globals, const UpdateOptions& options) {
  const absl::StatusOr<StudyUpdate> update = ReadChanges(options.changes);
  if (!update.ok()) return WrongUsage(std::string(update.status().message()));
  ATTUNE_ASSIGN_OR_RETURN(OpenStudy open,
                          Open(globals, options.study, Use::kChange));
  ATTUNE_ASSIGN_OR_RETURN(const pb::Study now, UpdateStudy(*update, open));
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

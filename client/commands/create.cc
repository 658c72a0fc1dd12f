#include <memory>

#include "absl/strings/str_cat.h"
#include "client/commands/commands.h"
#include "client/commands/common.h"
#include "client/study_file.h"
#include "client/terminal.h"
#include "core/status_macros.h"

namespace attune {

absl::Status Create(const Globals& globals, const FileOptions& options) {
  ATTUNE_ASSIGN_OR_RETURN(const StudyFile file, ReadStudyFile(options.file));
  ATTUNE_ASSIGN_OR_RETURN(
      const std::unique_ptr<Connection> connection,
      Connection::Open(globals.connection, Use::kCreate, ""));
  ATTUNE_ASSIGN_OR_RETURN(const FileStudy found,
                          CreateOrFind(connection->client(), file));
  const pb::Study& study = found.study;
  WriteMessage(absl::StrCat(
      found.existed ? "the study `" : "created the study `", file.spec.name,
      found.existed ? "` was there already in " : "` in ", connection->place(),
      "\n"));
  if (connection->own() != nullptr && study.state() != pb::Study::COMPLETED) {
    WriteMessage(absl::StrCat("nobody runs it yet: attune run ", options.file,
                              ConnectionFlags(globals), "\n"));
  }
  ATTUNE_ASSIGN_OR_RETURN(const StudySummary summary,
                          Summarize(connection->client(), study));
  return Print(ListStudies({summary}), globals);
}

}  // namespace attune

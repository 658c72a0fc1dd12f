#include <memory>

#include "absl/strings/str_cat.h"
#include "client/commands/commands.h"
#include "client/commands/common.h"
#include "client/study_file.h"
#include "client/terminal.h"
#include "core/status_macros.h"

namespace attune {

absl::Status Create(const Globals& globals, const FileOptions& options) {
  ATTUNE_ASSIGN_OR_RETURN(const StudySpec spec, ReadStudyFile(options.file));
  ATTUNE_ASSIGN_OR_RETURN(
      const std::unique_ptr<Connection> connection,
      Connection::Open(globals.connection, Use::kCreate, ""));
  StudyClient& client = connection->client();
  const bool existed = client.GetStudy(spec.name).ok();
  ATTUNE_RETURN_IF_ERROR(client.CreateStudy(spec).status());
  // With its counts, should it have been there.
  ATTUNE_ASSIGN_OR_RETURN(const pb::Study study, client.GetStudy(spec.name));
  WriteMessage(absl::StrCat(
      existed ? "the study `" : "created the study `", spec.name,
      existed ? "` was there already, with this very spec, in " : "` in ",
      connection->place(), "\n"));
  if (connection->own() != nullptr && study.state() != pb::Study::COMPLETED) {
    WriteMessage(absl::StrCat("nobody runs it yet: attune run ", options.file,
                              ConnectionFlags(globals), "\n"));
  }
  return Print(ListStudies({{.study = study, .best = {}}}), globals);
}

}  // namespace attune

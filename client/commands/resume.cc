#include "client/commands/commands.h"
#include "client/commands/common.h"
#include "core/status_macros.h"

namespace attune {

absl::Status Resume(const Globals& globals, const StudyOptions& options) {
  ATTUNE_ASSIGN_OR_RETURN(const OpenStudy open,
                          Open(globals, options.study, Use::kChange));
  ATTUNE_ASSIGN_OR_RETURN(const pb::Study study,
                          open.connection->client().ResumeStudy(open.name));
  return PrintState(study, open.name, globals);
}

}  // namespace attune

// Pause(), Resume() and Stop() of client/commands/commands.h.
#include <string>

#include "absl/strings/str_cat.h"
#include "client/commands/change_trials.h"
#include "client/commands/commands.h"
#include "client/commands/common.h"
#include "client/report.h"
#include "client/terminal.h"
#include "core/status_macros.h"

namespace attune {
namespace {

using Change = absl::StatusOr<pb::Study> (StudyClient::*)(const std::string&);

// `fashion-mlp is paused`.
absl::Status PrintState(const pb::Study& study, const std::string& name,
                        const Globals& globals) {
  if (globals.output == OutputFormat::kTable) {
    return WriteOut(absl::StrCat(name, " is ", StateWord(study.state()), "\n"));
  }
  Listing listing;
  listing.csv = {{.title = "study", .path = {"study"}},
                 {.title = "state", .path = {"state"}}};
  listing.json.push_back(
      {{"study", name}, {"state", StateWord(study.state())}});
  return Print(listing, globals);
}

absl::Status ChangeState(const Globals& globals, const StudyOptions& options,
                         Change change) {
  ATTUNE_ASSIGN_OR_RETURN(const OpenStudy open,
                          Open(globals, options.study, Use::kChange));
  StudyClient& client = open.connection->client();
  ATTUNE_ASSIGN_OR_RETURN(const pb::Study study, (client.*change)(open.name));
  return PrintState(study, open.name, globals);
}

}  // namespace

absl::Status Pause(const Globals& globals, const StudyOptions& options) {
  return ChangeState(globals, options, &StudyClient::PauseStudy);
}

absl::Status Resume(const Globals& globals, const StudyOptions& options) {
  return ChangeState(globals, options, &StudyClient::ResumeStudy);
}

absl::Status Stop(const Globals& globals, const TrialOptions& options) {
  if (!options.trials.empty()) return StopTrials(globals, options);
  return ChangeState(globals, {.study = options.study},
                     &StudyClient::StopStudy);
}

}  // namespace attune

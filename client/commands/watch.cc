#include "absl/strings/str_cat.h"
#include "client/commands/commands.h"
#include "client/commands/common.h"
#include "client/commands/follow.h"
#include "client/terminal.h"
#include "core/status_macros.h"

namespace attune {

absl::Status Watch(const Globals& globals, const StudyOptions& options) {
  constexpr int kBest = 5;
  const SignalWaiter signals;
  ATTUNE_ASSIGN_OR_RETURN(const OpenStudy open,
                          Open(globals, options.study, Use::kRead));
  StudyClient& client = open.connection->client();
  if (open.connection->own() != nullptr) {
    WriteMessage(absl::StrCat("no coordinator serves ",
                              open.connection->place(),
                              ", so nothing goes on in it\n"));
    return PrintBest(client, open.name, open.spec, /*asked=*/0, kBest, globals);
  }
  Follower follower(&client, open.name, open.spec, &signals, globals);
  ATTUNE_RETURN_IF_ERROR(
      follower.Follow([&](bool signalled) -> absl::StatusOr<Next> {
        if (!follower.why_paused().empty()) {
          return absl::CancelledError(absl::StrCat(
              "the study was paused: ", Printable(follower.why_paused()),
              "\nWhen that is mended, go on with: attune resume ", open.name,
              ConnectionFlags(globals)));
        }
        return signalled || follower.is_over() ? Next::kLeave : Next::kGoOn;
      }));
  if (!follower.is_over()) return absl::OkStatus();  // a person had enough
  ATTUNE_ASSIGN_OR_RETURN(const pb::Study study, client.GetStudy(open.name));
  SayWhatFailed(study, open.name, globals);
  if (study.state() == pb::Study::STOPPED) {
    WriteMessage("the study was stopped before it was done\n");
  }
  return PrintBest(client, open.name, open.spec, /*asked=*/0, kBest, globals);
}

}  // namespace attune

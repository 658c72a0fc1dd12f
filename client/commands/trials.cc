#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "client/commands/commands.h"
#include "client/commands/common.h"
#include "core/status_macros.h"

namespace attune {

absl::Status Trials(const Globals& globals, const TrialsOptions& options) {
  std::vector<pb::Trial::State> states;
  for (const std::string& word : options.states) {
    pb::Trial::State state = pb::Trial::STATE_UNSPECIFIED;
    if (!pb::Trial::State_Parse(absl::AsciiStrToUpper(word), &state)) {
      return WrongUsage(absl::StrCat("--state: `", word, "` is no state"));
    }
    states.push_back(state);
  }
  ATTUNE_ASSIGN_OR_RETURN(const OpenStudy open,
                          Open(globals, options.study, Use::kRead));
  const absl::StatusOr<std::vector<pb::Trial>> trials =
      open.connection->client().ListTrials(open.name, states, options.limit,
                                           options.query);
  if (!trials.ok()) return WithOption(trials.status());
  return Print(ListTrials(*trials, open.spec, /*ranked=*/false, absl::Now(),
                          options.metrics),
               globals);
}

}  // namespace attune

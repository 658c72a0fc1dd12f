#ifndef ATTUNE_CLIENT_COMMANDS_CHANGE_TRIALS_H_
#define ATTUNE_CLIENT_COMMANDS_CHANGE_TRIALS_H_

#include "absl/status/status.h"
#include "client/commands/commands.h"

namespace attune {

// Asks the workers of these running trials to end them early.
absl::Status StopTrials(const Globals& globals, const TrialOptions& options);

}  // namespace attune

#endif  // ATTUNE_CLIENT_COMMANDS_CHANGE_TRIALS_H_

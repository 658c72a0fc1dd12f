#ifndef ATTUNE_CLIENT_COMMANDS_KEPT_MODEL_H_
#define ATTUNE_CLIENT_COMMANDS_KEPT_MODEL_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "client/commands/commands.h"

namespace attune {

// The path of the model that `options` ask for. NOT_FOUND if the trial has
// none; the error says which have one. `how` a person can choose one of several
// studies, as in Open().
absl::StatusOr<std::string> FindModel(const Globals& globals,
                                      const ModelOptions& options,
                                      absl::string_view how);

}  // namespace attune

#endif  // ATTUNE_CLIENT_COMMANDS_KEPT_MODEL_H_

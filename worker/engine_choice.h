#ifndef ATTUNE_WORKER_ENGINE_CHOICE_H_
#define ATTUNE_WORKER_ENGINE_CHOICE_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace attune {

// The builds of the training engine that there can be, the most basic first,
// and how many of them, from the first on, this processor runs.
struct EngineBuilds {
  std::vector<std::string> names;
  size_t runnable = 1;
};
EngineBuilds EngineBuildsHere();

// Where the build `wanted` lies if `loaded` is the path of one of them.
// INVALID_ARGUMENT if there is none of that name, FAILED_PRECONDITION if this
// processor does not run it.
absl::StatusOr<std::string> EnginePath(const EngineBuilds& builds,
                                       absl::string_view wanted,
                                       absl::string_view loaded);

// The loader picks the best build for the processor. If the environment's
// ATTUNE_ENGINE names another one than `loaded`, this starts the program anew
// with that one, in the same process, and does not return. Call it first in
// main() with its `argv`. As EnginePath(), and NOT_FOUND if the build is not
// installed.
absl::Status UseChosenEngine(absl::string_view loaded, char** argv);

}  // namespace attune

#endif  // ATTUNE_WORKER_ENGINE_CHOICE_H_

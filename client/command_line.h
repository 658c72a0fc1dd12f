#ifndef ATTUNE_CLIENT_COMMAND_LINE_H_
#define ATTUNE_CLIENT_COMMAND_LINE_H_

#include <functional>
#include <variant>

#include "absl/status/status.h"

namespace attune {

// What the command line asks for, to be called once.
using Command = std::function<absl::Status()>;

// The command; or the exit code if there is nothing left to do, because help
// was asked for and printed or the command line is wrong and that was said
// (core/exit_code.h). docs/cli.md describes it.
std::variant<Command, int> ParseCommandLine(int argc, const char* const* argv);

}  // namespace attune

#endif  // ATTUNE_CLIENT_COMMAND_LINE_H_

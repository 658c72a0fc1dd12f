#include <signal.h>

#include <cstdlib>
#include <string>
#include <variant>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "client/command_line.h"
#include "client/commands/commands.h"
#include "client/format.h"
#include "client/terminal.h"
#include "core/exit_code.h"

int main(int argc, char** argv) {
  // A reader that goes away is seen when writing to it.
  signal(SIGPIPE, SIG_IGN);
  // What gRPC has to say arrives in statuses.
  setenv("GRPC_VERBOSITY", "NONE", /*overwrite=*/0);
  const auto command = attune::ParseCommandLine(argc, argv);
  if (const int* exit_code = std::get_if<int>(&command)) return *exit_code;
  const absl::Status status = std::get<attune::Command>(command)();
  if (status.ok()) return attune::exit_code::kDone;
  attune::WriteMessage(
      absl::StrCat("attune: ", attune::PrintableLines(status.message()), "\n"));
  return attune::IsWrongUsage(status) ? attune::exit_code::kWrongUsage
                                      : attune::exit_code::kFailed;
}

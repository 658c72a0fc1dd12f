#ifndef ATTUNE_SERVER_FLAGS_H_
#define ATTUNE_SERVER_FLAGS_H_

#include <variant>

#include "core/log.h"
#include "server/server.h"

namespace attune {

struct AttunedFlags {
  ServerOptions server;
  LogLevel log_level = LogLevel::kInfo;
};

// The process is to end with this code: help or the version was printed, or
// what is wrong with the flags.
struct ExitCode {
  int code = 0;
};

// Reads the flags of attuned; prints what is to be said about them.
std::variant<AttunedFlags, ExitCode> ParseFlags(int argc, char** argv);

}  // namespace attune

#endif  // ATTUNE_SERVER_FLAGS_H_

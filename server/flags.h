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

// The flags of attuned; or, after printing help, the version or what is wrong,
// the code to exit with (core/exit_code.h).
std::variant<AttunedFlags, int> ParseFlags(int argc, char** argv);

}  // namespace attune

#endif  // ATTUNE_SERVER_FLAGS_H_

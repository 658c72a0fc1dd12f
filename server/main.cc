#include <signal.h>

#include <cstring>
#include <memory>
#include <string>
#include <utility>
#include <variant>

#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "core/exit_code.h"
#include "core/log.h"
#include "server/acceptor.h"
#include "server/flags.h"
#include "server/server.h"

namespace {

// Blocked in every thread, so that main can wait for them.
sigset_t BlockSignals() {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGTERM);
  sigaddset(&set, SIGINT);
  pthread_sigmask(SIG_BLOCK, &set, nullptr);
  // A file that reaches the process's limit is a disk that is full, not an end.
  signal(SIGXFSZ, SIG_IGN);
  return set;
}

int Run(const attune::AttunedFlags& flags) {
  using attune::Log;
  using enum attune::LogLevel;
  const sigset_t signals = BlockSignals();
  attune::RaiseDescriptorLimit();
  absl::StatusOr<std::unique_ptr<attune::Server>> server =
      attune::Server::Start(flags.server);
  if (!server.ok()) {
    Log(kError, "failed",
        {{"message", std::string(server.status().message())}});
    return absl::IsInvalidArgument(server.status())
               ? attune::exit_code::kWrongUsage
               : attune::exit_code::kFailed;
  }
  for (const std::string& address : (*server)->addresses()) {
    Log(kInfo, "listening", {{"address", address}});
  }
  Log(kInfo, "ready", {{"database", flags.server.database}});
  int number = 0;
  sigwait(&signals, &number);
  Log(kInfo, "stopping", {{"signal", strsignal(number)}});
  (*server)->Shutdown();
  Log(kInfo, "stopped");
  return attune::exit_code::kDone;
}

}  // namespace

int main(int argc, char** argv) {
  auto flags = attune::ParseFlags(argc, argv);
  if (const int* exit_code = std::get_if<int>(&flags)) return *exit_code;
  const auto& parsed = std::get<attune::AttunedFlags>(flags);
  attune::InitLog("attuned", parsed.log_level);
  attune::RouteLibraryLogs();
  // Debian's Abseil is built with its checks. At each lock that gRPC takes it
  // would look for cycles among all locks, under one that they all share.
  absl::SetMutexDeadlockDetectionMode(absl::OnDeadlockCycle::kIgnore);
  return Run(parsed);
}

#ifndef ATTUNE_SERVER_SERVER_H_
#define ATTUNE_SERVER_SERVER_H_

#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "core/clock.h"

namespace attune {

struct ServerOptions {
  std::string database = "attune.db";
  // Each `host:port`, with port 0 for a free one, or `unix:PATH`.
  std::vector<std::string> listen = {"127.0.0.1:7070"};
  absl::Duration lease_duration = absl::Seconds(60);
  // Only the reading calls are served, and the database is neither locked nor
  // changed; another process may write it meanwhile.
  bool read_only = false;
  // Must outlive the server; absent: the system's.
  Clock* clock = nullptr;
};

// The coordinator, whole: storage, state machine and the API over gRPC. For
// attuned, and for programs that bring their own.
class Server {
 public:
  // Returns once it serves. INVALID_ARGUMENT for an address of a wrong form;
  // FAILED_PRECONDITION, with the pid and addresses of the other, if the
  // database is in use; ALREADY_EXISTS if an address is. Also the errors of
  // SqliteStorage::Open().
  static absl::StatusOr<std::unique_ptr<Server>> Start(ServerOptions options);

  // Shuts down.
  ~Server();

  // All that it listens on, with the ports that it really has.
  const std::vector<std::string>& addresses() const;

  // Stops accepting calls, answers those it holds (waiting requests to lease:
  // none yet), closes the database and gives up its lock. May be called more
  // than once, by one thread.
  void Shutdown();

 private:
  class Parts;
  explicit Server(std::unique_ptr<Parts> parts);
  std::unique_ptr<Parts> parts_;
};

// Sends what gRPC and protobuf say to the log, as events of their own, instead
// of straight to stderr. For a program's main.
void RouteLibraryLogs();

}  // namespace attune

#endif  // ATTUNE_SERVER_SERVER_H_

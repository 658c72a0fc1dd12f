#ifndef ATTUNE_SERVER_LISTEN_H_
#define ATTUNE_SERVER_LISTEN_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace attune {

// One socket to listen on.
struct Endpoint {
  std::string host;       // numeric, without brackets; empty: a Unix socket
  int port = 0;           // 0: a free one
  std::string unix_path;  // empty: TCP

  // As gRPC and people name it: `127.0.0.1:7070`, `[::1]:7070`, `unix:PATH`.
  std::string Name() const;
};

// The sockets that `address` means: `unix:PATH`, or `host:port`, where a host
// may have several. INVALID_ARGUMENT for any other form and for a path that is
// too long for a socket, NOT_FOUND for a host that has no address.
absl::StatusOr<std::vector<Endpoint>> ResolveListenAddress(
    const std::string& address);

// Whether `endpoint` can be bound now. The errors say why not, better than
// gRPC: ALREADY_EXISTS if somebody listens there, and FAILED_PRECONDITION if
// the path is no socket, or a socket that was left behind and
// `replace_stale_socket` is not set.
absl::Status CheckEndpoint(const Endpoint& endpoint, bool replace_stale_socket);

// Binds `endpoint` and listens: the socket, non-blocking, for the caller to
// close. A socket file of that path is replaced. Writes the port that it got
// into `endpoint`. Errors as of CheckEndpoint().
absl::StatusOr<int> OpenListener(Endpoint& endpoint);

}  // namespace attune

#endif  // ATTUNE_SERVER_LISTEN_H_

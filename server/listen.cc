#include "server/listen.h"

#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstddef>
#include <cstring>
#include <memory>
#include <set>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/strings/strip.h"
#include "core/server_address.h"
#include "core/status_macros.h"

namespace attune {
namespace {

constexpr int kMaxPort = 65535;

struct FreeAddresses {
  void operator()(addrinfo* list) const { freeaddrinfo(list); }
};
using Addresses = std::unique_ptr<addrinfo, FreeAddresses>;

// Closes when it goes.
class Socket {
 public:
  explicit Socket(int family, int flags = 0)
      : fd_(socket(family, SOCK_STREAM | SOCK_CLOEXEC | flags, 0)) {}
  ~Socket() {
    if (fd_ >= 0) close(fd_);
  }
  Socket(Socket&& other) noexcept : fd_(other.Release()) {}
  Socket& operator=(Socket&&) = delete;
  int fd() const { return fd_; }
  int Release() { return std::exchange(fd_, -1); }

 private:
  int fd_;
};

absl::Status Malformed(const std::string& address) {
  return absl::InvalidArgumentError(
      absl::StrCat("cannot listen on `", address,
                   "`: expected host:port or unix:PATH, e.g. 127.0.0.1:7070"));
}

absl::Status CannotListen(const Endpoint& endpoint, absl::StatusCode code,
                          absl::string_view why) {
  return {code, absl::StrCat("cannot listen on ", endpoint.Name(), ": ", why)};
}

Addresses Lookup(const std::string& host, int port, int flags, int& error) {
  addrinfo hints = {};
  hints.ai_family = AF_UNSPEC;
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_NUMERICSERV | flags;
  addrinfo* list = nullptr;
  error = getaddrinfo(host.c_str(), absl::StrCat(port).c_str(), &hints, &list);
  return Addresses(error == 0 ? list : nullptr);
}

// As `errno` says.
absl::Status CannotListen(const Endpoint& endpoint) {
  const int reason = errno;
  const absl::StatusCode code = reason == EADDRINUSE
                                    ? absl::StatusCode::kAlreadyExists
                                    : absl::StatusCode::kUnavailable;
  return CannotListen(endpoint, code, std::strerror(reason));
}

absl::StatusOr<Socket> BindTcp(const Endpoint& endpoint) {
  int error = 0;
  const Addresses found =
      Lookup(endpoint.host, endpoint.port, AI_NUMERICHOST, error);
  if (found == nullptr) {
    return CannotListen(endpoint, absl::StatusCode::kNotFound,
                        gai_strerror(error));
  }
  Socket socket(found->ai_family, SOCK_NONBLOCK);
  const int on = 1;  // a port that somebody has just left is free
  if (socket.fd() < 0 ||
      setsockopt(socket.fd(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) != 0 ||
      // The connections have it from here.
      setsockopt(socket.fd(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on)) != 0 ||
      bind(socket.fd(), found->ai_addr, found->ai_addrlen) != 0) {
    return CannotListen(endpoint);
  }
  return socket;
}

sockaddr_un UnixAddress(const std::string& path) {
  sockaddr_un address = {};
  address.sun_family = AF_UNIX;
  std::memcpy(address.sun_path, path.data(), path.size());
  return address;
}

// REQUIRES: CheckUnix() finds nothing wrong.
absl::StatusOr<Socket> BindUnix(const Endpoint& endpoint) {
  const std::string& path = endpoint.unix_path;
  unlink(path.c_str());
  const sockaddr_un address = UnixAddress(path);
  Socket socket(AF_UNIX, SOCK_NONBLOCK);
  if (socket.fd() < 0 ||
      bind(socket.fd(), reinterpret_cast<const sockaddr*>(&address),
           sizeof(address)) != 0) {
    return CannotListen(endpoint);
  }
  return socket;
}

int PortOf(const Socket& socket) {
  sockaddr_in6 address = {};
  socklen_t size = sizeof(address);
  getsockname(socket.fd(), reinterpret_cast<sockaddr*>(&address), &size);
  static_assert(offsetof(sockaddr_in, sin_port) ==
                offsetof(sockaddr_in6, sin6_port));
  return ntohs(address.sin6_port);
}

absl::Status CheckUnix(const Endpoint& endpoint, bool replace_stale_socket) {
  using enum absl::StatusCode;
  const std::string& path = endpoint.unix_path;
  const std::string wrong = CheckSocketPath(path);
  if (!wrong.empty()) return CannotListen(endpoint, kInvalidArgument, wrong);
  struct stat info = {};
  if (lstat(path.c_str(), &info) != 0) {
    if (errno == ENOENT) return absl::OkStatus();
    return CannotListen(endpoint, kUnavailable, std::strerror(errno));
  }
  if (!S_ISSOCK(info.st_mode)) {
    return CannotListen(endpoint, kFailedPrecondition,
                        "there is a file of that name that is no socket");
  }
  const sockaddr_un address = UnixAddress(path);
  const Socket socket(AF_UNIX);
  if (connect(socket.fd(), reinterpret_cast<const sockaddr*>(&address),
              sizeof(address)) == 0) {
    return CannotListen(endpoint, kAlreadyExists, "Address already in use");
  }
  if (errno != ECONNREFUSED) {
    return CannotListen(endpoint, kUnavailable, std::strerror(errno));
  }
  if (!replace_stale_socket) {
    return CannotListen(endpoint, kFailedPrecondition,
                        "a socket of that name was left behind; remove it");
  }
  return absl::OkStatus();
}

}  // namespace

std::string Endpoint::Name() const {
  if (!unix_path.empty()) return absl::StrCat("unix:", unix_path);
  if (absl::StrContains(host, ':')) return absl::StrCat("[", host, "]:", port);
  return absl::StrCat(host, ":", port);
}

absl::StatusOr<std::vector<Endpoint>> ResolveListenAddress(
    const std::string& address) {
  absl::string_view rest = address;
  if (absl::ConsumePrefix(&rest, "unix:")) {
    if (rest.empty()) return Malformed(address);
    const std::string wrong = CheckSocketPath(rest);
    if (!wrong.empty()) {
      return absl::InvalidArgumentError(
          absl::StrCat("cannot listen on a Unix socket: ", wrong));
    }
    return std::vector<Endpoint>{{.unix_path = std::string(rest)}};
  }
  const size_t colon = rest.rfind(':');
  int port = -1;
  if (colon == absl::string_view::npos || colon == 0 ||
      !absl::SimpleAtoi(rest.substr(colon + 1), &port) || port < 0 ||
      port > kMaxPort) {
    return Malformed(address);
  }
  absl::string_view host = rest.substr(0, colon);
  if (absl::StartsWith(host, "[") && absl::EndsWith(host, "]")) {
    host = host.substr(1, host.size() - 2);
  } else if (absl::StrContains(host, ':')) {
    return Malformed(address);
  }
  int error = 0;
  const Addresses found = Lookup(std::string(host), port, AI_PASSIVE, error);
  if (found == nullptr) {
    return absl::NotFoundError(
        absl::StrCat("cannot listen on ", address, ": ", gai_strerror(error)));
  }
  std::vector<Endpoint> result;
  std::set<std::string> seen;
  for (const addrinfo* at = found.get(); at != nullptr; at = at->ai_next) {
    std::array<char, NI_MAXHOST> numeric = {};
    if (getnameinfo(at->ai_addr, at->ai_addrlen, numeric.data(), numeric.size(),
                    nullptr, 0, NI_NUMERICHOST) == 0 &&
        seen.insert(numeric.data()).second) {
      result.push_back({.host = numeric.data(), .port = port});
    }
  }
  return result;
}

absl::Status CheckEndpoint(const Endpoint& endpoint,
                           bool replace_stale_socket) {
  return endpoint.unix_path.empty() ? BindTcp(endpoint).status()
                                    : CheckUnix(endpoint, replace_stale_socket);
}

absl::StatusOr<int> OpenListener(Endpoint& endpoint) {
  const bool is_unix = !endpoint.unix_path.empty();
  if (is_unix) {
    ATTUNE_RETURN_IF_ERROR(CheckUnix(endpoint, /*replace_stale_socket=*/true));
  }
  ATTUNE_ASSIGN_OR_RETURN(Socket socket,
                          is_unix ? BindUnix(endpoint) : BindTcp(endpoint));
  if (listen(socket.fd(), SOMAXCONN) != 0) return CannotListen(endpoint);
  if (!is_unix) endpoint.port = PortOf(socket);
  return socket.Release();
}

}  // namespace attune

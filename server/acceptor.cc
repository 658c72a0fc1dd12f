#include "server/acceptor.h"

#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <string>
#include <utility>

#include "absl/time/clock.h"
#include "core/check.h"
#include "core/log.h"
#include "core/status_macros.h"

namespace attune {
namespace {

// How long the kernel keeps connections waiting before the next try.
constexpr int kPauseMs = 200;
constexpr absl::Duration kReminder = absl::Minutes(1);

rlimit DescriptorLimit() {
  rlimit limit = {};
  ATTUNE_CHECK(getrlimit(RLIMIT_NOFILE, &limit) == 0);
  return limit;
}

// No connection has this descriptor or a higher one; those are the database's.
int FirstReserved() {
  constexpr rlim_t kMostReserved = 64;
  constexpr rlim_t kMost = 1 << 30;
  const rlim_t all = std::min(DescriptorLimit().rlim_cur, kMost);
  return static_cast<int>(all - std::min(kMostReserved, all / 8));
}

// Such errors are of one connection that has gone meanwhile, see accept(2).
bool IsOfConnection(int error) {
  switch (error) {
    case EMFILE:
    case ENFILE:
    case ENOBUFS:
    case ENOMEM:
      return false;
    default:
      return true;
  }
}

}  // namespace

Acceptor::Acceptor(std::function<void(int)> take) : take_(std::move(take)) {
  std::array<int, 2> fds = {-1, -1};
  ATTUNE_CHECK(pipe2(fds.data(), O_CLOEXEC | O_NONBLOCK) == 0);
  wake_read_ = fds[0];
  wake_write_ = fds[1];
}

Acceptor::~Acceptor() {
  Stop();
  close(wake_read_);
  close(wake_write_);
}

absl::StatusOr<Endpoint> Acceptor::Listen(const Endpoint& endpoint) {
  ATTUNE_CHECK(!thread_.joinable());
  Endpoint bound = endpoint;
  ATTUNE_ASSIGN_OR_RETURN(const int listener, OpenListener(bound));
  listeners_.push_back(listener);
  return bound;
}

void Acceptor::Start() {
  first_reserved_ = FirstReserved();
  thread_ = std::thread([this] { Run(); });
}

void Acceptor::Stop() {
  if (thread_.joinable()) {
    const ssize_t written = write(wake_write_, "x", 1);
    ATTUNE_CHECK(written == 1);
    thread_.join();
  }
  for (const int listener : listeners_) close(listener);
  listeners_.clear();
}

void Acceptor::Run() {
  while (true) {
    std::vector<pollfd> polled = {
        {.fd = wake_read_, .events = POLLIN, .revents = 0}};
    if (!pauses_) {
      for (const int listener : listeners_) {
        polled.push_back({.fd = listener, .events = POLLIN, .revents = 0});
      }
    }
    poll(polled.data(), polled.size(), pauses_ ? kPauseMs : -1);
    pauses_ = false;
    if (polled[0].revents != 0) return;
    for (size_t i = 1; i < polled.size(); ++i) {
      if (polled[i].revents != 0) AcceptAll(polled[i].fd);
    }
  }
}

void Acceptor::AcceptAll(int listener) {
  while (true) {
    const int fd =
        accept4(listener, nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK);
    if (fd >= first_reserved_) {
      close(fd);
      Refuse(EMFILE);
    } else if (fd >= 0) {
      NoteTaken();
      take_(fd);
    } else if (errno == EAGAIN) {
      return;
    } else if (!IsOfConnection(errno)) {
      Refuse(errno);
      pauses_ = true;
      return;
    }
  }
}

void Acceptor::Refuse(int error) {
  ++refused_;
  const absl::Time now = absl::Now();
  if (now - told_ < kReminder) return;
  told_ = now;
  Log(LogLevel::kWarning, "connections_refused",
      {{"count", std::to_string(refused_)},
       {"error", std::strerror(error)},
       {"limit", std::to_string(DescriptorLimit().rlim_cur)},
       {"hint", "raise `ulimit -n`, or let fewer clients connect"}});
}

void Acceptor::NoteTaken() {
  if (refused_ == 0) return;
  Log(LogLevel::kInfo, "connections_taken_again",
      {{"refused", std::to_string(refused_)}});
  refused_ = 0;
  told_ = absl::InfinitePast();
}

int64_t RaiseDescriptorLimit() {
  rlimit limit = DescriptorLimit();
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit);  // or leaves it as it is
  return static_cast<int64_t>(DescriptorLimit().rlim_cur);
}

}  // namespace attune

#include "tests/e2e/tcp_proxy.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <utility>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "core/check.h"

namespace attune {
namespace {

// A lane that holds more takes no more, as a router.
constexpr size_t kMostQueued = 256 << 10;
constexpr size_t kChunk = 16 << 10;

using std::chrono::steady_clock;

sockaddr_in Loopback(uint16_t port) {
  sockaddr_in address = {};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(port);
  return address;
}

sockaddr_in Parse(const std::string& target) {
  const std::vector<std::string> parts = absl::StrSplit(target, ':');
  ATTUNE_CHECK(parts.size() == 2);
  int port = 0;
  ATTUNE_CHECK(absl::SimpleAtoi(parts[1], &port));
  sockaddr_in address = Loopback(static_cast<uint16_t>(port));
  ATTUNE_CHECK(inet_pton(AF_INET, parts[0].c_str(), &address.sin_addr) == 1);
  return address;
}

void Prepare(int fd) {
  const int on = 1;
  setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
  fcntl(fd, F_SETFL, O_NONBLOCK);
}

bool IsJustBusy() { return errno == EAGAIN || errno == EINTR; }

}  // namespace

TcpProxy::TcpProxy(const std::string& target) : target_(target) {
  listener_ = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  ATTUNE_CHECK(listener_ >= 0);
  sockaddr_in address = Loopback(0);
  socklen_t size = sizeof(address);
  auto* const name = reinterpret_cast<sockaddr*>(&address);
  ATTUNE_CHECK(bind(listener_, name, size) == 0);
  ATTUNE_CHECK(listen(listener_, SOMAXCONN) == 0);
  ATTUNE_CHECK(getsockname(listener_, name, &size) == 0);
  port_ = ntohs(address.sin_port);
  std::array<int, 2> pipe_fds;
  ATTUNE_CHECK(pipe2(pipe_fds.data(), O_CLOEXEC | O_NONBLOCK) == 0);
  wake_read_ = pipe_fds[0];
  wake_write_ = pipe_fds[1];
  thread_ = std::thread([this] { Run(); });
}

TcpProxy::~TcpProxy() {
  {
    const absl::MutexLock lock(&mutex_);
    ends_ = true;
  }
  Wake();
  thread_.join();
  CloseAll(/*reset=*/false);
  close(listener_);
  close(wake_read_);
  close(wake_write_);
}

std::string TcpProxy::address() const {
  return absl::StrCat("127.0.0.1:", port_);
}

void TcpProxy::Set(const NetworkFault& fault) {
  {
    const absl::MutexLock lock(&mutex_);
    fault_ = fault;
  }
  Wake();
}

void TcpProxy::Reset() { CloseAll(/*reset=*/true); }
void TcpProxy::Finish() { CloseAll(/*reset=*/false); }

void TcpProxy::CloseAll(bool reset) {
  {
    const absl::MutexLock lock(&mutex_);
    for (Connection& connection : connections_) Close(connection, reset);
  }
  Wake();
}

bool TcpProxy::WaitForConnections(int count) {
  const absl::MutexLock lock(&mutex_);
  const auto reached = [&]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    return taken_ >= count;
  };
  return mutex_.AwaitWithTimeout(absl::Condition(&reached), absl::Minutes(2));
}

int TcpProxy::connections() const {
  const absl::MutexLock lock(&mutex_);
  return taken_;
}

void TcpProxy::Wake() {
  // A full pipe wakes it as well.
  [[maybe_unused]] const ssize_t written = write(wake_write_, "x", 1);
}

void TcpProxy::TakeConnection() {
  const int client =
      accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK);
  if (client < 0) return;
  ++taken_;
  if (fault_.refuses) {
    close(client);
    return;
  }
  const int server = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  ATTUNE_CHECK(server >= 0);
  const sockaddr_in address = Parse(target_);
  if (connect(server, reinterpret_cast<const sockaddr*>(&address),
              sizeof(address)) != 0) {
    close(client);
    close(server);
    return;
  }
  Prepare(client);
  Prepare(server);
  Connection& connection = connections_.emplace_back();
  connection.requests.from = connection.answers.to = client;
  connection.requests.to = connection.answers.from = server;
}

bool TcpProxy::MayRead(const Lane& lane) const {
  return !fault_.stalls && !lane.has_read_all &&
         (lane.is_dead || lane.queued < kMostQueued);
}

bool TcpProxy::MayWrite(const Lane& lane) const {
  return !fault_.stalls && !lane.has_ended && !lane.is_dead &&
         !lane.chunks.empty() && lane.chunks.front().due <= steady_clock::now();
}

int TcpProxy::PollTime() const {
  if (fault_.stalls) return -1;
  Time next = Time::max();
  for (const Connection& connection : connections_) {
    for (const Lane* lane : {&connection.requests, &connection.answers}) {
      if (lane->is_dead || lane->chunks.empty()) continue;
      next = std::min(next, lane->chunks.front().due);
    }
  }
  if (next == Time::max()) return -1;
  const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(
      next - steady_clock::now());
  return static_cast<int>(std::max<int64_t>(left.count(), 0)) + 1;
}

void TcpProxy::Read(Connection& connection, Lane& lane, bool swallow) {
  std::array<char, kChunk> buffer;
  const int64_t rate = fault_.bytes_per_second;
  const size_t most =
      rate > 0 ? static_cast<size_t>(std::clamp<int64_t>(rate / 10, 64, kChunk))
               : buffer.size();
  const ssize_t got = read(lane.from, buffer.data(), most);
  if (got < 0 && IsJustBusy()) return;
  if (swallow) lane.is_dead = true;
  if (lane.is_dead) {
    lane.chunks.clear();
    lane.queued = 0;
    if (got <= 0) lane.has_read_all = true;
    return;
  }
  if (got < 0) {
    Close(connection, /*reset=*/true);
    return;
  }
  const Time now = steady_clock::now();
  Time due = now + absl::ToChronoNanoseconds(fault_.delay);
  if (rate > 0) {
    due = std::max(due, std::max(lane.last_due, now) +
                            std::chrono::microseconds(got * 1'000'000 / rate));
  }
  due = std::max(due, lane.last_due);
  lane.last_due = due;
  lane.queued += static_cast<size_t>(got);
  // An end is told when all before it was.
  if (got == 0) lane.has_read_all = true;
  lane.chunks.push_back(
      {due, std::string(buffer.data(), static_cast<size_t>(got))});
}

void TcpProxy::Write(Connection& connection, Lane& lane) {
  while (MayWrite(lane)) {
    std::string& bytes = lane.chunks.front().bytes;
    if (bytes.empty()) {
      shutdown(lane.to, SHUT_WR);
      lane.has_ended = true;
      return;
    }
    const ssize_t put = send(lane.to, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (put < 0 && IsJustBusy()) return;
    if (put < 0) return Close(connection, /*reset=*/true);
    lane.queued -= static_cast<size_t>(put);
    bytes.erase(0, static_cast<size_t>(put));
    if (bytes.empty()) lane.chunks.pop_front();
  }
}

void TcpProxy::Close(Connection& connection, bool reset) {
  if (std::exchange(connection.is_broken, true)) return;
  for (const int fd : {connection.requests.from, connection.requests.to}) {
    const linger at_once = {.l_onoff = 1, .l_linger = 0};
    if (reset) {
      setsockopt(fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof(at_once));
    }
    close(fd);
  }
}

void TcpProxy::Run() {
  while (true) {
    std::vector<pollfd> fds = {{.fd = wake_read_, .events = POLLIN},
                               {.fd = listener_, .events = POLLIN}};
    // Which lane of which connection each further one stands for.
    std::vector<std::pair<Connection*, Lane*>> lanes;
    int wait = -1;
    {
      const absl::MutexLock lock(&mutex_);
      if (ends_) return;
      connections_.remove_if([](const Connection& connection) {
        return connection.is_broken ||
               (connection.requests.has_ended && connection.answers.has_ended &&
                (close(connection.requests.from), close(connection.requests.to),
                 true));
      });
      for (Connection& connection : connections_) {
        for (Lane* lane : {&connection.requests, &connection.answers}) {
          if (MayRead(*lane)) {
            fds.push_back({.fd = lane->from, .events = POLLIN});
            lanes.emplace_back(&connection, lane);
          }
          if (MayWrite(*lane)) {
            fds.push_back({.fd = lane->to, .events = POLLOUT});
            lanes.emplace_back(&connection, lane);
          }
        }
      }
      wait = PollTime();
    }
    poll(fds.data(), fds.size(), wait);
    const absl::MutexLock lock(&mutex_);
    std::array<char, 64> ignored;
    while (read(wake_read_, ignored.data(), ignored.size()) > 0) {
    }
    if (fds[1].revents != 0) TakeConnection();
    for (size_t i = 0; i < lanes.size(); ++i) {
      const auto [connection, lane] = lanes[i];
      const pollfd& polled = fds[i + 2];
      if (polled.revents == 0 || connection->is_broken) continue;
      if (polled.events == POLLOUT) {
        Write(*connection, *lane);
      } else if (MayRead(*lane)) {
        const bool swallow = lane == &connection->requests
                                 ? fault_.swallows_requests
                                 : fault_.swallows_answers;
        Read(*connection, *lane, swallow);
      }
    }
  }
}

}  // namespace attune

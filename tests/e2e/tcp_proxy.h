#ifndef ATTUNE_TESTS_E2E_TCP_PROXY_H_
#define ATTUNE_TESTS_E2E_TCP_PROXY_H_

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <list>
#include <string>
#include <thread>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"

namespace attune {

// What a network does to the bytes that pass. All may be true at once.
struct NetworkFault {
  // Each byte comes that much later.
  absl::Duration delay = absl::ZeroDuration();
  // In each direction of each connection; 0: no limit.
  int64_t bytes_per_second = 0;
  // Nothing moves, and nothing is lost: it goes on when this ends.
  bool stalls = false;
  // Bytes are taken and never come, and nor does the end of the connection, as
  // when a router forgets it: a half-open one. A connection that lost anything
  // stays so, also when this ends; new ones are whole then.
  bool swallows_requests = false;
  bool swallows_answers = false;
  // New connections are taken and closed at once.
  bool refuses = false;
};

// A bad network between clients and a server, on a free port of loopback. It
// has one thread of its own. Thread-safe.
class TcpProxy {
 public:
  // `target` is HOST:PORT with a number for the host.
  explicit TcpProxy(const std::string& target);
  // Closes all connections.
  ~TcpProxy();
  TcpProxy(const TcpProxy&) = delete;
  TcpProxy& operator=(const TcpProxy&) = delete;

  // Where clients connect.
  std::string address() const;

  // From now on, in place of what was before.
  void Set(const NetworkFault& fault);

  // Ends all connections, with what is under way on them: with an RST as when a
  // machine is started anew, or with a FIN as when a program ends.
  void Reset();
  void Finish();

  // Waits until `count` connections in all were taken, two minutes at most.
  bool WaitForConnections(int count);
  int connections() const;  // taken so far

 private:
  using Time = std::chrono::steady_clock::time_point;

  // From one end to the other.
  struct Lane {
    struct Chunk {
      Time due;
      std::string bytes;
    };
    int from = -1;
    int to = -1;
    std::deque<Chunk> chunks;
    size_t queued = 0;  // bytes
    Time last_due;
    bool is_dead = false;       // it has swallowed something
    bool has_read_all = false;  // an end or an error came, or dead and ended
    bool has_ended = false;     // and was told to the other end
  };
  struct Connection {
    Lane requests;
    Lane answers;
    bool is_broken = false;
  };

  void Run();
  void Wake();
  void TakeConnection() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  // How long poll() may wait.
  int PollTime() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  bool MayRead(const Lane& lane) const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  bool MayWrite(const Lane& lane) const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void Read(Connection& connection, Lane& lane, bool swallow)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void Write(Connection& connection, Lane& lane)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void Close(Connection& connection, bool reset)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void CloseAll(bool reset);

  const std::string target_;
  int listener_ = -1;
  int wake_read_ = -1;
  int wake_write_ = -1;
  int port_ = 0;
  mutable absl::Mutex mutex_;
  NetworkFault fault_ ABSL_GUARDED_BY(mutex_);
  std::list<Connection> connections_ ABSL_GUARDED_BY(mutex_);
  int taken_ ABSL_GUARDED_BY(mutex_) = 0;
  bool ends_ ABSL_GUARDED_BY(mutex_) = false;
  std::thread thread_;
};

}  // namespace attune

#endif  // ATTUNE_TESTS_E2E_TCP_PROXY_H_

#ifndef ATTUNE_SERVER_ACCEPTOR_H_
#define ATTUNE_SERVER_ACCEPTOR_H_

#include <cstdint>
#include <functional>
#include <thread>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "server/listen.h"

namespace attune {

// Takes connections, in place of gRPC 1.51, which never takes one again after
// it once had no descriptor for it. Some descriptors are kept for the
// database: while there are no others, new connections are closed at once, and
// the log says so. One thread of its own.
class Acceptor {
 public:
  // `take` gets each connection, non-blocking, and owns it. It is called on the
  // acceptor's thread.
  explicit Acceptor(std::function<void(int)> take);
  // Stops.
  ~Acceptor();
  Acceptor(const Acceptor&) = delete;
  Acceptor& operator=(const Acceptor&) = delete;

  // Listens on `endpoint`, on which nobody may: see CheckEndpoint(). Returns it
  // with the port that it got. Errors as there. REQUIRES: not started.
  absl::StatusOr<Endpoint> Listen(const Endpoint& endpoint);

  void Start();
  // Takes no connection any more, and leaves the addresses.
  void Stop();

 private:
  void Run();
  void AcceptAll(int listener);
  void Refuse(int error);
  void NoteTaken();

  const std::function<void(int)> take_;
  std::vector<int> listeners_;
  int wake_read_ = -1;
  int wake_write_ = -1;
  int first_reserved_ = 0;
  std::thread thread_;
  // For the thread alone.
  int64_t refused_ = 0;  // since the last one that was taken
  bool pauses_ = false;
  absl::Time told_ = absl::InfinitePast();
};

// Lets this process have as many files open as it may. Returns how many.
int64_t RaiseDescriptorLimit();

}  // namespace attune

#endif  // ATTUNE_SERVER_ACCEPTOR_H_

#ifndef ATTUNE_SERVER_SERVER_STATUS_H_
#define ATTUNE_SERVER_SERVER_STATUS_H_

#include <string>
#include <vector>

#include "absl/time/time.h"
#include "core/clock.h"
#include "proto/study_service.pb.h"
#include "server/coordinator_loop.h"
#include "server/coordinator_status.h"
#include "server/rpc.h"
#include "server/timed_storage.h"
#include "server/watch_hub.h"

namespace attune {

// What stays the same while a server runs.
struct ServerFacts {
  std::string database;
  bool read_only = false;
  absl::Time start_time;
};

// Answers GetServerStatus. Safe for concurrent use.
class ServerStatusSource {
 public:
  // `loop` is nullptr if the server only reads; the others must outlive it.
  ServerStatusSource(ServerFacts facts, CoordinatorLoop* loop,
                     const TimedStorage* storage, const WatchHub* watches)
      : facts_(std::move(facts)),
        loop_(loop),
        storage_(storage),
        watches_(watches) {}

  // Call it before the first Answer().
  void SetAddresses(std::vector<std::string> addresses) {
    addresses_ = std::move(addresses);
  }

  // Now, or once the coordinator has said its part.
  void Answer(RpcAnswer answer) const;

 private:
  v1::ServerStatus MakeMessage() const;

  const ServerFacts facts_;
  CoordinatorLoop* const loop_;
  const TimedStorage* const storage_;
  const WatchHub* const watches_;
  std::vector<std::string> addresses_;
};

}  // namespace attune

#endif  // ATTUNE_SERVER_SERVER_STATUS_H_

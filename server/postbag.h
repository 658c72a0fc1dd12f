#ifndef ATTUNE_SERVER_POSTBAG_H_
#define ATTUNE_SERVER_POSTBAG_H_

#include <cstddef>
#include <utility>
#include <vector>

#include "server/command.h"
#include "server/coordinator_loop.h"

namespace attune {

// Gathers the requests that one thread reads, so that they go to the
// coordinator in one piece: its thread is woken once, and they share a commit.
// For use by that thread.
class Postbag {
 public:
  // `loop` must outlive it.
  explicit Postbag(CoordinatorLoop* loop) : loop_(loop) {}

  void Add(Request request) { requests_.push_back(std::move(request)); }

  // Posts what was added since the last time.
  void Carry() {
    if (requests_.empty()) return;
    const size_t count = requests_.size();
    loop_->Post(std::exchange(requests_, {}));
    requests_.reserve(count);  // likely as many again
  }

 private:
  CoordinatorLoop* const loop_;
  std::vector<Request> requests_;
};

}  // namespace attune

#endif  // ATTUNE_SERVER_POSTBAG_H_

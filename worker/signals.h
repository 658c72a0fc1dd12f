#ifndef ATTUNE_WORKER_SIGNALS_H_
#define ATTUNE_WORKER_SIGNALS_H_

#include <signal.h>

#include <functional>
#include <thread>

namespace attune {

// Receives SIGTERM and SIGINT in a thread of its own. While it lives the two
// are blocked in the thread that made it and in those that are started later:
// so make it before any thread.
class Signals {
 public:
  Signals();
  ~Signals();

  // From now on `on_signal` is called, in that thread, with 1 for the first
  // signal of either kind, 2 for the second, and so on; also for those that
  // came before. To be called once. What it uses must be there until Stop().
  void Deliver(std::function<void(int count)> on_signal);

  // Delivers no more; a call that is under way ends first. The destructor does
  // it as well.
  void Stop();

  Signals(const Signals&) = delete;
  Signals& operator=(const Signals&) = delete;

 private:
  void Receive(const std::function<void(int)>& on_signal);

  sigset_t received_;
  sigset_t before_;  // the mask that the destructor restores
  std::thread thread_;
};

}  // namespace attune

#endif  // ATTUNE_WORKER_SIGNALS_H_

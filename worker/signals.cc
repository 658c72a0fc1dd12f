#include "worker/signals.h"

#include <pthread.h>

#include <utility>

#include "core/check.h"

namespace attune {
namespace {

// Sent to the receiving thread only, to end it.
constexpr int kEnd = SIGUSR2;

}  // namespace

Signals::Signals() {
  sigemptyset(&received_);
  for (const int signal : {SIGTERM, SIGINT, kEnd}) {
    sigaddset(&received_, signal);
  }
  ATTUNE_CHECK(pthread_sigmask(SIG_BLOCK, &received_, &before_) == 0);
}

void Signals::Stop() {
  if (!thread_.joinable()) return;
  pthread_kill(thread_.native_handle(), kEnd);
  thread_.join();
}

Signals::~Signals() {
  Stop();
  pthread_sigmask(SIG_SETMASK, &before_, nullptr);
}

void Signals::Deliver(std::function<void(int count)> on_signal) {
  ATTUNE_CHECK(!thread_.joinable());
  thread_ = std::thread(
      [this, on_signal = std::move(on_signal)] { Receive(on_signal); });
}

void Signals::Receive(const std::function<void(int)>& on_signal) {
  int count = 0;
  while (true) {
    int signal = 0;
    if (sigwait(&received_, &signal) != 0) continue;
    if (signal == kEnd) return;
    on_signal(++count);
  }
}

}  // namespace attune

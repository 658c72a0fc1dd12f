#include "worker/signals.h"

#include <unistd.h>

#include <atomic>
#include <semaphore>

#include "gtest/gtest.h"

namespace attune {
namespace {

TEST(SignalsTest, CountsSignalsOfBothKinds) {
  std::counting_semaphore<> received(0);
  std::atomic<int> last = 0;
  Signals signals;
  signals.Deliver([&](int count) {
    last = count;
    received.release();
  });
  kill(getpid(), SIGTERM);
  received.acquire();
  EXPECT_EQ(last, 1);
  kill(getpid(), SIGINT);
  received.acquire();
  EXPECT_EQ(last, 2);
}

TEST(SignalsTest, DeliversWhatCameBefore) {
  std::counting_semaphore<> received(0);
  Signals signals;
  kill(getpid(), SIGTERM);
  signals.Deliver([&](int) { received.release(); });
  received.acquire();
}

TEST(SignalsTest, RestoresTheMask) {
  { const Signals signals; }
  sigset_t mask;
  ASSERT_EQ(pthread_sigmask(SIG_SETMASK, nullptr, &mask), 0);
  EXPECT_EQ(sigismember(&mask, SIGTERM), 0);
  EXPECT_EQ(sigismember(&mask, SIGINT), 0);
}

}  // namespace
}  // namespace attune

#include "core/mutex.h"

#include <chrono>
#include <thread>

#include "absl/time/time.h"
#include "gtest/gtest.h"

namespace attune {
namespace {

template <typename Deadline>
constexpr bool kIsDeadline = requires(CondVar condition, Mutex* mutex,
                                      Deadline deadline) {
  condition.WaitUntil(mutex, deadline);
};

TEST(SteadyTimeTest, IsAsFarAwayAsItIsToBe) {
  const SteadyTime before = std::chrono::steady_clock::now();
  const SteadyTime later = SteadyTimeAfter(absl::Hours(1));
  const SteadyTime after = std::chrono::steady_clock::now();
  EXPECT_GE(later - before, std::chrono::hours(1));
  EXPECT_LE(later - after, std::chrono::hours(1));
}

TEST(SteadyTimeTest, NeverOverflows) {
  EXPECT_EQ(SteadyTimeAfter(absl::InfiniteDuration()), SteadyTime::max());
  EXPECT_EQ(SteadyTimeAfter(absl::Hours(24 * 365 * 400)), SteadyTime::max());
  const SteadyTime past = SteadyTimeAfter(-absl::InfiniteDuration());
  EXPECT_LE(past, std::chrono::steady_clock::now());
}

// Somebody may set the time of day while we wait.
TEST(CondVarTest, TakesNoTimeOfDayForADeadline) {
  EXPECT_TRUE(kIsDeadline<SteadyTime>);
  EXPECT_FALSE(kIsDeadline<absl::Time>);
  EXPECT_FALSE(kIsDeadline<std::chrono::system_clock::time_point>);
}

TEST(CondVarTest, SaysThatTheDeadlineWasReached) {
  Mutex mutex;
  CondVar condition;
  const MutexLock lock(&mutex);
  while (condition.WaitUntil(&mutex, SteadyTimeAfter(-absl::Hours(1)))) {
  }
  while (condition.WaitUntil(&mutex, SteadyTimeAfter(absl::Milliseconds(1)))) {
  }
}

TEST(CondVarTest, IsWokenBeforeTheDeadline) {
  Mutex mutex;
  CondVar condition;
  bool told = false;
  std::thread teller([&] {
    const MutexLock lock(&mutex);
    told = true;
    condition.NotifyAll();
  });
  bool in_time = true;
  {
    const MutexLock lock(&mutex);
    const SteadyTime deadline = SteadyTimeAfter(absl::InfiniteDuration());
    while (!told && in_time) in_time = condition.WaitUntil(&mutex, deadline);
  }
  teller.join();
  EXPECT_TRUE(told);
  EXPECT_TRUE(in_time);
}

}  // namespace
}  // namespace attune

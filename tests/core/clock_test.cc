#include "core/clock.h"

#include <atomic>
#include <stop_token>
#include <thread>

#include "absl/time/time.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/testing/fake_clock.h"

namespace attune {
namespace {

using testing::ElementsAre;

template <typename T>
class RealClockTest : public testing::Test {};
using RealClocks = testing::Types<SystemClock, SteadyClock>;
TYPED_TEST_SUITE(RealClockTest, RealClocks);

TYPED_TEST(RealClockTest, GoesForward) {
  const TypeParam clock;
  const absl::Time first = clock.Now();
  EXPECT_GE(clock.Now(), first);
  EXPECT_GT(first, absl::UnixEpoch());
}

TYPED_TEST(RealClockTest, DoesNotWaitForWhatIsPast) {
  TypeParam clock;
  EXPECT_TRUE(clock.SleepUntil(clock.Now() - absl::Hours(1), {}));
  EXPECT_TRUE(clock.SleepUntil(absl::InfinitePast(), {}));
}

TYPED_TEST(RealClockTest, ReachesItsDeadline) {
  TypeParam clock;
  const absl::Time deadline = clock.Now() + absl::Milliseconds(2);
  EXPECT_TRUE(clock.SleepUntil(deadline, {}));
  EXPECT_GE(clock.Now(), deadline - absl::Microseconds(1));
}

TYPED_TEST(RealClockTest, DoesNotWaitWhenItIsStoppedAlready) {
  TypeParam clock;
  std::stop_source stop;
  stop.request_stop();
  EXPECT_FALSE(clock.SleepUntil(absl::InfiniteFuture(), stop.get_token()));
}

TYPED_TEST(RealClockTest, IsWokenByAStop) {
  TypeParam clock;
  bool reached = true;
  std::jthread sleeper([&](const std::stop_token& stop) {
    reached = clock.SleepUntil(absl::InfiniteFuture(), stop);
  });
  sleeper.request_stop();
  sleeper.join();
  EXPECT_FALSE(reached);
}

TEST(FakeClockTest, SleepingMovesTheTime) {
  FakeClock clock;
  const absl::Time start = clock.Now();
  EXPECT_TRUE(clock.SleepUntil(start + absl::Seconds(3), {}));
  EXPECT_TRUE(clock.SleepUntil(start, {}));  // past: nothing moves back
  EXPECT_EQ(clock.Now(), start + absl::Seconds(3));
  EXPECT_THAT(clock.Sleeps(), ElementsAre(absl::Seconds(3)));
}

TEST(FakeClockTest, AStoppedSleepMovesNothing) {
  FakeClock clock;
  std::stop_source stop;
  stop.request_stop();
  const absl::Time start = clock.Now();
  EXPECT_FALSE(clock.SleepUntil(start + absl::Seconds(3), stop.get_token()));
  EXPECT_EQ(clock.Now(), start);
}

TEST(FakeClockTest, WaitingSleepersWakeWhenTheTimeComes) {
  FakeClock clock(FakeClock::Sleep::kWaits);
  const absl::Time deadline = clock.Now() + absl::Seconds(3);
  std::atomic<bool> reached = false;
  std::jthread sleeper([&](const std::stop_token& stop) {
    reached = clock.SleepUntil(deadline, stop);
  });
  clock.AwaitSleepers(1);
  clock.Advance(absl::Seconds(2));
  EXPECT_FALSE(reached);
  clock.SetTime(deadline);
  sleeper.join();
  EXPECT_TRUE(reached);
}

TEST(FakeClockTest, WaitingSleepersWakeWhenTheyAreStopped) {
  FakeClock clock(FakeClock::Sleep::kWaits);
  std::atomic<bool> reached = true;
  std::jthread sleeper([&](const std::stop_token& stop) {
    reached = clock.SleepUntil(absl::InfiniteFuture(), stop);
  });
  clock.AwaitSleepers(1);
  sleeper.request_stop();
  sleeper.join();
  EXPECT_FALSE(reached);
}

}  // namespace
}  // namespace attune

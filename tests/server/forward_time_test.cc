#include "server/forward_time.h"

#include "gtest/gtest.h"

namespace attune {
namespace {

const absl::Time kStart = absl::FromUnixSeconds(1'700'000'000);

TEST(ForwardTimeTest, FollowsAClockThatRunsForward) {
  ForwardTime time(kStart);
  EXPECT_EQ(time.At(kStart + absl::Seconds(5)), kStart + absl::Seconds(5));
  EXPECT_EQ(time.ToClock(kStart), kStart);
}

TEST(ForwardTimeTest, GoesOnAtTheClocksPaceAfterAJumpBack) {
  ForwardTime time(kStart);
  const absl::Time jumped = kStart - absl::Hours(1);
  EXPECT_EQ(time.At(jumped), kStart);
  EXPECT_EQ(time.At(jumped + absl::Seconds(3)), kStart + absl::Seconds(3));
}

TEST(ForwardTimeTest, SaysWhenTheClockWillShowATime) {
  ForwardTime time(kStart);
  const absl::Time jumped = kStart - absl::Hours(1);
  time.At(jumped);
  EXPECT_EQ(time.ToClock(kStart + absl::Seconds(3)), jumped + absl::Seconds(3));
  EXPECT_EQ(time.ToClock(absl::InfiniteFuture()), absl::InfiniteFuture());
}

TEST(ForwardTimeTest, CountsWholeMicroseconds) {
  ForwardTime time(kStart);
  EXPECT_EQ(time.At(kStart + absl::Nanoseconds(1999)),
            kStart + absl::Microseconds(1));
}

}  // namespace
}  // namespace attune

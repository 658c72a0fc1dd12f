#include "storage/micros.h"

#include <limits>

#include "gtest/gtest.h"
#include "tests/testing/builders.h"

namespace attune {
namespace {

TEST(MicrosTest, RoundsDownOnBothSidesOf1970) {
  EXPECT_EQ(ToMicros(absl::UnixEpoch() + absl::Nanoseconds(1999)), 1);
  EXPECT_EQ(ToMicros(absl::UnixEpoch() - absl::Nanoseconds(1)), -1);
  EXPECT_EQ(ToMicros(absl::Nanoseconds(-1)), -1);
}

TEST(MicrosTest, KeepsInfinity) {
  EXPECT_EQ(FromMicros(ToMicros(absl::InfiniteFuture())),
            absl::InfiniteFuture());
  EXPECT_EQ(FromMicros(ToMicros(absl::InfinitePast())), absl::InfinitePast());
  EXPECT_EQ(DurationFromMicros(ToMicros(absl::InfiniteDuration())),
            absl::InfiniteDuration());
  EXPECT_EQ(ToMicros(absl::InfiniteFuture()),
            std::numeric_limits<int64_t>::max());
}

TEST(MicrosTest, LeavesWholeMicrosecondsAlone) {
  const Trial trial = MakeTrial(1, Running{.lease = {.deadline = TestTime()}});
  EXPECT_EQ(InMicros(trial), trial);
  const Study study = MakeStudy(MakeStudySpec());
  EXPECT_EQ(InMicros(study), study);
}

TEST(MicrosTest, RoundsEveryTimeOfATrial) {
  const absl::Duration fraction = absl::Nanoseconds(3);
  const Trial running =
      MakeTrial(1, Running{.lease = {.attempt = 2, .deadline = TestTime()}});
  const Trial completed = MakeCompletedTrial(1, 1.0);
  for (const Trial& whole : {running, completed}) {
    Trial fine = whole;
    fine.create_time += fraction;
    *fine.start_time += fraction;
    if (fine.end_time.has_value()) *fine.end_time += fraction;
    if (auto* state = std::get_if<Running>(&fine.state)) {
      state->lease.deadline += fraction;
    }
    for (Attempt& attempt : fine.attempts) {
      attempt.start_time += fraction;
      if (attempt.end_time.has_value()) *attempt.end_time += fraction;
    }
    EXPECT_EQ(InMicros(fine), whole);
  }
}

}  // namespace
}  // namespace attune

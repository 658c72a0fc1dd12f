#ifndef ATTUNE_TESTS_WORKER_TRIAL_FIXTURE_H_
#define ATTUNE_TESTS_WORKER_TRIAL_FIXTURE_H_

#include "absl/time/time.h"
#include "gtest/gtest.h"
#include "tests/testing/fake_clock.h"
#include "tests/worker/fake_coordinator.h"
#include "tests/worker/scripted_runner.h"
#include "worker/retry.h"
#include "worker/trial_session.h"

namespace attune {

// Pauses of exactly 1, 2, 4, 4, ... seconds.
inline constexpr RetryPolicy kExactRetry = {.initial = absl::Seconds(1),
                                            .max = absl::Seconds(4),
                                            .multiplier = 2.0,
                                            .jitter = 0.0};

// What a trial needs around it to run without a network or a real clock.
class TrialFixture : public testing::Test {
 protected:
  FakeClock clock_;
  FakeCoordinator coordinator_;
  ScriptedRunner runner_;
  const SessionContext context_{
      .coordinator = &coordinator_, .runner = &runner_, .clock = &clock_};
};

}  // namespace attune

#endif  // ATTUNE_TESTS_WORKER_TRIAL_FIXTURE_H_

#ifndef ATTUNE_SERVER_COMMAND_CHECKS_H_
#define ATTUNE_SERVER_COMMAND_CHECKS_H_

#include "absl/status/status.h"
#include "server/command.h"

namespace attune {

// The most that one call may carry.
inline constexpr size_t kMaxWorkers = 256;
inline constexpr size_t kMaxWorkerLength = 200;
inline constexpr size_t kMaxTokens = 1000;
inline constexpr size_t kMaxMeasurements = 10'000;
inline constexpr size_t kMaxMetrics = 1000;  // of one measurement
inline constexpr size_t kMaxMetricLength = 200;
inline constexpr size_t kMaxNewTrials = 1000;
inline constexpr size_t kMaxRequestIdLength = 100;

// With every violation, for a command that is wrong whatever the state is:
// INVALID_ARGUMENT, or RESOURCE_EXHAUSTED, reason TOO_LARGE, if there is only
// too much of it. The spec of a study is not looked at.
absl::Status Check(const Command& command);

}  // namespace attune

#endif  // ATTUNE_SERVER_COMMAND_CHECKS_H_

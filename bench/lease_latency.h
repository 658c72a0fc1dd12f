#ifndef ATTUNE_BENCH_LEASE_LATENCY_H_
#define ATTUNE_BENCH_LEASE_LATENCY_H_

#include <sys/types.h>

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "bench/slots.h"

namespace attune {

// How long LeaseTrials takes one more client, which leases one trial after
// another of the study, while all `reporters` report as fast as they can.
absl::StatusOr<std::vector<absl::Duration>> MeasureLeases(
    const std::string& address, const std::string& study,
    const Slots& reporters, pid_t server, const Span& span);

}  // namespace attune

#endif  // ATTUNE_BENCH_LEASE_LATENCY_H_

#ifndef ATTUNE_BENCH_WAITING_COST_H_
#define ATTUNE_BENCH_WAITING_COST_H_

#include <sys/types.h>

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "bench/load.h"
#include "bench/slots.h"

namespace attune {

// What workers that wait for a trial cost the coordinator.
struct WaitingCost {
  absl::Duration to_ask;      // of a processor, for one to begin to wait
  double idle = 0.0;          // processors, while nothing happens
  int64_t bytes = 0;          // of memory, for each
  int64_t descriptors = 0;    // that the coordinator has open for them
  LoadFigures reports_alone;  // of one client, before any waits
  LoadFigures reports_beside;
};

// REQUIRES: the coordinator at `address` was just started, so that it has no
// memory which was used before.
absl::StatusOr<WaitingCost> MeasureWaiting(const std::string& address,
                                           pid_t server, int workers,
                                           int connections, const Span& span);

}  // namespace attune

#endif  // ATTUNE_BENCH_WAITING_COST_H_

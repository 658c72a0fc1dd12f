#ifndef ATTUNE_BENCH_LOAD_H_
#define ATTUNE_BENCH_LOAD_H_

#include <sys/types.h>

#include <functional>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"

namespace attune {

// Does one client's next piece of work, and waits for its end.
using Client = std::function<absl::Status()>;

struct LoadFigures {
  double per_second = 0.0;
  absl::Duration median;  // of one piece
  absl::Duration p99;
  absl::Duration server_cpu;  // that the server's process spent for one piece
};

// Lets all clients work at the same time, each on a thread of its own, and
// counts the pieces that end in `window` after `warmup`. `server` is the
// process that serves them. The first error ends it.
absl::StatusOr<LoadFigures> RunLoad(const std::vector<Client>& clients,
                                    pid_t server, absl::Duration warmup,
                                    absl::Duration window);

// What so much of them, `q` of 1, is not above; 0 if there are none.
absl::Duration Quantile(std::vector<absl::Duration> times, double q);
absl::Duration Median(std::vector<absl::Duration> times);

// The figures with the median number of pieces. REQUIRES: not empty.
LoadFigures MedianFigures(std::vector<LoadFigures> rounds);

}  // namespace attune

#endif  // ATTUNE_BENCH_LOAD_H_

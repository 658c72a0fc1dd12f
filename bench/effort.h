#ifndef ATTUNE_BENCH_EFFORT_H_
#define ATTUNE_BENCH_EFFORT_H_

#include <sys/types.h>

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"

namespace attune {

// What a coordinator has done to make durable what it was told, so far.
struct Effort {
  absl::Time time;
  int64_t commits = 0;
  int64_t disk_bytes = 0;
};

absl::StatusOr<Effort> ReadEffort(const std::string& address, pid_t server);

// Between two looks, a second.
double CommitsPerSecond(const Effort& before, const Effort& after);
double BytesPerSecond(const Effort& before, const Effort& after);

}  // namespace attune

#endif  // ATTUNE_BENCH_EFFORT_H_

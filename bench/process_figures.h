#ifndef ATTUNE_BENCH_PROCESS_FIGURES_H_
#define ATTUNE_BENCH_PROCESS_FIGURES_H_

#include <sys/types.h>

#include <cstdint>

#include "absl/time/time.h"

namespace attune {

// What Linux has counted of a running process so far.
struct ProcessFigures {
  absl::Duration cpu;          // of all its threads, theirs and the kernel's
  int64_t resident_bytes = 0;  // of memory
  int64_t descriptors = 0;     // that are open
  int64_t disk_bytes = 0;      // that it had written, in whole pages
};

// REQUIRES: the process runs, and is the caller's own.
ProcessFigures ReadProcess(pid_t process);

// Lets this process, and those that it starts, have as many open files as they
// are allowed to ask for.
void RaiseDescriptorLimit();

}  // namespace attune

#endif  // ATTUNE_BENCH_PROCESS_FIGURES_H_

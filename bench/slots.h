#ifndef ATTUNE_BENCH_SLOTS_H_
#define ATTUNE_BENCH_SLOTS_H_

#include <sys/types.h>

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "bench/load.h"
#include "bench/slot.h"

namespace attune {

using Slots = std::vector<std::unique_ptr<Slot>>;

// So many slots of this process, one after another of these studies, which are
// names without `studies/`. REQUIRES: `studies` is not empty.
Slots MakeSlots(const std::string& address,
                const std::vector<std::string>& studies, int count);

struct Span {
  absl::Duration warmup;
  absl::Duration window;
};

// Lets all slots do that work at the same time; see RunLoad().
absl::StatusOr<LoadFigures> Measure(const Slots& slots,
                                    absl::Status (Slot::*work)(), pid_t server,
                                    const Span& span);

// Completes the trials that slots have.
absl::Status FinishAll(const Slots& slots);

}  // namespace attune

#endif  // ATTUNE_BENCH_SLOTS_H_

#include "bench/lease_latency.h"

#include <unistd.h>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "bench/load.h"
#include "core/status_macros.h"
#include "proto/convert.h"

namespace attune {

absl::StatusOr<std::vector<absl::Duration>> MeasureLeases(
    const std::string& address, const std::string& study,
    const Slots& reporters, pid_t server, const Span& span) {
  Slot leaser(address, absl::StrCat("lease:", getpid(), "/1"),
              StudyName(study));
  const absl::Time from = absl::Now() + span.warmup;
  std::vector<absl::Duration> times;
  std::vector<Client> clients;
  clients.reserve(reporters.size() + 1);
  for (const auto& slot : reporters) {
    clients.push_back([&slot] { return slot->Report(); });
  }
  clients.push_back([&]() -> absl::Status {
    const absl::Time begin = absl::Now();
    ATTUNE_RETURN_IF_ERROR(leaser.Lease());
    if (begin >= from) times.push_back(absl::Now() - begin);
    ATTUNE_RETURN_IF_ERROR(leaser.Report());
    return leaser.Finish();
  });
  ATTUNE_RETURN_IF_ERROR(
      RunLoad(clients, server, span.warmup, span.window).status());
  ATTUNE_RETURN_IF_ERROR(FinishAll(reporters));
  return times;
}

}  // namespace attune

#include "bench/slots.h"

#include <unistd.h>

#include "absl/strings/str_cat.h"
#include "core/check.h"
#include "core/status_macros.h"
#include "proto/convert.h"

namespace attune {

Slots MakeSlots(const std::string& address,
                const std::vector<std::string>& studies, int count) {
  ATTUNE_CHECK(!studies.empty());
  Slots slots;
  slots.reserve(static_cast<size_t>(count));
  for (size_t i = 0; i < static_cast<size_t>(count); ++i) {
    slots.push_back(std::make_unique<Slot>(
        address, absl::StrCat("bench:", getpid(), "/", i),
        StudyName(studies[i % studies.size()])));
  }
  return slots;
}

absl::StatusOr<LoadFigures> Measure(const Slots& slots,
                                    absl::Status (Slot::*work)(), pid_t server,
                                    const Span& span) {
  std::vector<Client> clients;
  clients.reserve(slots.size());
  for (const auto& slot : slots) {
    clients.push_back([&slot, work] { return (slot.get()->*work)(); });
  }
  return RunLoad(clients, server, span.warmup, span.window);
}

absl::Status FinishAll(const Slots& slots) {
  for (const auto& slot : slots) ATTUNE_RETURN_IF_ERROR(slot->Finish());
  return absl::OkStatus();
}

}  // namespace attune

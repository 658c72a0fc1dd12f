#include "bench/waiting_cost.h"

#include "absl/time/clock.h"
#include "bench/bench_study.h"
#include "bench/process_figures.h"
#include "bench/waiting_workers.h"
#include "bench/wake_up.h"
#include "core/status_macros.h"
#include "proto/convert.h"

namespace attune {
namespace {

constexpr char kWaitedFor[] = "waited-for";
constexpr char kReported[] = "reported";
constexpr absl::Duration kIdle = absl::Seconds(10);

// Processors of a process that is looked at for a while.
double ProcessorsOf(pid_t process) {
  const absl::Duration cpu = ReadProcess(process).cpu;
  const absl::Time begin = absl::Now();
  absl::SleepFor(kIdle);
  return absl::FDivDuration(ReadProcess(process).cpu - cpu,
                            absl::Now() - begin);
}

}  // namespace

absl::StatusOr<WaitingCost> MeasureWaiting(const std::string& address,
                                           pid_t server, int workers,
                                           int connections, const Span& span) {
  ATTUNE_RETURN_IF_ERROR(CreateStudyToWaitFor(address, kWaitedFor));
  ATTUNE_RETURN_IF_ERROR(CreateStudy(address, BenchStudy(kReported)));
  const Slots slots = MakeSlots(address, {kReported}, 1);
  WaitingCost cost;
  ATTUNE_ASSIGN_OR_RETURN(cost.reports_alone,
                          Measure(slots, &Slot::Report, server, span));
  const ProcessFigures before = ReadProcess(server);
  const WaitingWorkers waiting({.address = address,
                                .study = StudyName(kWaitedFor),
                                .count = workers,
                                .connections = connections});
  ATTUNE_RETURN_IF_ERROR(AwaitWaiting(address, workers));
  const ProcessFigures after = ReadProcess(server);
  cost.to_ask = (after.cpu - before.cpu) / workers;
  cost.bytes = (after.resident_bytes - before.resident_bytes) / workers;
  cost.descriptors = after.descriptors - before.descriptors;
  cost.idle = ProcessorsOf(server);
  ATTUNE_ASSIGN_OR_RETURN(cost.reports_beside,
                          Measure(slots, &Slot::Report, server, span));
  return cost;
}

}  // namespace attune

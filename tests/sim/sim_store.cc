#include "tests/sim/sim_store.h"

#include <limits>
#include <utility>

#include "core/status_macros.h"
#include "storage/sqlite_storage.h"
#include "tests/testing/failing_storage.h"

namespace attune {

absl::StatusOr<std::unique_ptr<Storage>> MemoryStore::Open() {
  return std::make_unique<FailingStorage>(&storage_);
}

SqliteStore::SqliteStore(const Faults* faults, FakeClock* clock, Trace* trace,
                         Rng rng)
    : faults_(faults),
      clock_(clock),
      trace_(trace),
      rng_(rng),
      disk_(rng.Split("disk")),
      vfs_(&disk_) {
  disk_.fault = [this](DiskCall call) { return Decide(call); };
}

absl::StatusOr<std::unique_ptr<Storage>> SqliteStore::Open() {
  if (disk_.is_dead()) disk_.Start();
  // A log that is folded into the file often, and begins anew.
  ATTUNE_ASSIGN_OR_RETURN(
      std::unique_ptr<Storage> storage,
      SqliteStorage::Open(
          "/disk/attune.db",
          {.checkpoint_pages = 40, .restart_pages = 100, .vfs = vfs_.name()}));
  return storage;
}

void SqliteStore::Kill(bool cut_power) {
  if (cut_power) {
    disk_.CutPower();
  } else {
    disk_.Kill();
  }
}

void SqliteStore::FillFor(absl::Duration time) {
  full_until_ = clock_->Now() + time;
  trace_->Add("the disk is full");
}

bool SqliteStore::Happens(double probability) {
  return probability > 0.0 && rng_.Uniform() < probability;
}

DiskFault SqliteStore::Decide(DiskCall call) {
  if (is_quiet_) return DiskFault::kNone;
  disk_.capacity =
      clock_->Now() < full_until_ ? 0 : std::numeric_limits<size_t>::max();
  const bool is_read = call == DiskCall::kRead || call == DiskCall::kOpen;
  if (!is_read && Happens(faults_->die_on_disk)) {
    trace_->Add("the coordinator dies as it writes");
    return DiskFault::kDies;
  }
  if (call == DiskCall::kSync && Happens(faults_->slow_sync)) {
    clock_->Advance(absl::Seconds(rng_.Uniform(0.0, 15.0)));
    trace_->Add("the disk was slow");
  }
  const double rate = is_read                   ? faults_->fail_disk_read
                      : call == DiskCall::kSync ? faults_->fail_sync
                                                : faults_->fail_disk_write;
  if (!Happens(rate)) return DiskFault::kNone;
  trace_->Add("the disk fails");
  const bool is_torn = call == DiskCall::kWrite && rng_.Below(2) == 0;
  return is_torn ? DiskFault::kTorn : DiskFault::kFails;
}

}  // namespace attune

#ifndef ATTUNE_TESTS_SIM_SIM_STORE_H_
#define ATTUNE_TESTS_SIM_SIM_STORE_H_

#include <memory>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "core/random.h"
#include "storage/memory_storage.h"
#include "storage/storage.h"
#include "tests/sim/faults.h"
#include "tests/sim/trace.h"
#include "tests/testing/fake_clock.h"
#include "tests/testing/simulated_disk.h"
#include "tests/testing/simulated_vfs.h"

namespace attune {

// What is left of the coordinator's storage when its process dies.
class SimStore {
 public:
  virtual ~SimStore() = default;

  // For a process that begins. What it returns is to be destroyed before the
  // next process begins.
  virtual absl::StatusOr<std::unique_ptr<Storage>> Open() = 0;
  // The process dies, alone or as the power fails.
  virtual void Kill(bool cut_power) = 0;
  // The process has died in a call of Open() or of what that returned.
  virtual bool is_dead() const { return false; }
  // Without faults of its own until it is called with false.
  virtual void SetQuiet(bool /*is_quiet*/) {}
  // Its disk has no room for a while, and has it again.
  virtual void FillFor(absl::Duration /*time*/) {}
  virtual void Empty() {}
};

// Memory that outlives the process.
class MemoryStore : public SimStore {
 public:
  absl::StatusOr<std::unique_ptr<Storage>> Open() override;
  void Kill(bool /*cut_power*/) override {}

 private:
  MemoryStorage storage_;
};

// SQLite on a disk that fails as `faults` says.
class SqliteStore : public SimStore {
 public:
  // All must outlive it.
  SqliteStore(const Faults* faults, FakeClock* clock, Trace* trace, Rng rng);

  absl::StatusOr<std::unique_ptr<Storage>> Open() override;
  void Kill(bool cut_power) override;
  bool is_dead() const override { return disk_.is_dead(); }
  void SetQuiet(bool is_quiet) override { is_quiet_ = is_quiet; }
  void FillFor(absl::Duration time) override;
  void Empty() override { full_until_ = absl::InfinitePast(); }

 private:
  bool Happens(double probability);
  DiskFault Decide(DiskCall call);

  const Faults* const faults_;
  FakeClock* const clock_;
  Trace* const trace_;
  Rng rng_;
  SimulatedDisk disk_;
  SimulatedVfs vfs_;
  bool is_quiet_ = false;
  absl::Time full_until_ = absl::InfinitePast();
};

}  // namespace attune

#endif  // ATTUNE_TESTS_SIM_SIM_STORE_H_

#ifndef ATTUNE_TESTS_TESTING_SIMULATED_VFS_H_
#define ATTUNE_TESTS_TESTING_SIMULATED_VFS_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "tests/testing/simulated_disk.h"

namespace attune {

// Lets SQLite keep its files on a SimulatedDisk: pass `name()` as
// SqliteOptions::vfs. All connections stand for one process, with locks and the
// shared memory of write-ahead logs as between threads of one. Behaves as
// SQLite's own VFS for Unix does: in what it syncs, and in that writes leave
// the bytes beside them alone (SQLITE_IOCAP_POWERSAFE_OVERWRITE). The
// randomness that it gives is the disk's, its time stands still. For one
// thread.
class SimulatedVfs {
 public:
  // `disk` must outlive it, and it must outlive all connections.
  explicit SimulatedVfs(SimulatedDisk* disk);
  SimulatedVfs(const SimulatedVfs&) = delete;
  SimulatedVfs& operator=(const SimulatedVfs&) = delete;
  ~SimulatedVfs();

  const std::string& name() const;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace attune

#endif  // ATTUNE_TESTS_TESTING_SIMULATED_VFS_H_

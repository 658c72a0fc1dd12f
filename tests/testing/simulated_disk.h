#ifndef ATTUNE_TESTS_TESTING_SIMULATED_DISK_H_
#define ATTUNE_TESTS_TESTING_SIMULATED_DISK_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <limits>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "core/random.h"

namespace attune {

// A file as an operating system keeps it: what programs see, and what would
// still be there if the power failed now.
class DiskFile {
 public:
  const std::string& bytes() const { return cached_; }

  void Write(size_t offset, absl::string_view bytes);
  void Truncate(size_t size);
  void Sync();
  // A sync that failed: of what it should have written some sectors are on the
  // disk and the others never will be, as the system takes them for written.
  void FailSync(Rng& rng);
  // Of what was not synced, each sector survives with the given probability.
  void CutPower(double survives, Rng& rng);

 private:
  // Since the last sync. A write of up to a sector, or a new size.
  struct Change {
    size_t offset = 0;
    std::string bytes;
    bool truncates = false;
  };

  static void Apply(const Change& change, std::string& bytes);
  void KeepSome(double survives, Rng& rng);

  std::string cached_;
  std::string synced_;
  std::vector<Change> changes_;
};

enum class DiskCall { kOpen, kRead, kWrite, kTruncate, kSync, kDelete };

enum class DiskFault {
  kNone,
  kFails,  // nothing is done; for a sync see DiskFile::FailSync()
  kFull,   // a write finds no room
  kTorn,   // a write does a part of its work and then fails
  kDies,   // the process dies instead of the call
};

// A disk and the process that uses it, both in memory. The process may be
// killed and the power cut; names of files are lost and come back like what is
// in the files, but syncing a file keeps its name too, as the file systems of
// Linux do. For one thread.
class SimulatedDisk {
 public:
  static constexpr size_t kSector = 512;

  explicit SimulatedDisk(Rng rng) : rng_(rng) {}
  SimulatedDisk(const SimulatedDisk&) = delete;
  SimulatedDisk& operator=(const SimulatedDisk&) = delete;

  // Asked before each call. It may move a clock: a slow disk.
  std::function<DiskFault(DiskCall)> fault = [](DiskCall) {
    return DiskFault::kNone;
  };
  // How much all files may hold together.
  size_t capacity = std::numeric_limits<size_t>::max();

  // The process dies: every handle is dead from now on, and what was written
  // is still there.
  void Kill();
  // The process dies, and what was not synced is lost: all of it, or some.
  void CutPower();
  // A new process begins. REQUIRES: the last one is dead.
  void Start() { is_dead_ = false; }
  bool is_dead() const { return is_dead_; }
  // Grows with each process; a handle of another one is dead.
  int64_t process() const { return process_; }

  // What SQLite's VFS does, below names that are paths. A fault of the call
  // itself is decided here.
  DiskFault Ask(DiskCall call);
  DiskFault Write(DiskFile& file, size_t offset, absl::string_view bytes);
  DiskFault Truncate(DiskFile& file, size_t size);
  DiskFault Sync(DiskFile& file);
  // nullptr if there is none.
  std::shared_ptr<DiskFile> Find(const std::string& name) const;
  std::shared_ptr<DiskFile> Create(const std::string& name);
  DiskFault Delete(const std::string& name);
  // The names that are there now survive whatever comes.
  void SyncNames() { synced_names_ = names_; }

  // Calls that would change what a power cut leaves.
  int64_t changes() const { return changes_; }
  Rng& rng() { return rng_; }

 private:
  size_t Size() const;

  Rng rng_;
  std::map<std::string, std::shared_ptr<DiskFile>> names_;
  std::map<std::string, std::shared_ptr<DiskFile>> synced_names_;
  bool is_dead_ = false;
  int64_t process_ = 0;
  int64_t changes_ = 0;
};

}  // namespace attune

#endif  // ATTUNE_TESTS_TESTING_SIMULATED_DISK_H_

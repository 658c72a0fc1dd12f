#ifndef ATTUNE_TESTS_E2E_SMALL_DISK_H_
#define ATTUNE_TESTS_E2E_SMALL_DISK_H_

#include <optional>
#include <string>

#include "absl/strings/string_view.h"
#include "tests/e2e/process.h"

namespace attune {

// A small file system of its own, mounted for as long as it lives. That takes a
// process that may mount.
class SmallDisk {
 public:
  enum class Kind {
    kMemory,  // tmpfs
    kExt4,    // in a file, on a loop device
  };

  SmallDisk(Kind kind, int megabytes);
  // Unmounts, whoever still uses it.
  ~SmallDisk();
  SmallDisk(const SmallDisk&) = delete;
  SmallDisk& operator=(const SmallDisk&) = delete;

  // Why it is not there; nothing if it is.
  const std::optional<std::string>& problem() const { return problem_; }

  std::string path(absl::string_view name) const;

  // Takes all room that is left, and gives it back.
  void Fill();
  void Empty();

  // Of kExt4: as if the disk had failed and the kernel had made it read-only,
  // whoever writes. It stays so until it is mounted again.
  bool Break();
  // REQUIRES: nobody uses it.
  bool MountAgain(bool read_only);

 private:
  bool Mount(bool read_only);
  bool Unmount(bool lazily);

  const TempDir dir_;
  const Kind kind_;
  const int megabytes_;
  std::optional<std::string> problem_;
};

}  // namespace attune

#endif  // ATTUNE_TESTS_E2E_SMALL_DISK_H_

#include "tests/e2e/small_disk.h"

#include <fcntl.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <filesystem>

#include "absl/strings/str_cat.h"
#include "core/check.h"

namespace attune {

SmallDisk::SmallDisk(Kind kind, int megabytes)
    : kind_(kind), megabytes_(megabytes) {
  std::filesystem::create_directory(dir_.path("disk"));
  if (kind_ == Kind::kExt4) {
    const Finish made =
        RunProgram({"/usr/sbin/mkfs.ext4", "-q", "-F", dir_.path("image"),
                    absl::StrCat(megabytes, "M")});
    if (made.exit_code != 0) {
      problem_ = absl::StrCat("mkfs.ext4 fails here: ", made.log);
      return;
    }
  }
  Mount(/*read_only=*/false);
}

SmallDisk::~SmallDisk() { Unmount(/*lazily=*/true); }

bool SmallDisk::Mount(bool read_only) {
  const std::string options =
      kind_ == Kind::kMemory ? absl::StrCat("size=", megabytes_, "m") : "loop";
  const Finish mounted = RunProgram(
      {"/usr/bin/mount", "-t", kind_ == Kind::kMemory ? "tmpfs" : "ext4", "-o",
       absl::StrCat(options, read_only ? ",ro" : ""),
       kind_ == Kind::kMemory ? "none" : dir_.path("image"),
       dir_.path("disk")});
  if (mounted.exit_code == 0) return true;
  problem_ = absl::StrCat(
      "this process may not mount a file system, so this is not tested here: ",
      mounted.log);
  return false;
}

bool SmallDisk::Unmount(bool lazily) {
  return umount2(dir_.path("disk").c_str(), lazily ? MNT_DETACH : 0) == 0;
}

std::string SmallDisk::path(absl::string_view name) const {
  return absl::StrCat(dir_.path("disk"), "/", name);
}

void SmallDisk::Fill() {
  const int fd = open(path("ballast").c_str(),
                      O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  ATTUNE_CHECK(fd >= 0);
  // Large pieces first, then all the rest.
  static constexpr std::array<char, 1 << 16> kZeros = {};
  for (const size_t piece : {kZeros.size(), size_t{512}, size_t{1}}) {
    while (write(fd, kZeros.data(), piece) > 0) {
    }
  }
  close(fd);
}

void SmallDisk::Empty() { std::filesystem::remove(path("ballast")); }

bool SmallDisk::Break() {
  return RunProgram(
             {"/usr/bin/mount", "-o", "remount,abort", dir_.path("disk")})
             .exit_code == 0;
}

bool SmallDisk::MountAgain(bool read_only) {
  return Unmount(/*lazily=*/false) && Mount(read_only);
}

}  // namespace attune

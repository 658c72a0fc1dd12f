#include "bench/disk.h"

#include <fcntl.h>
#include <unistd.h>

#include <array>

#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "core/check.h"

namespace attune {

double SyncsPerSecond(const std::filesystem::path& folder) {
  constexpr off_t kPages = 1000;  // as many as a WAL has before a checkpoint
  const int fd = open((folder / "sync").c_str(), O_CREAT | O_WRONLY, 0600);
  ATTUNE_CHECK(fd >= 0);
  const std::array<char, 4096> page = {};
  const auto write_page = [&](off_t index) {
    const auto size = static_cast<off_t>(page.size());
    ATTUNE_CHECK(pwrite(fd, page.data(), page.size(), index * size) == size);
  };
  for (off_t i = 0; i < kPages; ++i) write_page(i);
  ATTUNE_CHECK(fsync(fd) == 0);
  const absl::Time begin = absl::Now();
  int syncs = 0;
  while (absl::Now() - begin < absl::Milliseconds(500)) {
    write_page(syncs % kPages);
    ATTUNE_CHECK(fdatasync(fd) == 0);
    ++syncs;
  }
  const double seconds = absl::ToDoubleSeconds(absl::Now() - begin);
  close(fd);
  return syncs / seconds;
}

}  // namespace attune

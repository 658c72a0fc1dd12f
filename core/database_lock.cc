#include "core/database_lock.h"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <cerrno>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "absl/strings/string_view.h"
#include "absl/strings/strip.h"
#include "core/status_macros.h"

namespace attune {
namespace {

std::string LockPath(const std::string& database) { return database + ".lock"; }

absl::Status SystemError(int error, absl::string_view attempted,
                         const std::string& path) {
  const std::string message = absl::StrCat("cannot ", attempted, " ", path);
  switch (error) {
    case ENOENT:
    case ENOTDIR:
    case EACCES:
    case EPERM:
    case EROFS:
      return absl::ErrnoToStatus(error, message);
    default:
      return absl::UnavailableError(
          absl::ErrnoToStatus(error, message).message());
  }
}

// Opens with O_CLOEXEC, so that no child process keeps the lock.
int Open(const std::string& path, int flags) {
  while (true) {
    const int fd = open(path.c_str(), flags | O_CLOEXEC, 0644);
    if (fd >= 0 || errno != EINTR) return fd;
  }
}

// Locks of open files, not of processes: they are tested without being taken,
// and another open file of this process does not end them.
struct flock WholeFile() {
  struct flock lock = {};
  lock.l_type = F_WRLCK;
  lock.l_whence = SEEK_SET;
  return lock;
}

// False if another open file holds it.
absl::StatusOr<bool> TryLock(int fd, const std::string& path) {
  struct flock lock = WholeFile();
  while (fcntl(fd, F_OFD_SETLK, &lock) != 0) {
    if (errno == EINTR) continue;
    if (errno == EAGAIN || errno == EACCES) return false;
    return SystemError(errno, "lock", path);
  }
  return true;
}

absl::StatusOr<bool> IsLocked(int fd, const std::string& path) {
  struct flock lock = WholeFile();
  lock.l_type = F_RDLCK;  // `fd` may be open for reading only
  if (fcntl(fd, F_OFD_GETLK, &lock) != 0) {
    return SystemError(errno, "test the lock of", path);
  }
  return lock.l_type != F_UNLCK;
}

absl::StatusOr<DatabaseHolder> ReadHolder(int fd, const std::string& path) {
  std::string text;
  std::array<char, 4096> buffer;
  while (true) {
    const ssize_t got = pread(fd, buffer.data(), buffer.size(),
                              static_cast<off_t>(text.size()));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return SystemError(errno, "read", path);
    if (got == 0) break;
    text.append(buffer.data(), static_cast<size_t>(got));
  }
  DatabaseHolder holder;
  for (absl::string_view line : absl::StrSplit(text, '\n')) {
    if (absl::ConsumePrefix(&line, "pid ")) {
      // A number that cannot be read is as one that is not there.
      if (!absl::SimpleAtoi(line, &holder.pid)) holder.pid = 0;
    } else if (absl::ConsumePrefix(&line, "address ")) {
      holder.addresses.emplace_back(line);
    }
  }
  return holder;
}

absl::Status InUse(const std::string& database, const DatabaseHolder& holder) {
  std::string message = absl::StrCat("database ", database, " is in use by ");
  if (holder.pid == 0) {
    absl::StrAppend(&message, "an attuned that is starting or stopping");
  } else {
    absl::StrAppend(&message, "attuned pid ", holder.pid);
  }
  if (!holder.addresses.empty()) {
    absl::StrAppend(&message, " at ", absl::StrJoin(holder.addresses, ", "));
  }
  return absl::FailedPreconditionError(message);
}

}  // namespace

DatabaseLock::DatabaseLock(std::string path, int fd)
    : path_(std::move(path)), fd_(fd) {}

DatabaseLock::~DatabaseLock() {
  Write("").IgnoreError();  // Whoever reads it sees that nobody holds the lock.
  close(fd_);
}

absl::StatusOr<std::unique_ptr<DatabaseLock>> DatabaseLock::Acquire(
    const std::string& database) {
  const std::string path = LockPath(database);
  const int fd = Open(path, O_RDWR | O_CREAT);
  if (fd < 0) return SystemError(errno, "open the lock file", path);
  absl::StatusOr<bool> locked = TryLock(fd, path);
  if (!locked.ok() || !*locked) {
    absl::StatusOr<DatabaseHolder> holder = ReadHolder(fd, path);
    close(fd);
    if (!locked.ok()) return locked.status();
    if (!holder.ok()) return holder.status();
    return InUse(database, *holder);
  }
  std::unique_ptr<DatabaseLock> lock(new DatabaseLock(path, fd));
  ATTUNE_RETURN_IF_ERROR(lock->SetAddresses({}));
  return lock;
}

absl::Status DatabaseLock::SetAddresses(
    const std::vector<std::string>& addresses) {
  std::string text = absl::StrCat("pid ", getpid(), "\n");
  for (const std::string& address : addresses) {
    absl::StrAppend(&text, "address ", address, "\n");
  }
  return Write(text);
}

absl::Status DatabaseLock::Write(const std::string& text) {
  if (ftruncate(fd_, 0) != 0) return SystemError(errno, "empty", path_);
  const ssize_t written = pwrite(fd_, text.data(), text.size(), 0);
  if (written != static_cast<ssize_t>(text.size())) {
    return SystemError(written < 0 ? errno : ENOSPC, "write", path_);
  }
  return absl::OkStatus();
}

absl::StatusOr<std::optional<DatabaseHolder>> ReadDatabaseLock(
    const std::string& database) {
  const std::string path = LockPath(database);
  const int fd = Open(path, O_RDONLY);
  if (fd < 0) {
    if (errno == ENOENT || errno == ENOTDIR) return std::nullopt;
    return SystemError(errno, "open the lock file", path);
  }
  absl::StatusOr<std::optional<DatabaseHolder>> result = std::nullopt;
  absl::StatusOr<bool> locked = IsLocked(fd, path);
  if (!locked.ok()) {
    result = locked.status();
  } else if (*locked) {
    absl::StatusOr<DatabaseHolder> holder = ReadHolder(fd, path);
    if (holder.ok()) {
      result = *std::move(holder);
    } else {
      result = holder.status();
    }
  }
  close(fd);
  return result;
}

}  // namespace attune

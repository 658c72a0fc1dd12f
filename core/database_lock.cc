#include "core/database_lock.h"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <filesystem>
#include <system_error>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "absl/strings/string_view.h"
#include "absl/strings/strip.h"
#include "core/status_macros.h"

namespace attune {
namespace {

namespace fs = std::filesystem;

// A byte of the database file that nobody uses. The lock of the file begins
// here, and is as long as the holder's pid says: so it tells who holds it.
constexpr off_t kFileLock = off_t{1} << 60;

// Of the file itself, also where it is not there yet.
std::string RealPath(const std::string& database) {
  constexpr int kMostLinks = 40;  // as the kernel
  std::error_code error;
  fs::path path = database;
  for (int i = 0; i < kMostLinks && fs::is_symlink(path, error); ++i) {
    const fs::path target = fs::read_symlink(path, error);
    if (error) return database;
    path = path.parent_path() / target;
  }
  const fs::path real = fs::weakly_canonical(path, error);
  return error ? database : real.string();
}

std::string LockPath(const std::string& database) {
  return RealPath(database) + ".lock";
}

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

struct flock FileLock() {
  struct flock lock = {};
  lock.l_type = F_WRLCK;
  lock.l_whence = SEEK_SET;
  lock.l_start = kFileLock;
  lock.l_len = 1 + getpid();
  return lock;
}

// Where the process `pid` listens, by the lock file that it has open; nothing
// if we may not look.
std::vector<std::string> AddressesOf(int64_t pid) {
  std::error_code error;
  const std::string folder = absl::StrCat("/proc/", pid, "/fd");
  for (fs::directory_iterator at(folder, error), end; !error && at != end;
       at.increment(error)) {
    std::error_code no_link;
    const fs::path target = fs::read_symlink(at->path(), no_link);
    if (target.extension() != ".lock") continue;
    const int fd = Open(at->path().string(), O_RDONLY | O_NONBLOCK);
    if (fd < 0) continue;
    const absl::StatusOr<DatabaseHolder> holder = ReadHolder(fd, target);
    close(fd);
    if (holder.ok() && holder->pid == pid) return holder->addresses;
  }
  return {};
}

// Who has locked the file of the database, open as `fd`.
absl::StatusOr<std::optional<DatabaseHolder>> FileHolder(
    int fd, const std::string& database) {
  struct flock lock = FileLock();
  lock.l_type = F_RDLCK;  // `fd` may be open for reading only
  if (fcntl(fd, F_OFD_GETLK, &lock) != 0) {
    return SystemError(errno, "test the lock of", database);
  }
  if (lock.l_type == F_UNLCK) return std::nullopt;
  const int64_t pid = lock.l_len - 1;
  return DatabaseHolder{.pid = pid, .addresses = AddressesOf(pid)};
}

// As FileHolder(), of a file that may not be there or not be ours to read.
absl::StatusOr<std::optional<DatabaseHolder>> ReadFileLock(
    const std::string& database) {
  std::error_code error;
  if (!fs::is_regular_file(database, error)) return std::nullopt;
  const int fd = Open(database, O_RDONLY);
  if (fd < 0) return std::nullopt;
  auto holder = FileHolder(fd, database);
  close(fd);
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

DatabaseLock::DatabaseLock(std::string database, int fd)
    : database_(std::move(database)), path_(LockPath(database_)), fd_(fd) {}

DatabaseLock::~DatabaseLock() {
  Write("").IgnoreError();  // Whoever reads it sees that nobody holds the lock.
  close(fd_);
  if (file_ >= 0) close(file_);
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
  std::unique_ptr<DatabaseLock> lock(new DatabaseLock(database, fd));
  ATTUNE_RETURN_IF_ERROR(lock->LockFile());
  ATTUNE_RETURN_IF_ERROR(lock->SetAddresses({}));
  return lock;
}

absl::Status DatabaseLock::LockFile() {
  if (file_ >= 0) return absl::OkStatus();
  const int fd = Open(database_, O_RDWR);
  if (fd < 0 && errno == ENOENT) return absl::OkStatus();
  if (fd < 0) return SystemError(errno, "open", database_);
  struct flock lock = FileLock();
  while (fcntl(fd, F_OFD_SETLK, &lock) != 0) {
    if (errno == EINTR) continue;
    const int error = errno;
    const absl::StatusOr<std::optional<DatabaseHolder>> holder =
        FileHolder(fd, database_);
    close(fd);
    if (error != EAGAIN && error != EACCES) {
      return SystemError(error, "lock", database_);
    }
    ATTUNE_RETURN_IF_ERROR(holder.status());
    return InUse(database_, holder->value_or(DatabaseHolder()));
  }
  file_ = fd;
  return absl::OkStatus();
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
    if (errno == ENOENT || errno == ENOTDIR) return ReadFileLock(database);
    return SystemError(errno, "open the lock file", path);
  }
  absl::StatusOr<std::optional<DatabaseHolder>> result = std::nullopt;
  absl::StatusOr<bool> locked = IsLocked(fd, path);
  if (!locked.ok()) {
    result = locked.status();
  } else if (!*locked) {
    result = ReadFileLock(database);
  } else {
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

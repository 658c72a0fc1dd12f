#ifndef ATTUNE_CORE_DATABASE_LOCK_H_
#define ATTUNE_CORE_DATABASE_LOCK_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace attune {

// Who serves a database.
struct DatabaseHolder {
  int64_t pid = 0;
  // Where it listens, as clients name it; empty while it starts.
  std::vector<std::string> addresses;
  friend bool operator==(const DatabaseHolder&,
                         const DatabaseHolder&) = default;
};

// Keeps a second coordinator off a database: an exclusive lock of the file
// `<database>.lock`, which ends with the process however it ends. The file says
// who holds it, in lines `pid N` and `address A`; it is emptied at the end and
// not removed, since removing lock files is a race. It lies beside the file
// itself, also if `database` is a symbolic link. What else may be another name
// of the file, a hard link or a mount of the file alone, is kept off by a lock
// of the file. A process that closes a file loses all locks that SQLite has of
// it, so this must be there before SQLite opens the file and until it closed
// it.
class DatabaseLock {
 public:
  // FAILED_PRECONDITION, naming the holder, if another process holds it;
  // NOT_FOUND if the directory is not there; PERMISSION_DENIED; UNAVAILABLE if
  // the file system fails.
  static absl::StatusOr<std::unique_ptr<DatabaseLock>> Acquire(
      const std::string& database);

  // Empties the file and releases the lock.
  ~DatabaseLock();
  DatabaseLock(const DatabaseLock&) = delete;
  DatabaseLock& operator=(const DatabaseLock&) = delete;

  // Locks the file of the database, if that was not there at Acquire(). Errors
  // as above.
  absl::Status LockFile();

  // Tells others where this process listens.
  absl::Status SetAddresses(const std::vector<std::string>& addresses);

 private:
  DatabaseLock(std::string database, int fd);
  absl::Status Write(const std::string& text);

  const std::string database_;
  const std::string path_;
  const int fd_;
  int file_ = -1;  // of the database; -1: it is not there yet
};

// The process that holds the lock of `database` now; nullopt if none does.
// Errors as of Acquire(), but NOT_FOUND: no lock file means that none does.
// REQUIRES: this process has not opened the file, or holds the lock.
absl::StatusOr<std::optional<DatabaseHolder>> ReadDatabaseLock(
    const std::string& database);

}  // namespace attune

#endif  // ATTUNE_CORE_DATABASE_LOCK_H_

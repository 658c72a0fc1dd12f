#ifndef ATTUNE_STORAGE_SQLITE_READERS_H_
#define ATTUNE_STORAGE_SQLITE_READERS_H_

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "core/mutex.h"
#include "storage/sqlite_db.h"

namespace attune {

struct SqliteReadersOptions {
  std::string path;
  DatabaseMode mode = DatabaseMode::kReadOnly;
  int max_readers = 4;
  absl::Duration busy_timeout = absl::Seconds(5);
  std::string vfs;
};

// Read-only connections to one file, opened as they are needed, each lent to
// one thread at a time. Thread-safe.
class SqliteReaders {
 public:
  explicit SqliteReaders(SqliteReadersOptions options);

  // A borrowed connection; goes back when it is destroyed.
  class Lease {
   public:
    Lease(SqliteReaders* readers, std::unique_ptr<Database> db);
    Lease(Lease&&) = default;
    Lease& operator=(Lease&&) = delete;
    ~Lease();
    Database& db() const { return *db_; }

   private:
    SqliteReaders* readers_;
    std::unique_ptr<Database> db_;  // nullptr: moved from
  };

  // Waits while all connections are lent, or while RunAlone() runs.
  absl::StatusOr<Lease> Borrow();

  // Calls `action` while no connection is lent. Waits at most `patience` for
  // those that are; false, without having called it, if that was too short. For
  // one thread.
  bool RunAlone(absl::Duration patience, const std::function<void()>& action);

 private:
  bool BeginAlone(SteadyTime deadline);
  void GiveBack(std::unique_ptr<Database> db);

  const SqliteReadersOptions options_;
  Mutex mutex_;
  CondVar changed_;  // fewer are lent, or nobody is alone any more
  std::vector<std::unique_ptr<Database>> idle_ ABSL_GUARDED_BY(mutex_);
  int lent_ ABSL_GUARDED_BY(mutex_) = 0;
  bool alone_ ABSL_GUARDED_BY(mutex_) = false;
};

}  // namespace attune

#endif  // ATTUNE_STORAGE_SQLITE_READERS_H_

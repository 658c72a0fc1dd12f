#include "storage/sqlite_readers.h"

#include <utility>

#include "core/check.h"

namespace attune {

SqliteReaders::SqliteReaders(SqliteReadersOptions options)
    : options_(std::move(options)) {
  ATTUNE_CHECK(options_.max_readers >= 1);
}

SqliteReaders::Lease::Lease(SqliteReaders* readers,
                            std::unique_ptr<Database> db)
    : readers_(readers), db_(std::move(db)) {}

SqliteReaders::Lease::~Lease() {
  if (db_ != nullptr) readers_->GiveBack(std::move(db_));
}

absl::StatusOr<SqliteReaders::Lease> SqliteReaders::Borrow() {
  {
    MutexLock lock(&mutex_);
    while (alone_ || lent_ == options_.max_readers) changed_.Wait(&mutex_);
    ++lent_;
    if (!idle_.empty()) {
      std::unique_ptr<Database> db = std::move(idle_.back());
      idle_.pop_back();
      return Lease(this, std::move(db));
    }
  }
  absl::StatusOr<std::unique_ptr<Database>> db = Database::Open(
      options_.path, options_.mode, options_.busy_timeout, options_.vfs);
  if (!db.ok()) {
    MutexLock lock(&mutex_);
    --lent_;
    changed_.NotifyAll();
    return db.status();
  }
  return Lease(this, *std::move(db));
}

bool SqliteReaders::RunAlone(absl::Duration patience,
                             const std::function<void()>& action) {
  const bool alone = BeginAlone(SteadyTimeAfter(patience));
  if (alone) action();
  MutexLock lock(&mutex_);
  alone_ = false;
  changed_.NotifyAll();
  return alone;
}

bool SqliteReaders::BeginAlone(SteadyTime deadline) {
  MutexLock lock(&mutex_);
  alone_ = true;
  while (lent_ > 0) {
    if (!changed_.WaitUntil(&mutex_, deadline)) return lent_ == 0;
  }
  return true;
}

void SqliteReaders::GiveBack(std::unique_ptr<Database> db) {
  MutexLock lock(&mutex_);
  --lent_;
  changed_.NotifyAll();
  idle_.push_back(std::move(db));
}

}  // namespace attune

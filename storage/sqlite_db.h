#ifndef ATTUNE_STORAGE_SQLITE_DB_H_
#define ATTUNE_STORAGE_SQLITE_DB_H_

#include <concepts>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "storage/micros.h"

struct sqlite3;
struct sqlite3_stmt;

namespace attune {

// A prepared statement, borrowed from its Database for one use. Once it is
// destroyed the database may lend it again.
class Statement {
 public:
  explicit Statement(sqlite3_stmt* statement) : statement_(statement) {}
  Statement(Statement&& other) noexcept;
  Statement& operator=(Statement&&) = delete;
  ~Statement();

  // Binds all parameters, in order. Texts are copied; NaN becomes NULL.
  template <typename... Values>
  Statement& Bind(const Values&... values) {
    int index = 0;
    (BindOne(++index, values), ...);
    return *this;
  }

  // Goes to the next row; false after the last one.
  absl::StatusOr<bool> Step();

  // Steps to the end of a statement whose rows, if any, do not matter.
  absl::Status Run();

  // Of the present row; columns are counted from 0.
  bool IsNull(int column) const;
  int64_t Int(int column) const;
  double Real(int column) const;
  absl::string_view Text(int column) const;  // valid until the next Step()
  absl::Time Time(int column) const { return FromMicros(Int(column)); }
  std::string String(int column) const { return std::string(Text(column)); }
  std::optional<int64_t> OptionalInt(int column) const;
  std::optional<std::string> OptionalString(int column) const;
  std::optional<absl::Time> OptionalTime(int column) const;

 private:
  template <std::integral T>
  void BindOne(int index, T value) {
    BindInt(index, static_cast<int64_t>(value));
  }
  template <typename T>
  void BindOne(int index, const std::optional<T>& value) {
    if (value.has_value()) {
      BindOne(index, *value);
    } else {
      BindOne(index, std::nullopt);
    }
  }
  void BindOne(int index, double value);
  void BindOne(int index, absl::string_view value);
  void BindOne(int index, absl::Time value) { BindInt(index, ToMicros(value)); }
  void BindOne(int index, std::nullopt_t);
  void BindInt(int index, int64_t value);

  sqlite3_stmt* statement_;
  int bind_error_ = 0;  // the first, if any
};

// Which rule of the schema a failed statement broke.
enum class BrokenRule { kNone, kUnique, kPrimaryKey, kForeignKey, kCheck };
BrokenRule WhichRule(const absl::Status& status);

// Whether a failed commit may appear after a crash all the same: all of it was
// written, and only the sync failed. The next commit takes its place.
bool MayComeBack(const absl::Status& status);

enum class DatabaseMode {
  kReadWrite,  // the file is created if there is none
  kReadOnly,
  // Read-only, and on the caller's word that nobody writes the file meanwhile:
  // needs no right to write beside it.
  kImmutable,
};

// One connection to one SQLite file, for one thread at a time. Errors:
// UNAVAILABLE (reason STORAGE_UNAVAILABLE) if the disk is full or fails or the
// file is locked, DATA_LOSS if it is damaged or no database, INTERNAL for what
// the schema refuses (WhichRule() tells) and for wrong SQL.
class Database {
 public:
  // `vfs` names what SQLite reads and writes files with; empty: the system's.
  static absl::StatusOr<std::unique_ptr<Database>> Open(
      const std::string& path, DatabaseMode mode, absl::Duration busy_timeout,
      const std::string& vfs = "");
  Database(const Database&) = delete;
  Database& operator=(const Database&) = delete;
  ~Database();

  // Runs any number of statements.
  absl::Status Execute(const std::string& script);

  // `sql` must be a literal: statements are prepared once and kept under its
  // address. REQUIRES: no other Statement of the same `sql` is in use.
  absl::StatusOr<Statement> Prepare(const char* sql);

  // The first column of the only row.
  absl::StatusOr<int64_t> QueryInt(const char* sql);

  const std::string& path() const { return path_; }
  bool read_only() const;
  bool in_transaction() const;
  int64_t changes() const;  // rows that the last INSERT or UPDATE changed

  // Pages in the write-ahead log after the last commit of this connection.
  int wal_pages() const { return wal_pages_; }

  // Copies what it can of the write-ahead log into the file. `restart`: waits
  // (as long as the busy timeout) for readers of the log, so that the next
  // commit can begin it anew. Returns whether all of it was copied.
  absl::StatusOr<bool> Checkpoint(bool restart);

  // What is written to the log is gathered until it is synced, see
  // GatherLogWrites(). REQUIRES: a commit in WAL mode, and synchronous=FULL.
  void GatherLogWrites();

  void SetBusyTimeout(absl::Duration timeout);

 private:
  Database(std::string path, sqlite3* db);
  absl::Status Failure(int code) const;

  const std::string path_;
  sqlite3* const db_;
  std::map<const char*, sqlite3_stmt*> statements_;
  int wal_pages_ = 0;
};

// A transaction that is rolled back unless it is committed.
class Transaction {
 public:
  enum class Kind { kRead, kWrite };  // kWrite: the only one at a time

  static absl::StatusOr<Transaction> Begin(Database& db, Kind kind);
  Transaction(Transaction&& other) noexcept;
  Transaction& operator=(Transaction&&) = delete;
  ~Transaction();

  absl::Status Commit();

 private:
  explicit Transaction(Database* db) : db_(db) {}

  Database* db_;  // nullptr: moved from, or over
};

}  // namespace attune

#endif  // ATTUNE_STORAGE_SQLITE_DB_H_

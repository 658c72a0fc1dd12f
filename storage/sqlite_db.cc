#include "storage/sqlite_db.h"

#include <sqlite3.h>

#include <cstring>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "core/check.h"
#include "core/error.h"
#include "core/status_macros.h"
#include "storage/sqlite_log.h"

namespace attune {
namespace {

constexpr absl::string_view kCodePayload = "attune/sqlite-code";
constexpr absl::string_view kNotSyncedPayload = "attune/sqlite-not-synced";

bool IsDiskOrLock(int primary_code) {
  switch (primary_code) {
    case SQLITE_FULL:
    case SQLITE_IOERR:
    case SQLITE_CANTOPEN:
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
    case SQLITE_NOMEM:
    case SQLITE_READONLY:
    case SQLITE_PERM:
    case SQLITE_AUTH:
    case SQLITE_PROTOCOL:
    case SQLITE_INTERRUPT:
      return true;
    default:
      return false;
  }
}

absl::Status SqliteStatus(sqlite3* db, absl::string_view path, int code) {
  // The connection remembers its last error in words; they fit only that one.
  const char* words = db != nullptr && sqlite3_extended_errcode(db) == code
                          ? sqlite3_errmsg(db)
                          : sqlite3_errstr(code);
  std::string message =
      absl::StrCat(path, ": ", words, " (SQLite error ", code);
  const int system_error = db != nullptr ? sqlite3_system_errno(db) : 0;
  const int primary = code & 0xff;
  if (system_error != 0 && IsDiskOrLock(primary) && primary != SQLITE_BUSY) {
    absl::StrAppend(&message, ", ", std::strerror(system_error));
  }
  absl::StrAppend(&message, ")");
  if (IsDiskOrLock(primary)) {
    absl::Status status = Error(absl::StatusCode::kUnavailable,
                                reason::kStorageUnavailable, message);
    if (code == SQLITE_IOERR_FSYNC || code == SQLITE_IOERR_DIR_FSYNC) {
      status.SetPayload(kNotSyncedPayload, absl::Cord());
    }
    return status;
  }
  if (primary == SQLITE_CORRUPT || primary == SQLITE_NOTADB) {
    return absl::DataLossError(message);
  }
  absl::Status status = absl::InternalError(message);
  if (primary == SQLITE_CONSTRAINT) {
    status.SetPayload(kCodePayload, absl::Cord(absl::StrCat(code)));
  }
  return status;
}

absl::Status StatementStatus(sqlite3_stmt* statement, int code) {
  sqlite3* db = sqlite3_db_handle(statement);
  const char* file = sqlite3_db_filename(db, "main");
  return SqliteStatus(db, file == nullptr ? "" : file, code);
}

int KeepWalPages(void* pages, sqlite3*, const char*, int count) {
  *static_cast<int*>(pages) = count;
  return SQLITE_OK;
}

// `path` as a URI that leads to that file, whatever characters it has.
std::string FileUri(absl::string_view path, absl::string_view query) {
  std::string uri = "file:";
  for (const char c : path) {
    if (c == '%' || c == '?' || c == '#') {
      absl::StrAppend(&uri, "%", absl::Hex(c, absl::kZeroPad2));
    } else {
      uri.push_back(c);
    }
  }
  return absl::StrCat(uri, query);
}

}  // namespace

Statement::Statement(Statement&& other) noexcept
    : statement_(std::exchange(other.statement_, nullptr)),
      bind_error_(other.bind_error_) {}

Statement::~Statement() {
  // The error, if any, is that of the last step and was returned by it.
  sqlite3_reset(statement_);
}

absl::StatusOr<bool> Statement::Step() {
  if (bind_error_ != SQLITE_OK) return StatementStatus(statement_, bind_error_);
  const int code = sqlite3_step(statement_);
  if (code == SQLITE_ROW) return true;
  if (code == SQLITE_DONE) return false;
  return StatementStatus(statement_, code);
}

absl::Status Statement::Run() {
  bool more = true;
  while (more) {
    ATTUNE_ASSIGN_OR_RETURN(more, Step());
  }
  return absl::OkStatus();
}

bool Statement::IsNull(int column) const {
  return sqlite3_column_type(statement_, column) == SQLITE_NULL;
}

int64_t Statement::Int(int column) const {
  return sqlite3_column_int64(statement_, column);
}

double Statement::Real(int column) const {
  return sqlite3_column_double(statement_, column);
}

absl::string_view Statement::Text(int column) const {
  const auto* text = sqlite3_column_text(statement_, column);
  if (text == nullptr) return "";
  return absl::string_view(
      reinterpret_cast<const char*>(text),
      static_cast<size_t>(sqlite3_column_bytes(statement_, column)));
}

std::optional<int64_t> Statement::OptionalInt(int column) const {
  if (IsNull(column)) return std::nullopt;
  return Int(column);
}

std::optional<std::string> Statement::OptionalString(int column) const {
  if (IsNull(column)) return std::nullopt;
  return String(column);
}

std::optional<absl::Time> Statement::OptionalTime(int column) const {
  if (IsNull(column)) return std::nullopt;
  return Time(column);
}

void Statement::BindInt(int index, int64_t value) {
  const int code = sqlite3_bind_int64(statement_, index, value);
  if (bind_error_ == SQLITE_OK) bind_error_ = code;
}

void Statement::BindOne(int index, double value) {
  const int code = sqlite3_bind_double(statement_, index, value);
  if (bind_error_ == SQLITE_OK) bind_error_ = code;
}

void Statement::BindOne(int index, absl::string_view value) {
  // A null pointer would bind NULL; an empty view may have one.
  const char* data = value.empty() ? "" : value.data();
  const int code = sqlite3_bind_text64(statement_, index, data, value.size(),
                                       SQLITE_TRANSIENT, SQLITE_UTF8);
  if (bind_error_ == SQLITE_OK) bind_error_ = code;
}

void Statement::BindOne(int index, std::nullopt_t) {
  const int code = sqlite3_bind_null(statement_, index);
  if (bind_error_ == SQLITE_OK) bind_error_ = code;
}

BrokenRule WhichRule(const absl::Status& status) {
  const auto payload = status.GetPayload(kCodePayload);
  if (!payload.has_value()) return BrokenRule::kNone;
  if (*payload == absl::StrCat(SQLITE_CONSTRAINT_UNIQUE)) {
    return BrokenRule::kUnique;
  }
  if (*payload == absl::StrCat(SQLITE_CONSTRAINT_PRIMARYKEY) ||
      *payload == absl::StrCat(SQLITE_CONSTRAINT_ROWID)) {
    return BrokenRule::kPrimaryKey;
  }
  if (*payload == absl::StrCat(SQLITE_CONSTRAINT_FOREIGNKEY)) {
    return BrokenRule::kForeignKey;
  }
  return BrokenRule::kCheck;
}

bool MayComeBack(const absl::Status& status) {
  return status.GetPayload(kNotSyncedPayload).has_value();
}

absl::StatusOr<std::unique_ptr<Database>> Database::Open(
    const std::string& path, DatabaseMode mode, absl::Duration busy_timeout,
    const std::string& vfs) {
  // `./` keeps SQLite from reading `file:x` and `:memory:` as anything else
  // than names of files.
  const std::string name =
      absl::StartsWith(path, "/") ? path : absl::StrCat("./", path);
  // One thread at a time: the connection's own mutex is not needed.
  int flags = SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE;
  flags |= mode == DatabaseMode::kReadWrite
               ? SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE
               : SQLITE_OPEN_READONLY;
  const char* vfs_name = vfs.empty() ? nullptr : vfs.c_str();
  sqlite3* db = nullptr;
  const int code = mode == DatabaseMode::kImmutable
                       ? sqlite3_open_v2(FileUri(name, "?immutable=1").c_str(),
                                         &db, flags | SQLITE_OPEN_URI, vfs_name)
                       : sqlite3_open_v2(name.c_str(), &db, flags, vfs_name);
  if (code != SQLITE_OK) {
    absl::Status status = SqliteStatus(db, path, code);
    sqlite3_close(db);
    return status;
  }
  auto database = std::unique_ptr<Database>(new Database(path, db));
  database->SetBusyTimeout(busy_timeout);
  return database;
}

Database::Database(std::string path, sqlite3* db)
    : path_(std::move(path)), db_(db) {
  // Instead of SQLite's automatic checkpoints.
  sqlite3_wal_hook(db_, &KeepWalPages, &wal_pages_);
}

Database::~Database() {
  for (const auto& [sql, statement] : statements_) {
    sqlite3_finalize(statement);
  }
  ATTUNE_CHECK(sqlite3_close(db_) == SQLITE_OK);
}

absl::Status Database::Failure(int code) const {
  return SqliteStatus(db_, path_, code);
}

absl::Status Database::Execute(const std::string& script) {
  const int code = sqlite3_exec(db_, script.c_str(), nullptr, nullptr, nullptr);
  return code == SQLITE_OK ? absl::OkStatus() : Failure(code);
}

absl::StatusOr<Statement> Database::Prepare(const char* sql) {
  sqlite3_stmt*& statement = statements_[sql];
  if (statement == nullptr) {
    const int code = sqlite3_prepare_v3(db_, sql, -1, SQLITE_PREPARE_PERSISTENT,
                                        &statement, nullptr);
    if (code != SQLITE_OK) {
      statements_.erase(sql);
      return Failure(code);
    }
  }
  ATTUNE_CHECK(sqlite3_stmt_busy(statement) == 0);
  return Statement(statement);
}

absl::StatusOr<int64_t> Database::QueryInt(const char* sql) {
  ATTUNE_ASSIGN_OR_RETURN(Statement statement, Prepare(sql));
  ATTUNE_ASSIGN_OR_RETURN(const bool row, statement.Step());
  if (!row) {
    return absl::InternalError(absl::StrCat(path_, ": no row for: ", sql));
  }
  return statement.Int(0);
}

bool Database::read_only() const {
  return sqlite3_db_readonly(db_, "main") == 1;
}

bool Database::in_transaction() const {
  return sqlite3_get_autocommit(db_) == 0;
}

int64_t Database::changes() const { return sqlite3_changes64(db_); }

absl::StatusOr<bool> Database::Checkpoint(bool restart) {
  int in_log = 0;
  int copied = 0;
  const int code = sqlite3_wal_checkpoint_v2(
      db_, "main",
      restart ? SQLITE_CHECKPOINT_RESTART : SQLITE_CHECKPOINT_PASSIVE, &in_log,
      &copied);
  if ((code & 0xff) == SQLITE_BUSY) return false;
  if (code != SQLITE_OK) return Failure(code);
  return in_log == copied;
}

void Database::GatherLogWrites() {
  ATTUNE_CHECK(wal_pages_ > 0);
  sqlite3_file* log = nullptr;
  const int code =
      sqlite3_file_control(db_, "main", SQLITE_FCNTL_JOURNAL_POINTER, &log);
  ATTUNE_CHECK(code == SQLITE_OK && log != nullptr && log->pMethods != nullptr);
  attune::GatherLogWrites(log);
}

void Database::SetBusyTimeout(absl::Duration timeout) {
  sqlite3_busy_timeout(db_,
                       static_cast<int>(absl::ToInt64Milliseconds(timeout)));
}

absl::StatusOr<Transaction> Transaction::Begin(Database& db, Kind kind) {
  ATTUNE_ASSIGN_OR_RETURN(
      Statement begin,
      db.Prepare(kind == Kind::kWrite ? "BEGIN IMMEDIATE" : "BEGIN"));
  ATTUNE_RETURN_IF_ERROR(begin.Run());
  return Transaction(&db);
}

Transaction::Transaction(Transaction&& other) noexcept
    : db_(std::exchange(other.db_, nullptr)) {}

Transaction::~Transaction() {
  // After some errors SQLite has rolled back by itself. A rollback cannot fail
  // otherwise, and the next transaction would say so if it did.
  if (db_ == nullptr || !db_->in_transaction()) return;
  absl::StatusOr<Statement> rollback = db_->Prepare("ROLLBACK");
  if (rollback.ok()) rollback->Run().IgnoreError();
}

absl::Status Transaction::Commit() {
  ATTUNE_CHECK(db_ != nullptr);
  {
    ATTUNE_ASSIGN_OR_RETURN(Statement commit, db_->Prepare("COMMIT"));
    ATTUNE_RETURN_IF_ERROR(commit.Run());
  }
  db_ = nullptr;
  return absl::OkStatus();
}

}  // namespace attune

#include "storage/sqlite_storage.h"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <system_error>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "core/error.h"
#include "core/log.h"
#include "core/status_macros.h"
#include "storage/measurement_rows.h"
#include "storage/migrations.h"
#include "storage/storage_errors.h"
#include "storage/study_rows.h"
#include "storage/trial_rows.h"

namespace attune {
namespace {

namespace fs = std::filesystem;

// How long a commit waits for readers once the log has grown too long.
constexpr absl::Duration kReaderPatience = absl::Milliseconds(500);

// Which file has that name now; of no file if there is none.
std::pair<dev_t, ino_t> FileId(const std::string& path) {
  struct stat status = {};
  if (stat(path.c_str(), &status) != 0) return {};
  return {status.st_dev, status.st_ino};
}

fs::path DirectoryOf(const std::string& path) {
  const fs::path directory = fs::path(path).parent_path();
  return directory.empty() ? fs::path(".") : directory;
}

// As `errno` says.
absl::Status Denied(const std::string& path, absl::string_view what) {
  const int error = errno;
  return absl::PermissionDeniedError(absl::StrCat(
      "opening ", path, ": ", what, ": ", std::strerror(error),
      error == EROFS ? "; attuned --read-only serves what can be read only"
                     : ""));
}

// What is there in place of a file that can be read from any place; empty if
// there is one, or nothing. Opening some of these waits without end.
absl::string_view NoFile(fs::file_type type) {
  switch (type) {
    case fs::file_type::fifo:
      return "a named pipe";
    case fs::file_type::socket:
      return "a socket";
    case fs::file_type::character:
    case fs::file_type::block:
      return "a device";
    default:
      return "";
  }
}

// Says what is wrong with the path itself, in clearer words than SQLite's.
absl::Status CheckPath(const std::string& path, const SqliteOptions& options) {
  const std::string directory = DirectoryOf(path).string();
  std::error_code error;
  if (!fs::is_directory(directory, error)) {
    return absl::NotFoundError(
        absl::StrCat("opening ", path, ": there is no directory ", directory));
  }
  if (fs::is_directory(path, error)) {
    return absl::FailedPreconditionError(
        absl::StrCat("opening ", path, ": it is a directory, expected a file"));
  }
  const fs::file_type type = fs::status(path, error).type();
  if (const absl::string_view found = NoFile(type); !found.empty()) {
    return absl::FailedPreconditionError(
        absl::StrCat("opening ", path, ": found ", found, ", expected a file"));
  }
  if (!fs::exists(path, error)) {
    if (options.read_only) {
      return absl::NotFoundError(
          absl::StrCat("opening ", path, ": there is no such file"));
    }
    if (eaccess(directory.c_str(), W_OK | X_OK) != 0) {
      return Denied(path, absl::StrCat("creating it in ", directory));
    }
    return absl::OkStatus();
  }
  if (eaccess(path.c_str(), R_OK) != 0) return Denied(path, "reading it");
  if (options.read_only) return absl::OkStatus();
  if (eaccess(path.c_str(), W_OK) != 0) return Denied(path, "writing it");
  if (eaccess(directory.c_str(), W_OK | X_OK) != 0) {
    return Denied(path, absl::StrCat("writing beside it in ", directory));
  }
  return absl::OkStatus();
}

// Takes the next place in the log, and changes nothing.
absl::Status CommitNothing(Database& db) {
  ATTUNE_ASSIGN_OR_RETURN(Transaction transaction,
                          Transaction::Begin(db, Transaction::Kind::kWrite));
  ATTUNE_RETURN_IF_ERROR(db.Execute(
      absl::StrCat("PRAGMA user_version = ", Migrations().back().version)));
  return transaction.Commit();
}

// What a process that died has left may be in memory only, and for good if a
// sync of it failed: frames of the log, then played over a file that is newer,
// and even the first page of the file, and SQLite deletes the log of a file
// that is empty. So all goes to the file once more, and the log begins anew.
absl::Status BeginLogAnew(Database& db) {
  ATTUNE_RETURN_IF_ERROR(db.Checkpoint(/*restart=*/true).status());
  return CommitNothing(db);
}

absl::StatusOr<std::unique_ptr<Database>> OpenWriter(
    const std::string& path, const SqliteOptions& options) {
  ATTUNE_ASSIGN_OR_RETURN(std::unique_ptr<Database> db,
                          Database::Open(path, DatabaseMode::kReadWrite,
                                         options.busy_timeout, options.vfs));
  // Refuses another program's file before anything in it is changed.
  ATTUNE_RETURN_IF_ERROR(SchemaVersion(*db, Migrations()).status());
  ATTUNE_RETURN_IF_ERROR(
      // EXTRA: the switch to WAL is a transaction with a journal, and that must
      // not come back after a power cut, to take back all that followed it.
      db->Execute("PRAGMA synchronous = EXTRA;"
                  "PRAGMA journal_mode = WAL;"
                  "PRAGMA synchronous = FULL;"
                  "PRAGMA foreign_keys = ON;"
                  "PRAGMA secure_delete = OFF;"
                  "PRAGMA journal_size_limit = 67108864;"
                  "PRAGMA cache_size = -16384;"
                  "PRAGMA temp_store = MEMORY"));
  ATTUNE_RETURN_IF_ERROR(Migrate(*db, Migrations()));
  ATTUNE_RETURN_IF_ERROR(BeginLogAnew(*db));
  // A file system that has no shared memory has no log either.
  if (db->wal_pages() > 0) db->GatherLogWrites();
  return db;
}

// Whether a reader that is not allowed to make the log's files beside `path`
// may do without them: nobody writes the file, for there is no log.
bool MayBeImmutable(const std::string& path) {
  std::error_code error;
  return eaccess(DirectoryOf(path).c_str(), W_OK) != 0 &&
         !fs::exists(absl::StrCat(path, "-wal"), error);
}

absl::Status CheckReadable(const std::string& path, DatabaseMode mode,
                           const SqliteOptions& options) {
  ATTUNE_ASSIGN_OR_RETURN(
      std::unique_ptr<Database> db,
      Database::Open(path, mode, options.busy_timeout, options.vfs));
  ATTUNE_ASSIGN_OR_RETURN(const int64_t version,
                          SchemaVersion(*db, Migrations()));
  const int64_t newest = Migrations().back().version;
  if (version == newest) return absl::OkStatus();
  if (version == 0) {
    return absl::FailedPreconditionError(absl::StrCat(
        path,
        " is empty, expected a database of Attune; one that writes makes "
        "it one: `attune run`, `attune create` or attuned"));
  }
  return absl::FailedPreconditionError(absl::StrCat(
      path, " has schema version ", version, " and this program reads version ",
      newest, "; open it once for writing to bring it up to date"));
}

}  // namespace

absl::StatusOr<std::unique_ptr<SqliteStorage>> SqliteStorage::Open(
    const std::string& path, const SqliteOptions& options) {
  if (options.vfs.empty()) ATTUNE_RETURN_IF_ERROR(CheckPath(path, options));
  DatabaseMode reading = DatabaseMode::kReadOnly;
  std::unique_ptr<Database> writer;
  absl::Status status;
  if (options.read_only) {
    if (options.vfs.empty() && MayBeImmutable(path)) {
      reading = DatabaseMode::kImmutable;
    }
    status = CheckReadable(path, reading, options);
  } else {
    absl::StatusOr<std::unique_ptr<Database>> opened =
        OpenWriter(path, options);
    status = opened.status();
    if (opened.ok()) writer = *std::move(opened);
  }
  if (!status.ok()) return Annotate(status, absl::StrCat("opening ", path));
  return std::unique_ptr<SqliteStorage>(
      new SqliteStorage(path, options, reading, std::move(writer)));
}

absl::Status SqliteStorage::CheckFile(const std::string& path) {
  const SqliteOptions options;
  ATTUNE_RETURN_IF_ERROR(CheckPath(path, options));
  std::error_code error;
  // With a log, the file alone may be half of the truth.
  if (!fs::exists(path, error) ||
      fs::exists(absl::StrCat(path, "-wal"), error)) {
    return absl::OkStatus();
  }
  const absl::StatusOr<std::unique_ptr<Database>> db = Database::Open(
      path, DatabaseMode::kImmutable, options.busy_timeout, options.vfs);
  const absl::Status status =
      db.ok() ? SchemaVersion(**db, Migrations()).status() : db.status();
  return status.ok() ? status
                     : Annotate(status, absl::StrCat("opening ", path));
}

SqliteStorage::SqliteStorage(std::string path, const SqliteOptions& options,
                             DatabaseMode reading,
                             std::unique_ptr<Database> writer)
    : path_(std::move(path)),
      options_(options),
      writer_(std::move(writer)),
      readers_({.path = path_,
                .mode = reading,
                .max_readers = options.max_readers,
                .busy_timeout = options.busy_timeout,
                .vfs = options.vfs}),
      file_id_(options.vfs.empty() ? FileId(path_) : std::pair<dev_t, ino_t>()),
      next_checkpoint_(options.checkpoint_pages) {}

SqliteStorage::~SqliteStorage() {
  MutexLock lock(&mutex_);
  if (writer_ == nullptr) return;
  // Best effort: the log is as durable as the file.
  const absl::StatusOr<bool> copied = writer_->Checkpoint(/*restart=*/false);
  if (!copied.ok()) {
    Log(LogLevel::kWarning, "checkpoint_failed",
        {{"error", std::string(copied.status().message())}});
  }
}

absl::Status SqliteStorage::CheckStillThere() const {
  if (!options_.vfs.empty() || FileId(path_) == file_id_) {
    return absl::OkStatus();
  }
  return Error(absl::StatusCode::kUnavailable, reason::kStorageUnavailable,
               absl::StrCat(path_,
                            " was removed or replaced while it is in use; what "
                            "is written to it would be lost. Put it back, or "
                            "end this program"));
}

absl::Status SqliteStorage::Commit(const WriteBatch& batch) {
  MutexLock lock(&mutex_);
  if (writer_ == nullptr) return OpenedReadOnly(path_);
  if (batch.empty()) return absl::OkStatus();
  ATTUNE_RETURN_IF_ERROR(CheckStillThere());
  ATTUNE_ASSIGN_OR_RETURN(
      Transaction transaction,
      Transaction::Begin(*writer_, Transaction::Kind::kWrite));
  ATTUNE_RETURN_IF_ERROR(Write(batch));
  if (absl::Status status = transaction.Commit(); !status.ok()) {
    if (MayComeBack(status)) in_doubt_ = true;
    return status;
  }
  in_doubt_ = false;
  RememberSpecs(batch);
  CheckpointIfLarge();
  return absl::OkStatus();
}

absl::Status SqliteStorage::Write(const WriteBatch& batch) {
  for (const StudyId id : batch.deleted_studies) {
    ATTUNE_RETURN_IF_ERROR(DeleteStudy(*writer_, id));
  }
  for (const Study& study : batch.studies) {
    ATTUNE_RETURN_IF_ERROR(WriteStudy(*writer_, study, SameSpec(study)));
  }
  for (const Trial& trial : batch.trials) {
    ATTUNE_RETURN_IF_ERROR(WriteTrial(*writer_, trial));
  }
  for (const TrialMeasurements& measurements : batch.measurements) {
    ATTUNE_RETURN_IF_ERROR(WriteMeasurements(*writer_, measurements));
  }
  return absl::OkStatus();
}

bool SqliteStorage::SameSpec(const Study& study) const {
  // A revision is stored once, so nobody else can have stored another spec
  // under the one that this process committed.
  const auto known = specs_.find(study.id);
  return known != specs_.end() &&
         known->second.revision == study.revision - 1 &&
         known->second.spec == study.spec;
}

void SqliteStorage::RememberSpecs(const WriteBatch& batch) {
  for (const StudyId id : batch.deleted_studies) specs_.erase(id);
  for (const Study& study : batch.studies) {
    CommittedSpec& known = specs_[study.id];
    known.revision = study.revision;
    if (!(known.spec == study.spec)) known.spec = study.spec;
  }
}

void SqliteStorage::CheckpointIfLarge() {
  const int pages = writer_->wal_pages();
  if (pages < last_wal_pages_) {
    next_checkpoint_ = options_.checkpoint_pages;  // the log began anew
  }
  last_wal_pages_ = pages;
  if (pages < next_checkpoint_) return;
  next_checkpoint_ = pages + options_.checkpoint_pages;
  absl::StatusOr<bool> copied = false;
  if (pages < options_.restart_pages) {
    copied = writer_->Checkpoint(/*restart=*/false);
  } else {
    // Readers of other processes get no more patience than ours.
    writer_->SetBusyTimeout(kReaderPatience);
    readers_.RunAlone(kReaderPatience, [&]() ABSL_NO_THREAD_SAFETY_ANALYSIS {
      copied = writer_->Checkpoint(/*restart=*/true);
    });
    writer_->SetBusyTimeout(options_.busy_timeout);
  }
  if (!copied.ok()) {
    Log(LogLevel::kWarning, "checkpoint_failed",
        {{"error", std::string(copied.status().message())}});
  }
}

absl::Status SqliteStorage::EndDoubt() const {
  if (!in_doubt_) return absl::OkStatus();
  MutexLock lock(&mutex_);
  if (!in_doubt_) return absl::OkStatus();
  // A commit that changes nothing takes the other's place in the log.
  ATTUNE_ASSIGN_OR_RETURN(
      Transaction transaction,
      Transaction::Begin(*writer_, Transaction::Kind::kWrite));
  ATTUNE_RETURN_IF_ERROR(writer_->Execute(
      absl::StrCat("PRAGMA user_version = ", Migrations().back().version)));
  ATTUNE_RETURN_IF_ERROR(transaction.Commit());
  in_doubt_ = false;
  return absl::OkStatus();
}

absl::StatusOr<StudyId> SqliteStorage::NextStudyId() {
  MutexLock lock(&mutex_);
  if (writer_ == nullptr) return OpenedReadOnly(path_);
  ATTUNE_ASSIGN_OR_RETURN(const StudyId last, LastStudyId(*writer_));
  last_id_given_ = {std::max(last, last_id_given_).value + 1};
  return last_id_given_;
}

absl::StatusOr<std::vector<Study>> SqliteStorage::ListStudies(
    const StudyFilter& filter) const {
  ATTUNE_RETURN_IF_ERROR(EndDoubt());
  ATTUNE_ASSIGN_OR_RETURN(const auto lease, readers_.Borrow());
  ATTUNE_ASSIGN_OR_RETURN(
      const Transaction whole,
      Transaction::Begin(lease.db(), Transaction::Kind::kRead));
  return ReadStudies(lease.db(), filter);
}

absl::StatusOr<std::vector<Trial>> SqliteStorage::ListTrials(
    const TrialFilter& filter) const {
  ATTUNE_RETURN_IF_ERROR(EndDoubt());
  ATTUNE_ASSIGN_OR_RETURN(const auto lease, readers_.Borrow());
  ATTUNE_ASSIGN_OR_RETURN(
      const Transaction whole,
      Transaction::Begin(lease.db(), Transaction::Kind::kRead));
  return ReadTrials(lease.db(), filter);
}

absl::StatusOr<std::vector<TrialMeasurements>> SqliteStorage::ListMeasurements(
    const MeasurementFilter& filter) const {
  ATTUNE_RETURN_IF_ERROR(EndDoubt());
  ATTUNE_ASSIGN_OR_RETURN(const auto lease, readers_.Borrow());
  ATTUNE_ASSIGN_OR_RETURN(
      const Transaction whole,
      Transaction::Begin(lease.db(), Transaction::Kind::kRead));
  return ReadMeasurements(lease.db(), filter);
}

absl::StatusOr<StateCounts> SqliteStorage::CountTrials(StudyId study) const {
  ATTUNE_RETURN_IF_ERROR(EndDoubt());
  ATTUNE_ASSIGN_OR_RETURN(const auto lease, readers_.Borrow());
  return ReadCounts(lease.db(), study);
}

}  // namespace attune

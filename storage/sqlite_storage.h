#ifndef ATTUNE_STORAGE_SQLITE_STORAGE_H_
#define ATTUNE_STORAGE_SQLITE_STORAGE_H_

#include <sys/types.h>

#include <atomic>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "core/ids.h"
#include "core/mutex.h"
#include "core/study.h"
#include "core/trial.h"
#include "storage/sqlite_db.h"
#include "storage/sqlite_readers.h"
#include "storage/storage.h"

namespace attune {

struct SqliteOptions {
  // Commit() and NextStudyId() answer FAILED_PRECONDITION, and the file must
  // exist. Another process may write it meanwhile.
  bool read_only = false;
  int max_readers = 4;  // connections for reading, opened as needed
  absl::Duration busy_timeout = absl::Seconds(5);  // for another process's lock
  // Pages of the write-ahead log (4 KiB each) after which it is copied into the
  // file, and after which a commit waits for readers so that the log can begin
  // anew, instead of growing for as long as there is always one.
  int checkpoint_pages = 4000;
  int restart_pages = 16000;
  // What SQLite reads and writes files with; empty: the system's. Tests pass
  // disks that fail; what is wrong with a path is then said in their words.
  std::string vfs;
};

// Storage in one SQLite file (docs/storage.md has the schema), in WAL mode with
// synchronous=FULL: one connection writes, a few read beside it and never wait
// for it. Thread-safe.
class SqliteStorage : public Storage {
 public:
  // Opens `path`; creates it if there is none, and brings an older schema up to
  // date, unless `read_only`. Errors: NOT_FOUND if the directory, or when
  // reading the file, is not there; PERMISSION_DENIED; FAILED_PRECONDITION if
  // the file belongs to another program, is newer than this one (the message
  // names both versions), or needs an update that a reader may not do;
  // DATA_LOSS if it is no database; UNAVAILABLE as all of Storage.
  static absl::StatusOr<std::unique_ptr<SqliteStorage>> Open(
      const std::string& path, const SqliteOptions& options = {});

  // Whether Open() may find its own file at `path`, or none, as far as that can
  // be seen without leaving a trace: an error, as Open() has it, if the file is
  // another program's.
  static absl::Status CheckFile(const std::string& path);

  // Copies the write-ahead log into the file and closes it.
  ~SqliteStorage() override;

  absl::Status Commit(const WriteBatch& batch) override;
  absl::StatusOr<StudyId> NextStudyId() override;
  absl::StatusOr<std::vector<Study>> ListStudies(
      const StudyFilter& filter) const override;
  absl::StatusOr<std::vector<Trial>> ListTrials(
      const TrialFilter& filter) const override;
  absl::StatusOr<std::vector<TrialMeasurements>> ListMeasurements(
      const MeasurementFilter& filter) const override;
  absl::StatusOr<StateCounts> CountTrials(StudyId study) const override;

 private:
  // What this process committed last for a study, so that a commit that only
  // moves its state need not write the spec again.
  // UNAVAILABLE if the file's name stands for another file, or none: what is
  // committed then is gone with this process.
  absl::Status CheckStillThere() const;

  struct CommittedSpec {
    int64_t revision = 0;
    StudySpec spec;
  };

  SqliteStorage(std::string path, const SqliteOptions& options,
                DatabaseMode reading, std::unique_ptr<Database> writer);

  absl::Status Write(const WriteBatch& batch)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  bool SameSpec(const Study& study) const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void RememberSpecs(const WriteBatch& batch)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void CheckpointIfLarge() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  // Before a read: what the read does not see must not come back.
  absl::Status EndDoubt() const;

  const std::string path_;
  const SqliteOptions options_;
  mutable Mutex mutex_;
  // nullptr: read-only. Stands before the readers, so that it closes after
  // them: only a writer that is the last to close folds the log into the file.
  const std::unique_ptr<Database> writer_ ABSL_PT_GUARDED_BY(mutex_);
  mutable SqliteReaders readers_;
  // The last commit failed and may come back. Changed under mutex_ only.
  mutable std::atomic<bool> in_doubt_ = false;
  std::map<StudyId, CommittedSpec> specs_ ABSL_GUARDED_BY(mutex_);
  StudyId last_id_given_ ABSL_GUARDED_BY(mutex_);
  int last_wal_pages_ ABSL_GUARDED_BY(mutex_) = 0;
  const std::pair<dev_t, ino_t> file_id_;        // when it was opened
  int next_checkpoint_ ABSL_GUARDED_BY(mutex_);  // in pages of the log
};

}  // namespace attune

#endif  // ATTUNE_STORAGE_SQLITE_STORAGE_H_
